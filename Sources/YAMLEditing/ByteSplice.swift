/// One replacement of bytes in a text.
public struct ByteSplice: Hashable, Sendable {
    /// The bytes that go; empty for an insertion.
    public let range: Range<Int>
    public let replacement: [UInt8]

    public init(_ range: Range<Int>, with replacement: String) {
        self.range = range
        self.replacement = Array(replacement.utf8)
    }

    public static func insertion(at offset: Int, _ text: String) -> ByteSplice {
        ByteSplice(offset..<offset, with: text)
    }
}

extension [UInt8] {
    /// The bytes with all `splices` made at once: their ranges are of the bytes as they are now, and must not overlap.
    public func applying(_ splices: [ByteSplice]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count + splices.reduce(0) { $0 + $1.replacement.count })
        var position = 0
        for splice in splices.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            precondition(splice.range.lowerBound >= position, "splices overlap")
            result += self[position..<splice.range.lowerBound]
            result += splice.replacement
            position = splice.range.upperBound
        }
        return result + self[position...]
    }
}
