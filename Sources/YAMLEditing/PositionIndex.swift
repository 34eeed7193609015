import Synchronization

/// Where the lines of a text begin, so that a place in it is found without going over all that is in front of it.
struct PositionIndex: Sendable {
    /// The first byte of each line.
    private let lines: [Int]
    /// How many characters begin in front of each block of bytes.
    private let characters: [Int]
    private static let blockSize = 1024

    init(_ bytes: [UInt8]) {
        var lines = [bytes.starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0]
        var characters: [Int] = []
        characters.reserveCapacity(bytes.count / Self.blockSize + 1)
        var count = 0
        for index in bytes.indices {
            if index.isMultiple(of: Self.blockSize) { characters.append(count) }
            let byte = bytes[index]
            if byte & 0xC0 != 0x80 { count += 1 }
            let endsLine =
                byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r") && !(index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n"))
            if endsLine { lines.append(index + 1) }
        }
        self.lines = lines
        self.characters = characters
    }

    /// As `SourcePosition(of:in:)` says, for the bytes that this is the index of.
    func position(of offset: Int, in bytes: [UInt8]) -> SourcePosition {
        let end = min(offset, bytes.count)
        var (low, high) = (0, lines.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lines[middle] <= end { low = middle } else { high = middle }
        }
        let start = min(lines[low], end)
        let column = 1 + characters(before: end, in: bytes) - characters(before: start, in: bytes)
        return SourcePosition(line: low + 1, column: column)
    }

    private func characters(before offset: Int, in bytes: [UInt8]) -> Int {
        guard !characters.isEmpty else { return 0 }
        let block = min(offset / Self.blockSize, characters.count - 1)
        return bytes[(block * Self.blockSize)..<offset].reduce(characters[block]) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }
}

/// The index of a file, made when a place is first asked for: for most files that are read, none is.
final class LazyPositionIndex: Sendable {
    private let index = Mutex<PositionIndex?>(nil)

    func position(of offset: Int, in bytes: [UInt8]) -> SourcePosition {
        let known = index.withLock { index in
            let known = index ?? PositionIndex(bytes)
            index = known
            return known
        }
        return known.position(of: offset, in: bytes)
    }
}
