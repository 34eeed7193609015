import Crypto
import Foundation
import PromoteTestSupport
import SSHSignatures
import Testing

/// Our verdict beside that of `ssh-keygen -Y verify`, for every kind of key; authenticators are made of software here.
@Suite struct CrossCheckTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    /// A key as allowed_signers has it, and a signature with it.
    private struct Signed {
        let key: String
        let armored: String
    }

    private func string(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
    }

    private func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    private func integer(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let trimmed = Array(bytes.drop { $0 == 0 })
        return string((trimmed.first ?? 0) > 127 ? [0] + trimmed : trimmed)
    }

    /// Source: OpenSSH PROTOCOL.u2f and PROTOCOL.sshsig.
    private func authenticator(_ type: String, _ message: String, flags: UInt8 = 1) throws -> Signed {
        let application = "ssh:"
        let magic = Array("SSHSIG".utf8)
        let hash = string(Array(SHA512.hash(data: Array(message.utf8))))
        let signed = magic + string("git") + string("") + string("sha512") + hash
        let counter: [UInt8] = [flags, 0, 0, 0, 7]
        let content = Array(SHA256.hash(data: Array(application.utf8))) + counter + Array(SHA256.hash(data: signed))
        let (key, signature): ([UInt8], [UInt8])
        if type.contains("ed25519") {
            let secret = Curve25519.Signing.PrivateKey()
            key = string(type) + string(Array(secret.publicKey.rawRepresentation)) + string(application)
            signature = try string(Array(secret.signature(for: content)))
        } else {
            let secret = P256.Signing.PrivateKey()
            key = string(type) + string("nistp256") + string(Array(secret.publicKey.x963Representation)) + string(application)
            let raw = try secret.signature(for: content).rawRepresentation
            signature = string(integer(raw.prefix(32)) + integer(raw.suffix(32)))
        }
        let blob =
            magic + [0, 0, 0, 1] + string(key) + string("git") + string("") + string("sha512")
            + string(string(type) + signature + counter)
        let text = Data(blob).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return Signed(
            key: "\(type) \(Data(key).base64EncodedString())",
            armored: "-----BEGIN SSH SIGNATURE-----\n\(text)\n-----END SSH SIGNATURE-----\n")
    }

    private func file(_ type: [String], _ message: String) throws -> Signed {
        let tool = Tool("ssh-keygen", in: scratch.path)
        try tool.run(["-q", "-N", "", "-f", "key", "-t"] + type)
        let armored = try tool.succeed("-Y", "sign", "-n", "git", "-f", "key", input: message)
        let line = try String(contentsOf: scratch.url.appending(component: "key.pub"), encoding: .utf8)
        return Signed(key: line.split(separator: " ").prefix(2).joined(separator: " "), armored: armored + "\n")
    }

    private func opensshAccepts(_ signed: Signed, _ message: String) throws -> Bool {
        try scratch.write("me@example.org \(signed.key)\n", to: "allowed")
        try scratch.write(signed.armored, to: "signature")
        return try Tool("ssh-keygen", in: scratch.path).run(
            "-Y", "verify", "-f", "allowed", "-I", "me@example.org", "-n", "git", "-s", "signature", input: message
        ).status == 0
    }

    private func weAccept(_ signed: Signed, _ message: String) -> Bool {
        do {
            let signature = try SSHSignature(armored: signed.armored)
            try signature.verify(Array(message.utf8))
            let key = SSHPublicKey(base64: signed.key.split(separator: " ")[1])
            return signature.publicKey == key && signature.namespace == "git"
        } catch {
            return false
        }
    }

    @Test(arguments: [
        ["ed25519"], ["ecdsa", "-b", "256"], ["ecdsa", "-b", "384"], ["ecdsa", "-b", "521"], ["rsa", "-b", "3072"],
        ["sk-ssh-ed25519@openssh.com"], ["sk-ecdsa-sha2-nistp256@openssh.com"],
    ])
    func `We accept what ssh-keygen accepts, and refuse what it refuses`(_ type: [String]) throws {
        let message = "tree 1234\n\nan event\n"
        let signed = type[0].hasPrefix("sk-") ? try authenticator(type[0], message) : try file(type, message)
        #expect(try opensshAccepts(signed, message))
        #expect(weAccept(signed, message))
        #expect(try !opensshAccepts(signed, message + " "))
        #expect(!weAccept(signed, message + " "))
        // One byte in the middle of the signature.
        var lines = signed.armored.split(separator: "\n").map(String.init)
        let last = lines.count - 2
        lines[last] = (lines[last].first == "A" ? "B" : "A") + lines[last].dropFirst()
        let damaged = Signed(key: signed.key, armored: lines.joined(separator: "\n") + "\n")
        #expect(try !opensshAccepts(damaged, message))
        #expect(!weAccept(damaged, message))
    }

    @Test(arguments: ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])
    func `A signature that nobody touched the authenticator for does not count`(_ type: String) throws {
        #expect(try !weAccept(authenticator(type, "x", flags: 0), "x"))
    }
}
