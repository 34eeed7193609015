public import GitOpsTypes

/// The id of a commit, or the beginning of one: at least seven digits, as fewer are soon those of several objects.
public struct CommitAbbreviation: Hashable, Sendable {
    /// In lower case.
    public let digits: String

    /// What an abbreviation stands for in a repository.
    public enum Meaning: Hashable, Sendable {
        case found(CommitID)
        /// No object is called so, or one that leads to no commit.
        case nothing
        /// More objects than one.
        case several
    }

    /// Nil unless `text` is hexadecimal digits, at least seven of them.
    public init?(_ text: some StringProtocol) {
        guard Self.isHexadecimal(text), text.utf8.count >= 7 else { return nil }
        digits = text.lowercased()
    }

    /// Whether people take `text` for the id of an object: hexadecimal digits, at least four, which Git takes for one.
    public static func isHexadecimal(_ text: some StringProtocol) -> Bool {
        text.utf8.count >= 4
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
