/// A pattern with `*` and `?`.
struct PathGlob {
    private let pattern: GlobRow<Character>

    init(_ pattern: [Character]) {
        self.pattern = GlobRow(
            pattern.map { sign in
                switch sign {
                case "*": .any
                case "?": .one { _ in true }
                case _: .one { $0 == sign }
                }
            })
    }

    func matches(_ text: some Collection<Character>) -> Bool { pattern.matches(text) }

    /// How many characters of a text, from the first on, it matches: in order.
    func lengths(ofPrefixesOf text: some Collection<Character>) -> [Int] { pattern.lengths(ofPrefixesOf: text) }
}

/// A pattern of paths: `*` and `?` within a part, and `**` for any parts.
public struct PartedGlob {
    private let pattern: GlobRow<String>

    public init(_ text: String) {
        pattern = GlobRow(
            text.split(separator: "/").map { part in
                if part == "**" { return .any }
                let glob = PathGlob(Array(part))
                return .one { glob.matches($0) }
            })
    }

    /// - Parameter parts: of a path, from the root down.
    public func matches(_ parts: [String]) -> Bool { pattern.matches(parts) }
}

/// A pattern of elements, matched in as many steps as the pattern is long for each element.
private struct GlobRow<Element> {
    enum Sign {
        /// Any number of elements.
        case any
        case one((Element) -> Bool)
    }

    let pattern: [Sign]

    init(_ pattern: [Sign]) { self.pattern = pattern }

    func matches(_ elements: some Collection<Element>) -> Bool { lengths(ofPrefixesOf: elements).last == elements.count }

    /// How many elements, from the first on, it matches: in order.
    func lengths(ofPrefixesOf elements: some Collection<Element>) -> [Int] {
        var lengths: [Int] = []
        // One row of "the first n of the pattern match what was read so far" for each element.
        var row = [true]
        for sign in pattern {
            if case .any = sign { row.append(row[row.count - 1]) } else { row.append(false) }
        }
        if row[row.count - 1] { lengths.append(0) }
        for (length, element) in elements.enumerated() {
            var next = [false]
            for (index, sign) in pattern.enumerated() {
                switch sign {
                case .any: next.append(next[index] || row[index + 1])
                case .one(let isMatch): next.append(row[index] && isMatch(element))
                }
            }
            row = next
            if row[row.count - 1] { lengths.append(length + 1) }
        }
        return lengths
    }
}
