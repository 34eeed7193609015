import Foundation
import GitOpsTypes
import PromoteTestSupport
import SigstoreInstance
import SwiftASN1
import Testing

@testable import Sigstore

/// Where the log tells no time, authorities do.
extension KeylessTests {
    /// An authority of openssl's, which tells its own clock's time.
    private struct Clock {
        let folder: ScratchDirectory

        init() throws {
            folder = try ScratchDirectory()
            try folder.write(
                """
                [tsa]
                default_tsa = t
                [t]
                serial = \(folder.path)/serial
                signer_cert = \(folder.path)/leaf.pem
                signer_key = \(folder.path)/leaf.key
                certs = \(folder.path)/root.pem
                signer_digest = sha256
                default_policy = 1.2.3.4
                digests = sha256, sha384, sha512
                [leaf]
                extendedKeyUsage = critical, timeStamping
                keyUsage = critical, digitalSignature
                authorityKeyIdentifier = keyid
                [wrong]
                extendedKeyUsage = critical, codeSigning
                [both]
                extendedKeyUsage = critical, timeStamping, codeSigning
                [lax]
                extendedKeyUsage = timeStamping
                """, to: "tsa.cnf")
            try folder.write("01\n", to: "serial")
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes", "-keyout", "root.key", "-out",
                "root.pem", "-subj", "/CN=clock root", "-days", "30", "-addext", "keyUsage=critical,keyCertSign")
            try openssl(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "leaf.key", "-out",
                "leaf.csr", "-subj", "/CN=clock")
            try certify(as: "leaf")
        }

        /// - Parameter use: a section of the configuration: what the authority's certificate is for.
        func certify(as use: String) throws {
            try openssl(
                "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out",
                "\(use).pem", "-days", "20", "-extfile", "tsa.cnf", "-extensions", use)
        }

        /// What signs for the authority from now on: another key, by the same root.
        func anotherLeaf() throws -> String {
            try openssl(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "leaf2.key", "-out",
                "leaf.csr", "-subj", "/CN=clock")
            try FileManager.default.moveItem(
                at: folder.url.appending(component: "leaf.pem"), to: folder.url.appending(component: "old.pem"))
            try certify(as: "leaf")
            return "leaf"
        }

        private func openssl(_ arguments: String...) throws {
            try Tool("openssl", in: folder.path).succeed(arguments)
        }

        /// - Parameter bringsCertificate: whether the certificate is in the answer.
        func stamp(_ content: Data, hash: String = "sha256", bringsCertificate: Bool = true) throws -> Data {
            try content.write(to: folder.url.appending(component: "content"))
            try Tool("openssl", in: folder.path).succeed(
                ["ts", "-query", "-data", "content", "-\(hash)", "-out", "query"] + (bringsCertificate ? ["-cert"] : []))
            try openssl("ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf", "-section", "t", "-out", "answer")
            return try Data(contentsOf: folder.url.appending(component: "answer"))
        }

        /// As a trust root names it.
        ///
        /// - Parameter names: of the certificates' files, the root last.
        func authority(_ names: [String] = ["leaf", "root"], ended: Bool = false) throws -> [String: Any] {
            let certificates = try names.map { name in
                let text = try String(contentsOf: folder.url.appending(component: "\(name).pem"), encoding: .utf8)
                return ["rawBytes": try #require(PEM.der(text, label: "CERTIFICATE")).base64]
            }
            let validity =
                ended
                ? ["start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"] : ["start": "2020-01-01T00:00:00Z"]
            return ["uri": "https://clock.example", "certChain": ["certificates": certificates], "validFor": validity]
        }
    }

    @Test(arguments: [(9999, 59), (2026, 60), (1969, 0)])
    func `A time that no date is written with is none`(_ year: Int, _ second: Int) throws {
        let time = try GeneralizedTime(
            year: year, month: 12, day: 31, hours: 23, minutes: 59, seconds: second, fractionalSeconds: 0)
        #expect(throws: (any Error).self) { try TimestampToken.moment(time) }
    }

    enum Stamp: CaseIterable {
        case good, withoutCertificate, longerHash, withoutLogs, otherSignature, ended, unknown, notForTime, altered, none,
            logThatEnded
        case entryOfALogThatIsNone, rotated, authorityAlone, notAlone, notCritical, notYet
    }

    @Test(arguments: Stamp.allCases)
    func `Where the log tells no time, an authority of the trust root has to`(_ stamp: Stamp) async throws {
        let clock = try Clock()
        let instance = try SigstoreInstance(founded: .now.addingTimeInterval(-86_400))
        let claim = SigstoreInstance.Claim(start: .now.addingTimeInterval(-60))
        var bundle = try instance.bundle(Self.statement, claim) { signature in
            switch stamp {
            case .otherSignature: return try clock.stamp(Data("another".utf8))
            case .longerHash: return try clock.stamp(signature, hash: "sha512")
            case .withoutCertificate: return try clock.stamp(signature, bringsCertificate: false)
            case .altered:
                var bytes = try clock.stamp(signature)
                bytes[bytes.count - 5] ^= 1
                return bytes
            case .none: return Data([0x30, 0])
            default: return try clock.stamp(signature)
            }
        }
        var authority = try clock.authority(ended: stamp == .ended)
        if stamp == .unknown { authority = try Clock().authority() }
        // Where only who gives certificates is known, they are in the answer.
        if stamp == .authorityAlone { authority = try clock.authority(["root"]) }
        if stamp == .rotated { authority = try clock.authority([clock.anotherLeaf(), "root"]) }
        if stamp == .notAlone || stamp == .notCritical {
            let use = stamp == .notAlone ? "both" : "lax"
            try clock.certify(as: use)
            authority = try clock.authority([use, "root"])
        }
        if stamp == .notForTime {
            // The same key, whose certificate in the trust root is for something else, and the root that gave it does not count.
            try clock.certify(as: "wrong")
            authority = try clock.authority(["wrong"])
        }
        var root = try instance.trustedRoot(timestampAuthorities: [authority])
        if stamp == .logThatEnded {
            root = Self.changed(
                root, ["tlogs", 0, "publicKey", "validFor"], ["start": "2020-01-01T00:00:00Z", "end": "2021-01-01T00:00:00Z"])
        }
        if stamp == .withoutLogs || stamp == .entryOfALogThatIsNone { root["tlogs"] = [Any]() }
        if stamp == .withoutLogs { bundle = Self.changed(bundle, ["verificationMaterial", "tlogEntries"], [Any]()) }
        let present = Timestamp(seconds: Int64(Date.now.timeIntervalSince1970))
        let now = stamp == .notYet ? present.adding(seconds: -3600) : present
        switch stamp {
        case .good, .withoutCertificate, .longerHash, .withoutLogs, .entryOfALogThatIsNone, .authorityAlone:
            #expect(try await verify(bundle, root, now: now).time <= now)
        case .otherSignature, .ended, .unknown, .notForTime, .altered, .none, .logThatEnded, .rotated, .notAlone, .notCritical,
            .notYet:
            let error = await #expect(throws: SigstoreError.self) { try await verify(bundle, root, now: now) }
            let reason =
                switch stamp {
                case .otherSignature: "a timestamp of another signature"
                case .none: "a timestamp that cannot be read"
                case .notYet: "a time that has not come"
                case .logThatEnded: "in a log that did not count then"
                default: "a timestamp by no authority of the trust root"
                }
            #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
        }
    }
}

extension [UInt8] {
    fileprivate var base64: String { Data(self).base64EncodedString() }
}
