/// A pattern with `*` and `?`.
struct PathGlob {
    private let pattern: [Character]

    init(_ pattern: [Character]) {
        self.pattern = pattern
    }

    func matches(_ text: Substring) -> Bool { lengths(ofPrefixesOf: text).last == text.count }

    /// How many characters of a text, from the first on, it matches: in order.
    func lengths(ofPrefixesOf text: Substring) -> [Int] {
        var lengths: [Int] = []
        // One row of "the first n of the pattern match what was read so far" for each character.
        var row = [true]
        for sign in pattern { row.append(sign == "*" && row[row.count - 1]) }
        if row[row.count - 1] { lengths.append(0) }
        for (length, character) in text.enumerated() {
            var next = [false]
            for (index, sign) in pattern.enumerated() {
                switch sign {
                case "*": next.append(next[index] || row[index + 1])
                case "?": next.append(row[index])
                case _: next.append(row[index] && sign == character)
                }
            }
            row = next
            if row[row.count - 1] { lengths.append(length + 1) }
        }
        return lengths
    }
}
