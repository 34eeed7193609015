import Crypto
import Foundation

/// An SSH public key: its type and the blob that OpenSSH writes in base64.
public struct SSHPublicKey: Hashable, Sendable, CustomStringConvertible {
    /// The blob as it goes over the wire; it begins with the type.
    public let blob: [UInt8]
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `sk-ssh-ed25519@openssh.com`…
    public let type: String

    /// Nil when `blob` does not begin with a key type.
    public init?(blob: [UInt8]) {
        var reader = SSHWireReader(blob)
        do {
            type = try reader.text()
        } catch {
            return nil
        }
        guard !type.isEmpty, !reader.isAtEnd else { return nil }
        self.blob = blob
    }

    /// From the base64 in an authorized_keys or allowed_signers line.
    public init?(base64: some StringProtocol) {
        guard let data = Data(base64Encoded: String(base64)) else { return nil }
        self.init(blob: Array(data))
    }

    /// `SHA256:` and unpadded base64, as `ssh-keygen -l` prints.
    public var fingerprint: String {
        let text = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + text.prefix { $0 != "=" }
    }

    /// As it stands in authorized_keys, in allowed_signers, and in its `.pub` file.
    public var line: String { "\(type) \(Data(blob).base64EncodedString())" }

    public var description: String { "\(type) \(fingerprint)" }
}
