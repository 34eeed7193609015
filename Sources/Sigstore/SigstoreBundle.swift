import Foundation
import GitOpsTypes

/// A signature with all that is needed to verify it.
///
/// Source: sigstore, `sigstore_bundle.proto`, 0.1 to 0.3.
public struct SigstoreBundle {
    /// Who signed.
    public enum Material {
        /// A key that both sides know.
        case key
        case keyless(KeylessSignature)
    }

    public let material: Material
    /// Nil for a signature of bytes that are not in the bundle.
    public let envelope: SignedEnvelope?

    public init(_ bytes: [UInt8]) throws(SigstoreError) {
        let file: File
        do { file = try SigstoreJSON.decode(File.self, bytes) } catch {
            throw SigstoreError("a bundle that cannot be read")
        }
        guard let version = Self.versions[file.mediaType] else {
            throw SigstoreError("a bundle of the kind “\(file.mediaType.displayable)”")
        }
        envelope = file.dsseEnvelope
        if file.verificationMaterial.publicKey != nil {
            material = .key
        } else {
            material = .keyless(try file.verificationMaterial.keyless(version))
        }
    }

    /// The second number of the versions that are known.
    private static let versions = [
        "application/vnd.dev.sigstore.bundle+json;version=0.1": 1,
        "application/vnd.dev.sigstore.bundle+json;version=0.2": 2,
        "application/vnd.dev.sigstore.bundle+json;version=0.3": 3,
        "application/vnd.dev.sigstore.bundle.v0.3+json": 3,
    ]
}

extension KeylessSignature {
    /// What cosign writes beside a signature that is kept at a tag; nil where there is no certificate.
    ///
    /// Source: cosign, "Signature Specification", "Annotations".
    public init?(annotations: [String: String]) throws(SigstoreError) {
        guard let pem = annotations["dev.sigstore.cosign/certificate"], !pem.isEmpty else { return nil }
        guard let der = PEM.der(pem, label: "CERTIFICATE") else { throw SigstoreError("a certificate that cannot be read") }
        certificate = try SigningCertificate(der: der)
        needsProof = false
        do {
            entries =
                try annotations["dev.sigstore.cosign/bundle"].map {
                    [try SigstoreJSON.decode(TaggedEntry.self, $0.utf8).read()]
                } ?? []
            timestamps =
                try annotations["dev.sigstore.cosign/rfc3161timestamp"].map {
                    [Array(try SigstoreJSON.decode(TaggedTimestamp.self, $0.utf8).SignedRFC3161Timestamp)]
                } ?? []
        } catch {
            throw SigstoreError("an entry of a log that cannot be read")
        }
    }
}

/// What is neither a number nor the text of one, or is not hexadecimal.
private struct Unreadable: Error {}

private struct TaggedTimestamp: Decodable {
    let SignedRFC3161Timestamp: Data
}

private struct TaggedEntry: Decodable {
    struct Logged: Decodable {
        let body: Data
        let integratedTime: Int64
        let logIndex: UInt64
        let logID: String
    }
    let SignedEntryTimestamp: Data
    let Payload: Logged

    func read() throws -> LogEntry {
        guard let logID = [UInt8](hexadecimal: Payload.logID) else { throw Unreadable() }
        return LogEntry(
            body: Array(Payload.body), index: Payload.logIndex, logID: logID,
            integrated: Timestamp(seconds: Payload.integratedTime), promise: Array(SignedEntryTimestamp), proof: nil)
    }
}

/// The bundle, as it is written.
private struct File: Decodable {
    /// A number, or the text of one. Source: Protocol Buffers, "ProtoJSON Format".
    struct Number: Decodable {
        let value: UInt64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // Not a number, so its text.
            if let number = try? container.decode(UInt64.self) {
                value = number
            } else if let number = UInt64(try container.decode(String.self)) {
                value = number
            } else {
                throw Unreadable()
            }
        }
    }

    struct Entry: Decodable {
        struct Identifier: Decodable {
            let keyId: Data
        }
        struct Promise: Decodable {
            let signedEntryTimestamp: Data
        }
        struct Proof: Decodable {
            struct Checkpoint: Decodable {
                let envelope: String
            }
            let logIndex: Number?
            let rootHash: Data
            let treeSize: Number
            let hashes: [Data]?
            /// The first bundles had none: what they prove cannot be verified.
            let checkpoint: Checkpoint?
        }
        let logIndex: Number?
        let logId: Identifier
        let integratedTime: Number?
        let inclusionPromise: Promise?
        let inclusionProof: Proof?
        let canonicalizedBody: Data

        func read() -> LogEntry {
            let time = (integratedTime?.value).flatMap { Int64(exactly: $0) }.flatMap { $0 > 0 ? Timestamp(seconds: $0) : nil }
            return LogEntry(
                body: Array(canonicalizedBody), index: logIndex?.value ?? 0, logID: Array(logId.keyId), integrated: time,
                promise: inclusionPromise.map { Array($0.signedEntryTimestamp) },
                proof: inclusionProof.flatMap { proof in
                    proof.checkpoint.map {
                        LogEntry.InclusionProof(
                            index: proof.logIndex?.value ?? 0, size: proof.treeSize.value, root: Array(proof.rootHash),
                            path: (proof.hashes ?? []).map { Array($0) }, checkpoint: $0.envelope)
                    }
                })
        }
    }

    struct Material: Decodable {
        struct Present: Decodable {}
        struct Chain: Decodable {
            let certificates: [RawCertificate]
        }
        struct Timestamps: Decodable {
            struct Timestamp: Decodable {
                let signedTimestamp: Data
            }
            let rfc3161Timestamps: [Timestamp]?
        }
        let publicKey: Present?
        let certificate: RawCertificate?
        let x509CertificateChain: Chain?
        let tlogEntries: [Entry]?
        let timestampVerificationData: Timestamps?

        func keyless(_ version: Int) throws(SigstoreError) -> KeylessSignature {
            let chain = certificate.map { [$0] } ?? x509CertificateChain?.certificates ?? []
            guard let first = chain.first else { throw SigstoreError("a bundle without a certificate") }
            for other in chain.dropFirst() where try SigningCertificate(der: Array(other.rawBytes)).isSelfIssued {
                throw SigstoreError("a bundle that brings a root of its own")
            }
            return KeylessSignature(
                certificate: try SigningCertificate(der: Array(first.rawBytes)), entries: (tlogEntries ?? []).map { $0.read() },
                timestamps: (timestampVerificationData?.rfc3161Timestamps ?? []).map { Array($0.signedTimestamp) },
                needsProof: version > 1)
        }
    }

    let mediaType: String
    let verificationMaterial: Material
    let dsseEnvelope: SignedEnvelope?
}
