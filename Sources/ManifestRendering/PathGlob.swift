/// A pattern with `*` and `?`.
struct PathGlob {
    private let pattern: [Character]

    init(_ pattern: [Character]) {
        self.pattern = pattern
    }

    func matches(_ text: Substring) -> Bool {
        // One row of "the first n of the pattern match what was read so far" for each character.
        var row = [true]
        for sign in pattern { row.append(sign == "*" && row[row.count - 1]) }
        for character in text {
            var next = [false]
            for (index, sign) in pattern.enumerated() {
                switch sign {
                case "*": next.append(next[index] || row[index + 1])
                case "?": next.append(row[index])
                case _: next.append(row[index] && sign == character)
                }
            }
            row = next
        }
        return row[row.count - 1]
    }
}
