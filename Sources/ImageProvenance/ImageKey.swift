public import Sigstore

/// A public key that images are signed with.
public struct ImageKey: Hashable, Sendable {
    /// What people call it: the path of its file.
    public let name: String
    public let key: VerificationKey

    /// Nil when the text is no public key in PEM form of a kind that is known.
    public init?(name: String, pem: String) {
        guard let key = VerificationKey(pem: pem) else { return nil }
        self.name = name
        self.key = key
    }
}
