import Crypto
import CryptoExtras
import Foundation

/// A detached signature in OpenSSH's SSHSIG format, as `ssh-keygen -Y sign` makes and Git keeps in `gpgsig`.
///
/// Source: OpenSSH PROTOCOL.sshsig; PROTOCOL.u2f for the `sk-` kinds. Verification is checked against
/// `ssh-keygen -Y verify` in the tests.
public struct SSHSignature: Hashable, Sendable {
    public let publicKey: SSHPublicKey
    /// What the signature is for: Git's is `git`.
    public let namespace: String
    private let hashAlgorithm: String
    private let algorithm: String
    private let blob: [UInt8]
    /// Flags and counter of a FIDO authenticator, which are signed too; empty for other kinds.
    private let authenticatorData: [UInt8]

    /// Why a text is no signature, or none that counts.
    public enum Failure: Error, Hashable, Sendable {
        case malformed
        case unsupported(String)
        /// The signature is of other bytes, or by another key.
        case mismatch
    }

    /// - Parameter armored: the text between and including the `SSH SIGNATURE` lines.
    /// - Throws: `Failure.malformed`, or `.unsupported` for another version of the format.
    public init(armored: String) throws(Failure) {
        let begin = "-----BEGIN SSH SIGNATURE-----"
        let end = "-----END SSH SIGNATURE-----"
        let lines = armored.split(whereSeparator: \.isNewline).map(String.init)
        guard let first = lines.firstIndex(of: begin), let last = lines.firstIndex(of: end), first < last,
            let data = Data(base64Encoded: lines[(first + 1)..<last].joined())
        else { throw .malformed }
        do {
            var reader = SSHWireReader(data)
            guard try reader.raw(6) == Array("SSHSIG".utf8) else { throw Failure.malformed }
            let version = try reader.uint32()
            guard version == 1 else { throw Failure.unsupported("version \(version)") }
            guard let key = SSHPublicKey(blob: try reader.string()) else { throw Failure.malformed }
            publicKey = key
            namespace = try reader.text()
            _ = try reader.string()
            hashAlgorithm = try reader.text()
            var signature = SSHWireReader(try reader.string())
            guard reader.isAtEnd else { throw Failure.malformed }
            algorithm = try signature.text()
            blob = try signature.string()
            if key.type.hasPrefix("sk-") {
                authenticatorData = try signature.raw(5)
            } else {
                authenticatorData = []
            }
            guard signature.isAtEnd else { throw Failure.malformed }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .malformed
        }
    }

    /// Whether `message` is what `publicKey` signed. Says nothing on whose key it is.
    ///
    /// - Throws: `Failure.mismatch`, or `.unsupported` for an algorithm that is not known or no longer safe.
    public func verify(_ message: [UInt8]) throws(Failure) {
        let hash: [UInt8]
        switch hashAlgorithm {
        case "sha256": hash = Array(SHA256.hash(data: message))
        case "sha512": hash = Array(SHA512.hash(data: message))
        default: throw .unsupported(hashAlgorithm)
        }
        let signed =
            Array("SSHSIG".utf8) + Array(namespace.utf8).sshString + [UInt8]().sshString
            + Array(hashAlgorithm.utf8).sshString + hash.sshString
        let isValid: Bool
        do {
            isValid = try verify(signed: signed)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .malformed
        }
        guard isValid else { throw .mismatch }
    }

    private func verify(signed: [UInt8]) throws -> Bool {
        var key = SSHWireReader(publicKey.blob)
        _ = try key.string()
        switch publicKey.type {
        case "ssh-ed25519":
            guard algorithm == "ssh-ed25519" else { throw Failure.malformed }
            return try Curve25519.Signing.PublicKey(rawRepresentation: key.string()).isValidSignature(blob, for: signed)
        case "sk-ssh-ed25519@openssh.com":
            guard algorithm == publicKey.type else { throw Failure.malformed }
            let point = try key.string()
            let message = try authenticated(signed, application: key.string())
            return try Curve25519.Signing.PublicKey(rawRepresentation: point).isValidSignature(blob, for: message)
        case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
            guard algorithm == publicKey.type else { throw Failure.malformed }
            _ = try key.string()
            return try verifyECDSA(signed, point: key.string())
        case "sk-ecdsa-sha2-nistp256@openssh.com":
            guard algorithm == publicKey.type else { throw Failure.malformed }
            _ = try key.string()
            let point = try key.string()
            return try verifyECDSA(authenticated(signed, application: key.string()), point: point)
        case "ssh-rsa":
            let exponent = try key.integer()
            let modulus = try key.integer()
            // 2,048 bits is the least that is not known to be within reach.
            guard modulus.count >= 256 else { throw Failure.unsupported("RSA key of \(modulus.count * 8) bits") }
            let rsa = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
            let signature = _RSA.Signing.RSASignature(rawRepresentation: blob)
            switch algorithm {
            case "rsa-sha2-512":
                return rsa.isValidSignature(signature, for: SHA512.hash(data: signed), padding: .insecurePKCS1v1_5)
            case "rsa-sha2-256":
                return rsa.isValidSignature(signature, for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
            default: throw Failure.unsupported(algorithm)
            }
        default: throw Failure.unsupported(publicKey.type)
        }
    }

    private func verifyECDSA(_ message: [UInt8], point: [UInt8]) throws -> Bool {
        var reader = SSHWireReader(blob)
        switch publicKey.type {
        case "ecdsa-sha2-nistp384":
            let raw = try reader.integer(width: 48) + reader.integer(width: 48)
            return try P384.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P384.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        case "ecdsa-sha2-nistp521":
            let raw = try reader.integer(width: 66) + reader.integer(width: 66)
            return try P521.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P521.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        default:
            let raw = try reader.integer(width: 32) + reader.integer(width: 32)
            return try P256.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P256.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        }
    }

    /// What an authenticator signs in place of `signed` itself. Bit 0 of the flags says that it was touched.
    private func authenticated(_ signed: [UInt8], application: [UInt8]) throws(Failure) -> [UInt8] {
        guard let flags = authenticatorData.first, flags & 1 == 1 else { throw .unsupported("a signature without user presence") }
        return Array(SHA256.hash(data: application)) + authenticatorData + Array(SHA256.hash(data: signed))
    }
}
