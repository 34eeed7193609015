/// Reads the length-prefixed fields of SSH's binary format (RFC 4251 §5).
struct SSHWireReader {
    private var bytes: ArraySlice<UInt8>

    struct Truncated: Error {}

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)[...]
    }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func byte() throws(Truncated) -> UInt8 {
        guard let byte = bytes.popFirst() else { throw Truncated() }
        return byte
    }

    mutating func uint32() throws(Truncated) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 8 | UInt32(try byte()) }
        return value
    }

    mutating func raw(_ count: Int) throws(Truncated) -> [UInt8] {
        guard bytes.count >= count else { throw Truncated() }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    mutating func string() throws(Truncated) -> [UInt8] {
        try raw(Int(try uint32()))
    }

    mutating func text() throws(Truncated) -> String {
        guard let text = String(validating: try string(), as: UTF8.self) else { throw Truncated() }
        return text
    }

    /// A non-negative integer, big-endian without leading zeros, padded to `width` bytes where given.
    mutating func integer(width: Int? = nil) throws(Truncated) -> [UInt8] {
        let digits = Array(try string().drop { $0 == 0 })
        guard let width else { return digits }
        guard digits.count <= width else { throw Truncated() }
        return [UInt8](repeating: 0, count: width - digits.count) + digits
    }
}

extension [UInt8] {
    /// The bytes as an SSH string: their count in four bytes, then themselves.
    var sshString: [UInt8] {
        let count = UInt32(self.count)
        return [UInt8(count >> 24), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)] + self
    }
}
