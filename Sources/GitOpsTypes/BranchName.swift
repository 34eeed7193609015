/// The name of a branch without `refs/heads/`, valid by the rules of git-check-ref-format(1).
public struct BranchName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    /// Nil when Git would refuse `refs/heads/<text>`, or when the name could be read as an option.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard !text.isEmpty, text.utf8.count <= 200, text != "@", !text.hasPrefix("-"), !text.hasPrefix("/"),
            !text.hasSuffix("/"), !text.hasSuffix("."), !text.contains(".."), !text.contains("//"),
            !text.contains("@{"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F && !"~^:?*[\\".unicodeScalars.contains($0) }),
            text.split(separator: "/").allSatisfy({ !$0.hasPrefix(".") && !$0.hasSuffix(".lock") })
        else { return nil }
        self.text = text
    }

    /// From a full ref, `refs/heads/<name>`; nil for any other.
    public init?(ref: String) {
        guard ref.hasPrefix("refs/heads/") else { return nil }
        self.init(ref.dropFirst("refs/heads/".count))
    }

    /// The full ref on the remote: `refs/heads/<text>`.
    public var ref: String { "refs/heads/\(text)" }
    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }
}

extension BranchName: ValidatedText {
    public static var noun: String { "a branch name" }
    public init?(_ text: String) { self.init(text[...]) }
}
