import Crypto
import Foundation
public import GitOpsTypes

/// What stands for a signature in the place of a key: a certificate for it, and the word of logs and authorities on when it was
/// made.
public struct KeylessSignature {
    let certificate: SigningCertificate
    let entries: [LogEntry]
    /// `TimeStampResp` in DER form.
    let timestamps: [[UInt8]]
    /// Whether a log's promise is not enough.
    let needsProof: Bool

    /// Who signed, and when, as far as a word on it counts.
    public struct Signer: Hashable, Sendable {
        public let identity: CertificateIdentity
        public let time: Timestamp
    }

    /// What is signed.
    public struct Content {
        /// What the signature is over.
        public let message: [UInt8]
        /// What is in the envelope; nil where there is none.
        public let payload: [UInt8]?
        public let signature: [UInt8]

        public init(message: [UInt8], payload: [UInt8]? = nil, signature: [UInt8]) {
            self.message = message
            self.payload = payload
            self.signature = signature
        }

        fileprivate func isNamed(by hashed: LogEntryBody.Hashed) -> Bool {
            switch hashed {
            case .message(let hash): hash == Array(SHA256.hash(data: message))
            case .payload(let hash): payload.map { hash == Array(SHA256.hash(data: $0)) } ?? false
            }
        }
    }

    /// Entries, and timestamps: more than there are in practice.
    private static let maximumEvidence = 32
    /// Seconds that clocks may differ.
    private static let skew: Int64 = 300

    /// Holds everything against a trust root: the signature, the log's entry for it, the time, and the certificate at that time.
    ///
    /// Source: sigstore, "Client Specification", "Verification".
    public func verify(
        _ content: Content, _ root: TrustedRoot, now: Timestamp
    ) async throws(SigstoreError) -> Signer {
        guard certificate.key.signed(content.message, content.signature) else {
            throw SigstoreError("bytes that the certificate's key did not sign")
        }
        guard entries.count <= Self.maximumEvidence, timestamps.count <= Self.maximumEvidence else {
            throw SigstoreError("more entries in logs, or timestamps, than are read")
        }
        var times: [Timestamp] = []
        var logs: [TrustedRoot.Log] = []
        for entry in entries {
            // Of a log that is not known here others may know.
            guard let log = root.logs?.first(where: { $0.id == entry.logID }) else { continue }
            let body = try LogEntryBody(entry.body)
            guard content.isNamed(by: body.hashed),
                body.signatures.contains(.init(bytes: content.signature, certificate: certificate.der))
            else { throw SigstoreError("an entry in a log of something else") }
            if let time = try entry.verify(log, needsProof: needsProof) { times.append(time) }
            logs.append(log)
        }
        guard !logs.isEmpty || root.logs == nil else {
            throw SigstoreError(
                entries.isEmpty ? "no entry in a log" : "no entry in a log of the trust root")
        }
        let latest = now.adding(seconds: Self.skew)
        var problem = SigstoreError("no time that counts: neither the log nor an authority says when it was made")
        for bytes in timestamps {
            do throws(SigstoreError) {
                let token = try TimestampToken(bytes)
                try await token.verify(root, over: content.signature, latest: latest)
                times.append(token.time)
            } catch {
                // Others may know that authority.
                problem = error
            }
        }
        guard let first = times.min(), let last = times.max() else { throw problem }
        guard last <= latest else { throw SigstoreError("a time that has not come, \(last)") }
        for time in Set([first, last]) {
            guard logs.allSatisfy({ $0.validity.contains(time) }) else {
                throw SigstoreError("an entry of \(time) in a log that did not count then")
            }
            try await certificate.verify(root, at: time)
        }
        return Signer(identity: try certificate.identity(), time: first)
    }
}
