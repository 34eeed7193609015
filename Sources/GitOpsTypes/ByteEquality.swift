/// Texts that are names to other programs are compared by their bytes: to Swift, as to Unicode, `é` is the same in one character and
/// in two, and to Git, Kustomize and SSH it is not.
extension String {
    /// Whether both are the same UTF-8.
    public func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Feeds the bytes, so that texts of the same bytes hash alike.
    public func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // No byte of UTF-8: what follows is another text.
        hasher.combine(UInt8(0xFF))
    }
}
