/// The SHA-1 name of a Git object, typed by what it names so that a tree is never passed where a commit is meant.
///
/// Source: git-hash-object(1); promote opens SHA-1 repositories only.
public struct ObjectID<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// How many bytes a name has.
    public static var byteCount: Int { 20 }

    // Its bytes as big-endian numbers: histories have millions of names, and these need no memory of their own.
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    /// Nil unless `hex` is exactly 40 hexadecimal digits; upper case is folded.
    public init?(_ hex: some StringProtocol) {
        // Of one type, so that the loop is compiled for it: histories have millions of names.
        let digits = String(hex).utf8
        guard digits.count == 2 * Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var count = 0
        for digit in digits {
            guard let value = digit.hexadecimalValue else { return nil }
            switch count {
            case 0..<16: words.0 = words.0 << 4 | UInt64(value)
            case 16..<32: words.1 = words.1 << 4 | UInt64(value)
            default: words.2 = words.2 << 4 | UInt64(value)
            }
            count += 1
        }
        (high, middle, low) = (words.0, words.1, UInt32(words.2))
    }

    /// - Parameter bytes: exactly `byteCount` of them.
    public init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount, "an object's name has \(Self.byteCount) bytes")
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        middle = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    /// Writes the bytes of the name to `buffer`, which has room for them.
    public func copyBytes(to buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBytes(of: high.bigEndian, as: UInt64.self)
        buffer.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
        buffer.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
    }

    /// 40 lower-case hexadecimal digits.
    public var hex: String {
        withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { buffer in
            copyBytes(to: buffer)
            return buffer.hexadecimal
        }
    }

    /// The first ten digits, for people.
    public var short: String { String(hex.prefix(10)) }
    public var description: String { hex }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
    }
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

    /// Whether the byte is an ASCII letter.
    package var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }

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
