/// A list of patterns as OpenSSH has them: `*` for any characters, `?` for one, and `!` in front of what must not match.
///
/// Source: ssh_config(5), PATTERNS. A list matches when one of its patterns does and none of its negated ones.
public struct PatternList: Hashable, Sendable {
    private let patterns: [[UInt8]]

    public init(_ text: String) {
        patterns = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Whether it has nothing that could ever match.
    var isEmpty: Bool { patterns.allSatisfy { $0.isEmpty || $0.first == UInt8(ascii: "!") } }

    public func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var isFound = false
        for pattern in patterns {
            if pattern.first == UInt8(ascii: "!") {
                if Self.matches(bytes, pattern.dropFirst()) { return false }
            } else if Self.matches(bytes, pattern[...]) {
                isFound = true
            }
        }
        return isFound
    }

    /// Goes back to the last star only, so that no pattern takes longer than the product of both lengths.
    private static func matches(_ text: [UInt8], _ pattern: ArraySlice<UInt8>) -> Bool {
        let pattern = Array(pattern)
        var (place, wanted) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while place < text.count {
            if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "*") {
                star = (wanted, place)
                wanted += 1
            } else if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "?") || pattern[wanted] == text[place] {
                (place, wanted) = (place + 1, wanted + 1)
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                (place, wanted) = (last.text + 1, last.pattern + 1)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
