/// Why a signature with a certificate does not count, or what it is held against cannot be read.
public struct SigstoreError: Error, Hashable, Sendable {
    /// In words, which go on after “a signature whose”, “the trust root has”, …
    public let reason: String

    init(_ reason: String) { self.reason = reason }
}
