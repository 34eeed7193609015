import Crypto
import Foundation
import GitStore

/// Signs in process, as an agent would, so that a schedule starts no programs.
///
/// Source: OpenSSH PROTOCOL.sshsig.
struct SimulatedSigner: CommitSigning {
    private let key: Curve25519.Signing.PrivateKey

    /// The key of a participant: the same in every run.
    init(_ seed: UInt8) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: seed, count: 32))
    }

    private var blob: [UInt8] { Self.string(Array("ssh-ed25519".utf8)) + Self.string(Array(key.publicKey.rawRepresentation)) }

    var publicText: String { "ssh-ed25519 " + Data(blob).base64EncodedString() }

    func publicKey() async throws -> String? { publicText }

    func sign(_ content: [UInt8]) async throws -> String {
        let (magic, namespace, hash) = (Array("SSHSIG".utf8), Self.string(Array("git".utf8)), Self.string(Array("sha512".utf8)))
        let message = magic + namespace + Self.string([]) + hash + Self.string(Array(SHA512.hash(data: content)))
        let signature = Self.string(Array("ssh-ed25519".utf8)) + Self.string(Array(try key.signature(for: message)))
        let bytes = magic + [0, 0, 0, 1] + Self.string(blob) + namespace + Self.string([]) + hash + Self.string(signature)
        let lines = Data(bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN SSH SIGNATURE-----\n\(lines)\n-----END SSH SIGNATURE-----"
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
    }
}
