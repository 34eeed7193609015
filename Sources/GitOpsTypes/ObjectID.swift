/// The SHA-1 name of a Git object, typed by what it names so that a tree is never passed where a commit is meant.
///
/// Source: git-hash-object(1); promote opens SHA-1 repositories only.
public struct ObjectID<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    public let hex: String

    /// Nil unless `hex` is exactly 40 hexadecimal digits; upper case is folded.
    public init?(_ hex: some StringProtocol) {
        guard hex.utf8.count == 40, hex.utf8.allSatisfy(\.isHexDigit) else { return nil }
        self.hex = hex.lowercased()
    }

    /// The first ten digits, for people.
    public var short: String { String(hex.prefix(10)) }
    public var description: String { hex }

    public static func < (left: Self, right: Self) -> Bool { left.hex < right.hex }
}

extension ObjectID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "“\(text)” is not a full Git object id")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

public enum CommitKind: Sendable {}
public enum TreeKind: Sendable {}
public enum BlobKind: Sendable {}

public typealias CommitID = ObjectID<CommitKind>
public typealias TreeID = ObjectID<TreeKind>
public typealias BlobID = ObjectID<BlobKind>

extension UInt8 {
    /// Whether the byte is an ASCII digit or a letter from a to f in either case.
    package var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether the byte is an ASCII letter or digit.
    package var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
