/// Texts that are names to other programs are compared by their bytes: to Swift, as to Unicode, `é` is the same in one character and
/// in two, and to Git, Kustomize and SSH it is not.
extension String {
    /// Whether both are the same UTF-8.
    public func hasSameBytes(as other: String) -> Bool {
        // Swift's own comparison is the quickest, and what differs to Unicode differs.
        self == other && utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Feeds the bytes, so that texts of the same bytes hash alike.
    public func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // No byte of UTF-8: what follows is another text.
        hasher.combine(UInt8(0xFF))
    }
}

/// A text as a key of sets and dictionaries, which is the same as another when its bytes are.
public struct ByteText: Hashable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public static func == (left: ByteText, right: ByteText) -> Bool { left.text.hasSameBytes(as: right.text) }

    public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}
