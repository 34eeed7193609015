import Foundation
import GitOpsTypes
import PromoteTestSupport
import SSHSignatures
import Testing

/// Our verification against OpenSSH's own signatures.
@Suite struct SSHSignatureTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private var keygen: Tool { Tool("ssh-keygen", in: scratch.path) }

    private func sign(_ message: String, type: [String], namespace: String = "git") throws -> (SSHSignature, SSHPublicKey) {
        let name = "key-" + type.joined(separator: "-")
        if !FileManager.default.fileExists(atPath: scratch.path + "/" + name) {
            try keygen.run(["-q", "-N", "", "-f", name, "-t"] + type)
        }
        let armored = try keygen.succeed("-Y", "sign", "-n", namespace, "-f", name, input: message)
        let line = try String(contentsOf: scratch.url.appending(component: name + ".pub"), encoding: .utf8)
        let key = try #require(SSHPublicKey(base64: line.split(separator: " ")[1]))
        return (try SSHSignature(armored: armored), key)
    }

    @Test(arguments: [
        ["ed25519"], ["ecdsa", "-b", "256"], ["ecdsa", "-b", "384"], ["ecdsa", "-b", "521"], ["rsa", "-b", "3072"],
    ])
    func `What ssh-keygen signs is verified, and nothing else`(_ type: [String]) throws {
        let (signature, key) = try sign("a message\n", type: type)
        #expect(signature.publicKey == key)
        #expect(signature.namespace == "git")
        try signature.verify(Array("a message\n".utf8))
        for other in ["", "a message", "a message\n\n", "A message\n"] {
            #expect(throws: SSHSignature.Failure.mismatch) { try signature.verify(Array(other.utf8)) }
        }
    }

    @Test func `The fingerprint is the one ssh-keygen prints`() throws {
        let (_, key) = try sign("x", type: ["ed25519"])
        #expect(try keygen.succeed("-l", "-f", "key-ed25519.pub").contains(key.fingerprint))
    }

    @Test func `A short RSA key is refused`() throws {
        let (signature, _) = try sign("x", type: ["rsa", "-b", "1024"])
        #expect(throws: SSHSignature.Failure.unsupported("RSA key of 1024 bits")) { try signature.verify(Array("x".utf8)) }
    }

    @Test func `No change of a single byte of a signature leaves it valid, or crashes`() throws {
        _ = try sign("m", type: ["ed25519"])
        let armored = try keygen.succeed("-Y", "sign", "-n", "git", "-f", "key-ed25519", input: "m")
        let body = armored.split(separator: "\n").dropFirst().dropLast().joined()
        let bytes = Array(try #require(Data(base64Encoded: body)))
        let original = try SSHSignature(armored: armored)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            let text = "-----BEGIN SSH SIGNATURE-----\n\(Data(changed).base64EncodedString())\n-----END SSH SIGNATURE-----"
            guard let signature = try? SSHSignature(armored: text) else { continue }
            // The reserved field is not signed over by OpenSSH's format, and says nothing.
            if signature == original { continue }
            #expect(throws: SSHSignature.Failure.self, "byte \(index)") { try signature.verify(Array("m".utf8)) }
        }
    }

    @Test func `Every truncation is refused`() throws {
        _ = try sign("m", type: ["ecdsa", "-b", "256"])
        let armored = try keygen.succeed("-Y", "sign", "-n", "git", "-f", "key-ecdsa--b-256", input: "m")
        let body = armored.split(separator: "\n").dropFirst().dropLast().joined()
        let bytes = Array(try #require(Data(base64Encoded: body)))
        for count in 0..<bytes.count {
            let text =
                "-----BEGIN SSH SIGNATURE-----\n\(Data(bytes.prefix(count)).base64EncodedString())\n-----END SSH SIGNATURE-----"
            #expect(throws: SSHSignature.Failure.self) { try SSHSignature(armored: text) }
        }
    }
}

@Suite struct AllowedSignersTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOkjUuigsR9ttJnNNRETSRFyCkm4D3xhqxCRbim3fTvd"
    private let now = Timestamp(seconds: 1_795_246_920)

    private func publicKey() throws -> SSHPublicKey {
        try #require(SSHPublicKey(base64: Self.key.split(separator: " ")[1]))
    }

    @Test func `A key speaks for the principals of its line and nobody else`() throws {
        let signers = try AllowedSigners("# people\n\na@example.org,b@example.org \(Self.key) comment\n")
        let key = try publicKey()
        #expect(signers.allows(key, as: "a@example.org", namespace: "git", at: now))
        #expect(signers.allows(key, as: "b@example.org", namespace: "git", at: now))
        #expect(!signers.allows(key, as: "c@example.org", namespace: "git", at: now))
        #expect(!signers.allows(key, as: "A@example.org", namespace: "git", at: now))
        #expect(signers.hasKeys(for: "a@example.org"))
        #expect(!signers.hasKeys(for: "c@example.org"))
    }

    @Test func `Namespaces and times of validity are kept`() throws {
        let key = try publicKey()
        let file = "a@example.org namespaces=\"file,other\" \(Self.key)"
        #expect(try !AllowedSigners(file).allows(key, as: "a@example.org", namespace: "git", at: now))
        let early = "a@example.org valid-before=\"20260101Z\" \(Self.key)"
        #expect(try !AllowedSigners(early).allows(key, as: "a@example.org", namespace: "git", at: now))
        let late = "a@example.org valid-after=\"202701010000Z\" \(Self.key)"
        #expect(try !AllowedSigners(late).allows(key, as: "a@example.org", namespace: "git", at: now))
        let fits = "a@example.org valid-after=\"20260101Z\",valid-before=\"20270101Z\",namespaces=\"git\" \(Self.key)"
        #expect(try AllowedSigners(fits).allows(key, as: "a@example.org", namespace: "git", at: now))
    }

    @Test(arguments: [
        ("*@example.org \(Self.key)", "without * ?"), ("a@example.org", "no public key"),
        ("a@example.org ssh-ed25519 AAAA", "no public key"),
        ("a@example.org ecdsa-sha2-nistp256 \(Self.key.split(separator: " ")[1])", "no public key"),
        ("a@example.org cert-authority \(Self.key)", "certificate authorities"),
        ("a@example.org valid-after=\"20260101\" \(Self.key)", "no Z"),
        ("a@example.org frobnicate \(Self.key)", "neither an option"),
    ])
    func `A line that is not understood is an error with its number`(_ line: String, _ message: String) {
        #expect { try AllowedSigners("# one\n\(line)\n") } throws: { error in
            (error as? AllowedSigners.Failure).map { $0.line == 2 && $0.message.contains(message) } ?? false
        }
    }
}
