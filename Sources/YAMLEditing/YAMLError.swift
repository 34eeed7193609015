/// What is wrong with a YAML text, and where.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// The text is no YAML.
        case syntax
        /// The bytes are no UTF-8.
        case encoding
        /// A mapping has the same key twice.
        case duplicateKey
        /// The text is larger, deeper or expands to more than a reader accepts.
        case limit
        /// The place is written in a way that cannot be edited without changing something else.
        case notEditable
    }

    public let code: Code
    public let message: String
    /// Nil when the text as a whole is meant.
    public let position: SourcePosition?

    public init(_ code: Code, _ message: String, at position: SourcePosition? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    public var description: String {
        position.map { "\($0): \(message)" } ?? message
    }
}

/// A place in a text for people: both numbers count from 1, the column in characters.
public struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The position of byte `offset` in `bytes`, lines ended by LF, CRLF or CR.
    public init(of offset: Int, in bytes: [UInt8]) {
        var line = 1
        var lineStart = bytes.starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0
        var index = lineStart
        let end = min(offset, bytes.count)
        while index < end {
            if bytes[index] == UInt8(ascii: "\n")
                || (bytes[index] == UInt8(ascii: "\r") && !(index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")))
            {
                line += 1
                lineStart = index + 1
            }
            index += 1
        }
        let column = bytes[min(lineStart, end)..<end].reduce(1) { count, byte in byte & 0xC0 == 0x80 ? count : count + 1 }
        self.init(line: line, column: column)
    }

    public var description: String { "\(line):\(column)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// EF BB BF, which some editors put before UTF-8; libyaml refuses it when the encoding is given.
let utf8ByteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
