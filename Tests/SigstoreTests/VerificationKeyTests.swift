import Foundation
import PromoteTestSupport
import Testing

@testable import Sigstore

/// Keys as openssl and cosign write them.
@Suite struct VerificationKeyTests {
    @Test(arguments: [
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], ["-algorithm", "ED25519"],
        ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    ])
    func `A key of each kind knows its own signatures, and no other`(_ kind: [String]) throws {
        let scratch = try ScratchDirectory()
        let openssl = Tool("openssl", in: scratch.path)
        func key(_ name: String) throws -> VerificationKey? {
            try openssl.succeed(["genpkey", "-out", "\(name).key"] + kind)
            return VerificationKey(pem: try openssl.succeed("pkey", "-in", "\(name).key", "-pubout"))
        }
        let (one, other) = (try #require(try key("one")), try #require(try key("other")))
        let message = Array("what is signed".utf8)
        try scratch.write("what is signed", to: "message")
        if kind.contains("ED25519") {
            try openssl.succeed("pkeyutl", "-sign", "-rawin", "-in", "message", "-inkey", "one.key", "-out", "signature")
        } else {
            try openssl.succeed("dgst", "-sha256", "-sign", "one.key", "-out", "signature", "message")
        }
        let signature = Array(try Data(contentsOf: scratch.url.appending(component: "signature")))
        #expect(one.signed(message, signature))
        #expect(!other.signed(message, signature))
        #expect(!one.signed(message + [0], signature))
        for place in signature.indices {
            var altered = signature
            altered[place] ^= 1
            #expect(!one.signed(message, altered), "at \(place)")
        }
        for count in 0..<signature.count { #expect(!one.signed(message, Array(signature.prefix(count)))) }
    }

    @Test func `What is no public key is none`() throws {
        let scratch = try ScratchDirectory()
        let openssl = Tool("openssl", in: scratch.path)
        try openssl.succeed("genpkey", "-algorithm", "ED25519", "-out", "key")
        let secret = try String(contentsOf: scratch.url.appending(component: "key"), encoding: .utf8)
        let pem = try openssl.succeed("pkey", "-in", "key", "-pubout")
        #expect(VerificationKey(pem: pem) != nil)
        for text in [
            "", "x", secret, pem + pem, "before\n" + pem, pem.replacing("PUBLIC", with: "PRIVATE"), String(pem.dropLast(30)),
        ] {
            #expect(VerificationKey(pem: text) == nil, "\(text)")
        }
        // Lines of any length, and of any end.
        #expect(VerificationKey(pem: pem.replacing("\n", with: "\r\n")) != nil)
    }
}
