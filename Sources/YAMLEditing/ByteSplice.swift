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
    /// The bytes with all `splices` made at once, their ranges being of the bytes as they are now; nil when two overlap.
    public func applying(_ splices: [ByteSplice]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(count + splices.reduce(0) { $0 + $1.replacement.count })
        var position = 0
        for splice in splices.sorted(by: {
            // An insertion goes before what is removed at the same place.
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            guard splice.range.lowerBound >= position else { return nil }
            result += self[position..<splice.range.lowerBound]
            result += splice.replacement
            position = splice.range.upperBound
        }
        return result + self[position...]
    }
}
