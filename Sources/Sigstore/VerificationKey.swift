import SwiftASN1
import X509

/// A public key that signatures are held against: ECDSA on P-256, P-384 or P-521, Ed25519, or RSA.
public struct VerificationKey: Hashable, Sendable {
    private let key: Certificate.PublicKey

    /// ECDSA and RSA (PKCS #1) are over SHA-256, as cosign makes them, or over what the larger curves have by default.
    private static let algorithms: [Certificate.SignatureAlgorithm] = [
        .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512, .sha256WithRSAEncryption, .ed25519,
    ]

    init(_ key: Certificate.PublicKey) { self.key = key }

    /// Nil when the text is no public key in PEM form of a kind that is known here.
    public init?(pem: String) {
        guard let der = PEM.der(pem, label: "PUBLIC KEY") else { return nil }
        self.init(der: der)
    }

    /// Nil when the bytes are no `SubjectPublicKeyInfo` of a kind that is known here.
    init?(der: [UInt8]) {
        // What cannot be read is no such key.
        guard let key = try? Certificate.PublicKey(derEncoded: der) else { return nil }
        self.key = key
    }

    /// Whether `signature` is this key's of `message`.
    public func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        Self.algorithms.contains { key.isValidSignature(signature, for: message, signatureAlgorithm: $0) }
    }
}
