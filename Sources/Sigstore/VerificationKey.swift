import Crypto
import CryptoExtras
import Foundation

/// A public key that images are signed with: ECDSA on P-256 or P-384, Ed25519, or RSA.
public struct ImageKey: Hashable, Sendable {
    /// What people call it: the path of its file.
    public let name: String
    /// In PEM form.
    public let pem: String

    private static let ed25519Prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

    private enum Algorithm {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    /// Nil when the text is no public key of a kind that is known here.
    public init?(name: String, pem: String) {
        self.name = name
        self.pem = pem
        guard algorithm != nil else { return nil }
    }

    /// Each kind says by itself whether the bytes are of it; what is of none is nil.
    private var algorithm: Algorithm? {
        // Not of this kind, so another is tried.
        if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) { return .p256(key) }
        // Not of this kind, so another is tried.
        if let key = try? P384.Signing.PublicKey(pemRepresentation: pem) { return .p384(key) }
        let body = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
        if let der = Data(base64Encoded: body), der.count == 44, Array(der.prefix(12)) == Self.ed25519Prefix,
            // Not of this kind, so another is tried.
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: der.suffix(32))
        {
            return .ed25519(key)
        }
        // Not of any kind.
        return (try? _RSA.Signing.PublicKey(pemRepresentation: pem)).map { .rsa($0) }
    }

    /// Whether `signature` is this key's of `message`. ECDSA and RSA (PKCS #1) are over SHA-256, as cosign makes them; P-384 over
    /// SHA-384, too.
    public func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        switch algorithm {
        case .p256(let key):
            // A signature that is not in its form is none.
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .p384(let key):
            // A signature that is not in its form is none.
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
                || key.isValidSignature(signature, for: SHA384.hash(data: message))
        case .ed25519(let key): return key.isValidSignature(signature, for: message)
        case .rsa(let key):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .insecurePKCS1v1_5)
        case nil: return false
        }
    }
}
