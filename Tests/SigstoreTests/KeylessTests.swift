import Crypto
import Foundation
import GitOpsTypes
import PromoteTestSupport
import SigstoreInstance
import Testing
import X509

@testable import Sigstore

/// Signatures with certificates count only as all of it fits together: certificate, logs, time, and what was signed.
@Suite struct KeylessTests {
    private static let founded = Date(timeIntervalSince1970: 1_790_000_000)
    private static let start = founded.addingTimeInterval(86_400)
    private static let now = Timestamp(seconds: 1_790_000_000 + 2 * 86_400)
    static let statement = Data(#"{"_type":"https://in-toto.io/Statement/v1"}"#.utf8)

    func verify(
        _ bundle: [String: Any], _ root: [String: Any], now: Timestamp = Self.now
    ) async throws -> KeylessSignature.Signer {
        let bundle = try SigstoreBundle(Array(SigstoreInstance.json(bundle)))
        guard case .keyless(let keyless) = bundle.material, let envelope = bundle.envelope else {
            throw SigstoreError("no bundle of this kind")
        }
        return try await keyless.verify(
            .init(
                message: envelope.message, payload: Array(envelope.payload),
                signature: Array(try #require(envelope.signatures.first).sig)),
            TrustedRoot(Array(SigstoreInstance.json(root))), now: now)
    }

    @Test func `A bundle says who signed, and when`() async throws {
        let instance = try SigstoreInstance(founded: Self.founded)
        let claim = SigstoreInstance.Claim(start: Self.start)
        let signer = try await verify(instance.bundle(Self.statement, claim), instance.trustedRoot())
        #expect(signer.identity == CertificateIdentity(issuer: claim.issuer, subject: claim.subjects[0]))
        #expect(signer.time.seconds == Int64(Self.start.timeIntervalSince1970) + 1)
    }

    /// Sets what is at a path of keys and places, or removes it.
    private static func set(_ object: inout Any, _ path: [any Hashable & Sendable], _ value: Any?) {
        guard let first = path.first else {
            if let value { object = value }
            return
        }
        if let key = first as? String, var dictionary = object as? [String: Any] {
            if path.count == 1, value == nil {
                dictionary[key] = nil
            } else {
                var inner = dictionary[key] ?? [String: Any]()
                set(&inner, Array(path.dropFirst()), value)
                dictionary[key] = inner
            }
            object = dictionary
        } else if let place = first as? Int, var list = object as? [Any] {
            set(&list[place], Array(path.dropFirst()), value)
            object = list
        }
    }

    static func changed(_ object: [String: Any], _ path: [any Hashable & Sendable], _ value: Any?) -> [String: Any] {
        var any: Any = object
        set(&any, path, value)
        return any as? [String: Any] ?? [:]
    }

    enum Flaw: CaseIterable {
        case otherStatement, otherSignature, noEntry, noPromise, otherPromise, laterPromise, noProof, otherRoot, otherSize
        case otherIndex, shorterPath, checkpointOfAnotherLog, unknownLog, logThatEnded, authorityThatEnded, otherAuthority
        case notInCertificateLog, certificateLogThatEnded, afterCertificate, beforeCertificate, notForCode, twoNames, noName
        case ownRoot, version, entryOfAnother, future, noAuthority, unknownEntry, hugeIndex, noKnownLog, noKnownCertificateLog,
            nobodyTellsTime, tooMuch
    }

    @Test(arguments: Flaw.allCases)
    func `A signature with a certificate that does not fit together is refused, with the reason`(_ flaw: Flaw) async throws {
        let instance = try SigstoreInstance(founded: Self.founded)
        let stranger = try SigstoreInstance(founded: Self.founded)
        var claim = SigstoreInstance.Claim(start: Self.start)
        switch flaw {
        case .notInCertificateLog: claim.isInCertificateLog = false
        case .notForCode: claim.usage = .serverAuth
        case .twoNames: claim.subjects.append("https://git.example/mallory/web")
        case .noName: claim.subjects = []
        default: break
        }
        var time: Date?
        if flaw == .afterCertificate { time = Self.start.addingTimeInterval(601) }
        if flaw == .beforeCertificate { time = Self.start.addingTimeInterval(-1) }
        var bundle = try instance.bundle(Self.statement, claim, loggedAt: time)
        var root = try instance.trustedRoot()
        let other = try instance.bundle(Self.statement, claim)
        let entry: [any Hashable & Sendable] = ["verificationMaterial", "tlogEntries", 0]
        func part(_ bundle: [String: Any], _ path: [any Hashable & Sendable]) throws -> Any {
            var value: Any = bundle
            for step in path {
                if let key = step as? String { value = try #require((value as? [String: Any])?[key]) }
                if let place = step as? Int { value = try #require((value as? [Any])?[place]) }
            }
            return value
        }
        let ended = ["start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"]
        let reason: String
        switch flaw {
        case .otherStatement:
            bundle = Self.changed(bundle, ["dsseEnvelope", "payload"], Data("{}".utf8).base64EncodedString())
            reason = "did not sign"
        case .otherSignature:
            bundle = Self.changed(bundle, ["dsseEnvelope"], try part(other, ["dsseEnvelope"]))
            reason = "did not sign"
        case .noEntry:
            bundle = Self.changed(bundle, ["verificationMaterial", "tlogEntries"], [Any]())
            reason = "no entry in a log"
        case .entryOfAnother:
            bundle = Self.changed(bundle, entry, try part(other, entry))
            reason = "of something else"
        case .noPromise:
            bundle = Self.changed(bundle, entry + ["inclusionPromise"], nil)
            reason = "no time that counts"
        case .otherPromise:
            bundle = Self.changed(bundle, entry + ["inclusionPromise"], try part(other, entry + ["inclusionPromise"]))
            reason = "a log's promise that the log did not sign"
        case .laterPromise:
            bundle = Self.changed(bundle, entry + ["integratedTime"], "\(Int(Self.start.timeIntervalSince1970) + 2)")
            reason = "a log's promise that the log did not sign"
        case .noProof:
            bundle = Self.changed(bundle, entry + ["inclusionProof"], nil)
            reason = "without a proof"
        case .otherRoot:
            bundle = Self.changed(
                bundle, entry + ["inclusionProof", "rootHash"], Data(repeating: 1, count: 32).base64EncodedString())
            reason = "is not in the log"
        case .otherSize:
            bundle = Self.changed(bundle, entry + ["inclusionProof", "treeSize"], "14")
            reason = "is not in the log"
        case .otherIndex:
            bundle = Self.changed(bundle, entry + ["inclusionProof", "logIndex"], "6")
            reason = "is not in the log"
        case .hugeIndex:
            bundle = Self.changed(bundle, entry + ["inclusionProof", "logIndex"], "18446744073709551615")
            reason = "is not in the log"
        case .shorterPath:
            let hashes = try #require(try part(bundle, entry + ["inclusionProof", "hashes"]) as? [Any])
            bundle = Self.changed(bundle, entry + ["inclusionProof", "hashes"], Array(hashes.dropLast()))
            reason = "is not in the log"
        case .checkpointOfAnotherLog:
            let foreign = try stranger.bundle(Self.statement, claim)
            let path = entry + ["inclusionProof", "checkpoint"]
            bundle = Self.changed(bundle, path, try part(foreign, path))
            reason = "a checkpoint that its log did not sign"
        case .tooMuch:
            let entries = [Any](repeating: try part(bundle, entry), count: 33)
            bundle = Self.changed(bundle, ["verificationMaterial", "tlogEntries"], entries)
            reason = "more entries in logs, or timestamps, than are read"
        case .unknownLog:
            root["tlogs"] = try stranger.trustedRoot()["tlogs"]
            reason = "no entry in a log of the trust root"
        case .logThatEnded:
            root = Self.changed(root, ["tlogs", 0, "publicKey", "validFor"], ended)
            reason = "in a log that did not count then"
        case .authorityThatEnded:
            root = Self.changed(root, ["certificateAuthorities", 0, "validFor"], ended)
            reason = "a certificate that no authority of the trust root gave"
        case .otherAuthority:
            root["certificateAuthorities"] = try stranger.trustedRoot()["certificateAuthorities"]
            reason = "a certificate that no authority of the trust root gave"
        case .noAuthority:
            root["certificateAuthorities"] = [Any]()
            reason = "a trusted root without certificate authorities"
        case .notInCertificateLog: reason = "in no log of certificates"
        case .certificateLogThatEnded:
            root = Self.changed(root, ["ctlogs", 0, "publicKey", "validFor"], ended)
            reason = "in no log of certificates"
        case .afterCertificate, .beforeCertificate:
            reason = "a certificate for 2026-09-22T14:13:20Z to 2026-09-22T14:23:20Z, which was used at"
        case .notForCode: reason = "a certificate that no authority of the trust root gave"
        case .twoNames, .noName: reason = "without a subject or an issuer"
        case .ownRoot:
            let chain = try part(root, ["certificateAuthorities", 0, "certChain", "certificates"])
            let own = try #require(chain as? [Any])
            let leaf = try part(bundle, ["verificationMaterial", "certificate"])
            bundle = Self.changed(bundle, ["verificationMaterial", "certificate"], nil)
            bundle = Self.changed(bundle, ["verificationMaterial", "x509CertificateChain", "certificates"], [leaf] + own)
            reason = "brings a root of its own"
        case .version:
            bundle["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.9+json"
            reason = "v0.9"
        case .unknownEntry:
            bundle = Self.changed(bundle, entry + ["canonicalizedBody"], Data(#"{"kind":"x"}"#.utf8).base64EncodedString())
            reason = "of a kind that is not known here"
        case .future: reason = "a time that has not come"
        case .noKnownLog:
            root = Self.changed(root, ["tlogs", 0, "publicKey", "rawBytes"], "AAAA")
            reason = "no log of signatures whose key is known here"
        case .noKnownCertificateLog:
            root = Self.changed(root, ["ctlogs", 0, "publicKey", "rawBytes"], "AAAA")
            reason = "no log of certificates whose key is known here"
        case .nobodyTellsTime:
            root["tlogs"] = [Any]()
            reason = "nothing tells the time"
        }
        let now = flaw == .future ? Timestamp(seconds: Int64(Self.start.timeIntervalSince1970) - 3600) : Self.now
        let error = await #expect(throws: SigstoreError.self) { try await verify(bundle, root, now: now) }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `An entry of a log that others know is no trouble`() async throws {
        let (instance, stranger) = (try SigstoreInstance(founded: Self.founded), try SigstoreInstance(founded: Self.founded))
        let bundle = try instance.bundle(Self.statement, .init(start: Self.start))
        let foreign = try stranger.entry([1], at: Self.start)
        let material = try #require(bundle["verificationMaterial"] as? [String: Any])
        let own = try #require(material["tlogEntries"] as? [Any])
        let both = Self.changed(bundle, ["verificationMaterial", "tlogEntries"], [foreign] + own)
        _ = try await verify(both, instance.trustedRoot())
    }

    @Test func `What the first bundles lacked is asked of none of them`() async throws {
        let instance = try SigstoreInstance(founded: Self.founded)
        var bundle = try instance.bundle(Self.statement, .init(start: Self.start))
        bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1"
        bundle = Self.changed(bundle, ["verificationMaterial", "tlogEntries", 0, "inclusionProof"], nil)
        _ = try await verify(bundle, instance.trustedRoot())
    }

    // MARK: Parts

    @Test func `A path leads to a log's root from its own place alone`() throws {
        for size in 1...40 {
            let leaves = (0..<size).map { [UInt8($0)] }
            let root = ReferenceTree.root(leaves)
            for index in 0..<size {
                let path = ReferenceTree.path(index, leaves)
                func found(_ place: Int, _ count: Int, _ path: [[UInt8]]) -> [UInt8]? {
                    MerkleTree.root(leaf: MerkleTree.leaf(leaves[index]), index: UInt64(place), size: UInt64(count), path: path)
                }
                #expect(found(index, size, path) == root)
                for other in 0..<size where other != index { #expect(found(other, size, path) != root) }
                #expect(found(index, size, path + [root]) != root)
                if !path.isEmpty { #expect(found(index, size, path.dropLast()) != root) }
            }
        }
    }

    @Test(arguments: [
        ("https://git.example/acme/web/release.yml@refs/tags/*", true), ("https://git.example/acme/*@refs/tags/*", false),
        ("https://git.example/acme/*/release.yml@refs/tags/v1.4.0", true), ("https://git.example/acme/web/*", false),
        ("https://git.example/acme/web/release.yml@refs/tags/v1.4.0", true), ("*", false),
        ("https://git.example/acme/web/release.yml@refs/tags/v1.4", false), ("https://*/acme/web/release.yml@refs/tags/v*", true),
        ("https://git.example/acme/web/release.yml@refs/tags/v1.4.0*", true), ("", false),
    ])
    func `A star stands for one part of a name`(_ pattern: String, _ isIncluded: Bool) {
        let found = CertificateIdentity(issuer: "i", subject: "https://git.example/acme/web/release.yml@refs/tags/v1.4.0")
        #expect(CertificateIdentity(issuer: "i", subject: pattern).includes(found) == isIncluded)
        #expect(!CertificateIdentity(issuer: "j", subject: pattern).includes(found))
    }

    @Test(arguments: [
        "", "x", "log\n1\n\n\u{2014} log AAAA\n", "log\n-1\nAAAA\n\n", "\n1\nAAAA\n\n", "log\n1\n????\n\n\u{2014} log AAAAAAAA\n",
    ])
    func `A checkpoint that is none is refused`(_ text: String) {
        #expect(throws: SigstoreError.self) { try Checkpoint(text) }
    }

    @Test func `Bytes that are no certificate, timestamp, entry, bundle or root are refused and crash nothing`() throws {
        var generator = SeededGenerator(seed: 7)
        let instance = try SigstoreInstance(founded: Self.founded)
        let bundle = Array(try SigstoreInstance.json(instance.bundle(Self.statement, .init(start: Self.start))))
        let root = Array(try SigstoreInstance.json(instance.trustedRoot()))
        let certificate = try instance.certificate(for: P256.Signing.PrivateKey().publicKey, .init(start: Self.start))
        for _ in 0..<300 {
            for original in [bundle, root, certificate] {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                bytes = Array(bytes.prefix(Int.random(in: bytes.count / 2...bytes.count, using: &generator)))
                // Whether it is refused depends on what was changed; that it ends is what matters.
                _ = try? SigstoreBundle(bytes)
                // As above.
                _ = try? TrustedRoot(bytes)
                // As above.
                _ = try? TimestampToken(bytes)
                // As above.
                _ = try? LogEntryBody(bytes)
                // As above.
                if let read = try? SigningCertificate(der: bytes) {
                    // As above.
                    _ = try? read.identity()
                    // As above.
                    _ = try? SignedCertificateTimestamp.list(in: read.certificate)
                }
            }
        }
    }
}
