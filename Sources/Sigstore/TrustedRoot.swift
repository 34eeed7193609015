import Foundation
import GitOpsTypes
import SwiftASN1
import X509

/// What signatures with certificates are held against: authorities that give certificates, the logs that these and signatures
/// are kept in, and authorities that tell the time.
///
/// Source: sigstore, `trustroot.proto`, 0.1: the file `trusted_root.json` of an instance.
public struct TrustedRoot: Hashable, Sendable {
    /// From the start to the end, both included.
    struct Validity: Hashable, Sendable {
        let start: Timestamp
        let end: Timestamp?

        func contains(_ time: Timestamp) -> Bool { start <= time && end.map { time <= $0 } ?? true }
    }

    /// A log of signatures, or one of certificates.
    struct Log: Hashable, Sendable {
        let id: [UInt8]
        let key: VerificationKey
        let validity: Validity
    }

    struct Authority: Hashable, Sendable {
        /// As given, the root last.
        let chain: [Certificate]
        let validity: Validity
    }

    /// Where signatures have to be; nil where the instance has no such logs, as with those that only authorities tell the time of.
    let logs: [Log]?
    /// Where certificates have to be; nil where the instance has no such logs.
    let certificateLogs: [Log]?
    let certificateAuthorities: [Authority]
    let timestampAuthorities: [Authority]

    /// - Throws: `SigstoreError` for what is no such file, and for one against which nothing could be held.
    public init(_ bytes: [UInt8]) throws(SigstoreError) {
        let file: File
        do { file = try SigstoreJSON.decode(File.self, bytes) } catch {
            throw SigstoreError("no trusted root: \(Self.told(error))")
        }
        guard file.mediaType.hasPrefix("application/vnd.dev.sigstore.trustedroot") else {
            throw SigstoreError("no trusted root, but “\(file.mediaType.displayable)”")
        }
        logs = try Self.read(file.tlogs, "signatures")
        certificateLogs = try Self.read(file.ctlogs, "certificates")
        certificateAuthorities = try (file.certificateAuthorities ?? []).map { authority throws(SigstoreError) in
            try authority.read()
        }
        timestampAuthorities = try (file.timestampAuthorities ?? []).map { authority throws(SigstoreError) in
            try authority.read()
        }
        guard !certificateAuthorities.isEmpty else { throw SigstoreError("a trusted root without certificate authorities") }
        guard logs != nil || !timestampAuthorities.isEmpty else {
            throw SigstoreError(
                "a trusted root in which nothing tells the time: no log of signatures, and no timestamp authority")
        }
    }

    /// Nil where there are none; where there are, one at least has to be of use.
    private static func read(_ logs: [File.Log]?, _ what: String) throws(SigstoreError) -> [Log]? {
        guard let logs, !logs.isEmpty else { return nil }
        let known = logs.compactMap { $0.read() }
        guard !known.isEmpty else { throw SigstoreError("a trusted root with no log of \(what) whose key is known here") }
        return known
    }

    private static func told(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "“\(key.stringValue)” is missing"
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            context.codingPath.isEmpty
                ? "it is no JSON" : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) cannot be read"
        default: "it cannot be read"
        }
    }
}

/// The file, as it is written.
private struct File: Decodable {
    struct Span: Decodable {
        let start: Timestamp
        let end: Timestamp?
    }

    struct Log: Decodable {
        struct Key: Decodable {
            let rawBytes: Data
            let validFor: Span
        }
        struct Identifier: Decodable {
            let keyId: Data
        }
        let publicKey: Key
        let logId: Identifier
        let hashAlgorithm: String?

        /// Nil for a key of a kind that is not known here: nothing of that log counts.
        func read() -> TrustedRoot.Log? {
            guard hashAlgorithm ?? "SHA2_256" == "SHA2_256", let key = VerificationKey(der: Array(publicKey.rawBytes)) else {
                return nil
            }
            return TrustedRoot.Log(
                id: Array(logId.keyId), key: key,
                validity: TrustedRoot.Validity(start: publicKey.validFor.start, end: publicKey.validFor.end))
        }
    }

    struct Authority: Decodable {
        struct Chain: Decodable {
            let certificates: [RawCertificate]
        }
        let certChain: Chain
        let validFor: Span

        func read() throws(SigstoreError) -> TrustedRoot.Authority {
            var chain: [Certificate] = []
            for certificate in certChain.certificates {
                do { chain.append(try Certificate(derEncoded: Array(certificate.rawBytes))) } catch {
                    throw SigstoreError("a trusted root with a certificate that cannot be read")
                }
            }
            guard !chain.isEmpty else { throw SigstoreError("a trusted root with an authority without certificates") }
            return TrustedRoot.Authority(
                chain: chain, validity: TrustedRoot.Validity(start: validFor.start, end: validFor.end))
        }
    }

    let mediaType: String
    let tlogs: [Log]?
    let ctlogs: [Log]?
    let certificateAuthorities: [Authority]?
    let timestampAuthorities: [Authority]?
}

/// A certificate in DER form, as sigstore's files have them.
struct RawCertificate: Decodable {
    let rawBytes: Data
}
