import Crypto
import Foundation
import GitOpsTypes
import Testing

@testable import Sigstore

/// The cases of sigstore's own conformance suite, where its folder `test/assets/bundle-verify` is named by `SIGSTORE_CASES`, and
/// the production instance's `trusted_root.json` by `SIGSTORE_ROOT`. They are not kept here. A case of one's own may have the digest of
/// what was signed in the place of the artifact.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SIGSTORE_CASES"] != nil))
struct ConformanceTests {
    private static let folder = URL(filePath: ProcessInfo.processInfo.environment["SIGSTORE_CASES"] ?? "/")
    private static let root = URL(filePath: ProcessInfo.processInfo.environment["SIGSTORE_ROOT"] ?? "/")

    private static var cases: [String] {
        // Without the folder there are none.
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
            !$0.contains(".") || $0.contains("v0.")
        }
        .sorted()
    }

    private struct MessageSignature: Decodable {
        struct Content: Decodable {
            struct Digest: Decodable {
                let digest: Data
            }
            let messageDigest: Digest
            let signature: Data
        }
        let messageSignature: Content?
    }

    private struct Subjects: Decodable {
        struct Subject: Decodable {
            let digest: [String: String]
        }
        let subject: [Subject]
    }

    private struct Mismatch: Error {}

    private func verify(_ name: String) async throws {
        let folder = Self.folder.appending(component: name)
        func content(_ file: String) -> Data? {
            // Files are there when they differ from what is usual.
            try? Data(contentsOf: folder.appending(component: file))
        }
        let bytes = try #require(content("bundle.sigstore.json"))
        let artifact = Array(try content("artifact") ?? Data(contentsOf: Self.folder.appending(component: "a.txt")))
        let bundle = try SigstoreBundle(Array(bytes))
        let payload: [UInt8]?
        let message: [UInt8]
        let signature: [UInt8]
        if let envelope = bundle.envelope {
            payload = Array(envelope.payload)
            message = envelope.message
            signature = Array(try #require(envelope.signatures.first).sig)
            let digests = try JSONDecoder().decode(Subjects.self, from: envelope.payload).subject.flatMap(\.digest.values)
            let expected =
                content("digest").map { String(decoding: $0, as: UTF8.self) } ?? SHA256.hash(data: artifact).hexadecimal
            guard digests.contains(expected) else { throw Mismatch() }
        } else {
            payload = nil
            message = artifact
            let content = try #require(try JSONDecoder().decode(MessageSignature.self, from: bytes).messageSignature)
            guard Array(content.messageDigest.digest) == Array(SHA256.hash(data: artifact)) else { throw Mismatch() }
            signature = Array(content.signature)
        }
        if let pem = content("key.pub") {
            guard case .key = bundle.material, let key = VerificationKey(pem: String(decoding: pem, as: UTF8.self)),
                key.signed(message, signature)
            else { throw Mismatch() }
            return
        }
        let root = try TrustedRoot(Array(try content("trusted_root.json") ?? Data(contentsOf: Self.root)))
        guard case .keyless(let keyless) = bundle.material else { throw Mismatch() }
        let signer = try await keyless.verify(
            .init(message: message, payload: payload, signature: signature), root, now: Timestamp(seconds: .max / 2))
        let expected = CertificateIdentity(
            issuer: content("issuer").map { String(decoding: $0, as: UTF8.self) }
                ?? "https://token.actions.githubusercontent.com",
            subject: content("identity").map { String(decoding: $0, as: UTF8.self) }
                ?? "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
        )
        guard expected.includes(signer.identity) else { throw Mismatch() }
    }

    @Test(arguments: Self.cases)
    func `A bundle counts as sigstore's own cases say`(_ name: String) async throws {
        if name.hasSuffix("_fail") {
            await #expect(throws: (any Error).self) { try await verify(name) }
        } else {
            try await verify(name)
        }
    }
}
