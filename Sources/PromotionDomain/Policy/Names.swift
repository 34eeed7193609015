public import GitOpsTypes

/// The name of an application: a DNS label, as it becomes part of branch names and release ids.
public struct ApplicationName: ValidatedText, Comparable, CustomStringConvertible {
    public let text: String
    public static var noun: String { "an application name (lower-case letters, digits and hyphens)" }

    public init?(_ text: String) {
        guard text.isDNSLabel else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// The name that a ledger goes by: that of an application, or `_environments`.
    public init?(ofLedger text: String) {
        guard text != Self.environments.text else {
            self = .environments
            return
        }
        self.init(text)
    }

    /// Whose ledger has what belongs to environments and to no application: freezes, and approvals of changes that are no
    /// promotion. No application can be called so.
    public static let environments = ApplicationName(unchecked: "_environments")

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The name of an environment: a DNS label.
public struct EnvironmentName: ValidatedText, Comparable, CustomStringConvertible {
    public let text: String
    public static var noun: String { "an environment name (lower-case letters, digits and hyphens)" }

    public init?(_ text: String) {
        guard text.isDNSLabel else { return nil }
        self.text = text
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// A person or machine that acts: the principal of allowed_signers, and Git's `user.email`.
///
/// ASCII without white space, quotes or commas, so that no two principals look alike.
public struct Principal: ValidatedText, Comparable, CustomStringConvertible {
    public let text: String
    public static var noun: String { "a principal (such as a@example.org)" }

    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 200,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\",<>\\`".utf8.contains($0) })
        else { return nil }
        self.text = text
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension String {
    /// RFC 1123: up to 63 lower-case letters, digits and inner hyphens.
    fileprivate var isDNSLabel: Bool {
        guard !isEmpty, utf8.count <= 63, !hasPrefix("-"), !hasSuffix("-") else { return false }
        return utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }
    }
}
