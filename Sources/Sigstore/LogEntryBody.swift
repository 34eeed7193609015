import Foundation
import GitOpsTypes

/// What an entry of a log says was signed, and by which key.
///
/// Source: sigstore, Rekor's types `hashedrekord` 0.0.1 and 0.0.2, `dsse` 0.0.1 and 0.0.2, `intoto` 0.0.2.
struct LogEntryBody {
    /// What the hash is of.
    enum Hashed: Equatable {
        /// What the signature is over.
        case message([UInt8])
        /// The payload of an envelope.
        case payload([UInt8])
    }

    struct Signature: Equatable {
        let bytes: [UInt8]
        /// In DER form.
        let certificate: [UInt8]
    }

    let hashed: Hashed
    let signatures: [Signature]

    init(_ bytes: [UInt8]) throws(SigstoreError) {
        // What has no name of its kind has none that could be told.
        let name = try? SigstoreJSON.decode(Name.self, bytes)
        do {
            let spec = try SigstoreJSON.decode(Body.self, bytes).spec
            (hashed, signatures) = try spec.read(kind: name?.kind ?? "", version: name?.apiVersion ?? "")
        } catch {
            let kind = name.map { " (\($0.kind) \($0.apiVersion))".displayable } ?? ""
            throw SigstoreError("an entry of a log of a kind that is not known here\(kind)")
        }
    }
}

/// What is no entry that is known here.
private struct Unknown: Error {}

private struct Name: Decodable {
    let kind: String
    let apiVersion: String
}

private struct Body: Decodable {
    let spec: Spec
}

/// Hexadecimal in the first versions, Base64 in the second.
private struct Hash: Decodable {
    let algorithm: String
    let value: String?
    let digest: Data?

    func read() throws -> [UInt8] {
        if let digest, algorithm == "SHA2_256" { return Array(digest) }
        guard let value, algorithm == "sha256", let bytes = [UInt8](hexadecimal: value) else { throw Unknown() }
        return bytes
    }
}

private struct Verifier: Decodable {
    let x509Certificate: RawCertificate?
}

/// A signature of the second versions.
private struct ContentSignature: Decodable {
    let content: Data
    let verifier: Verifier

    func read() throws -> LogEntryBody.Signature {
        guard let certificate = verifier.x509Certificate else { throw Unknown() }
        return LogEntryBody.Signature(bytes: Array(content), certificate: Array(certificate.rawBytes))
    }
}

private struct Spec: Decodable {
    struct HashHolder: Decodable {
        let hash: Hash
    }
    /// A certificate as text within Base64.
    struct PEMHolder: Decodable {
        let content: Data
    }
    struct RekordSignature: Decodable {
        let content: Data
        let publicKey: PEMHolder
    }
    struct EnvelopeSignature: Decodable {
        let signature: Data
        let verifier: Data
    }
    struct SecondRekord: Decodable {
        let data: Hash
        let signature: ContentSignature
    }
    struct SecondEnvelope: Decodable {
        let payloadHash: Hash
        let signatures: [ContentSignature]
    }
    struct Statement: Decodable {
        struct Envelope: Decodable {
            struct Signature: Decodable {
                let publicKey: Data
                /// Base64 of the signature's Base64.
                let sig: Data
            }
            let signatures: [Signature]
        }
        let envelope: Envelope
        let payloadHash: Hash
    }

    let data: HashHolder?
    let signature: RekordSignature?
    let payloadHash: Hash?
    let signatures: [EnvelopeSignature]?
    let hashedRekordV002: SecondRekord?
    let dsseV002: SecondEnvelope?
    let content: Statement?

    func read(kind: String, version: String) throws -> (LogEntryBody.Hashed, [LogEntryBody.Signature]) {
        switch (kind, version) {
        case ("hashedrekord", "0.0.1"):
            guard let data, let signature else { throw Unknown() }
            return (
                .message(try data.hash.read()),
                [.init(bytes: Array(signature.content), certificate: try Self.der(signature.publicKey.content))]
            )
        case ("hashedrekord", "0.0.2"):
            guard let hashedRekordV002 else { throw Unknown() }
            return (.message(try hashedRekordV002.data.read()), [try hashedRekordV002.signature.read()])
        case ("dsse", "0.0.1"):
            guard let payloadHash, let signatures else { throw Unknown() }
            return (
                .payload(try payloadHash.read()),
                try signatures.map { .init(bytes: Array($0.signature), certificate: try Self.der($0.verifier)) }
            )
        case ("dsse", "0.0.2"):
            guard let dsseV002 else { throw Unknown() }
            return (.payload(try dsseV002.payloadHash.read()), try dsseV002.signatures.map { try $0.read() })
        case ("intoto", "0.0.2"):
            guard let content else { throw Unknown() }
            return (
                .payload(try content.payloadHash.read()),
                try content.envelope.signatures.map {
                    // Some entries have it plainly.
                    let bytes = Data(base64Encoded: $0.sig) ?? $0.sig
                    return .init(bytes: Array(bytes), certificate: try Self.der($0.publicKey))
                }
            )
        default: throw Unknown()
        }
    }

    private static func der(_ pem: Data) throws -> [UInt8] {
        guard let der = PEM.der(String(decoding: pem, as: UTF8.self), label: "CERTIFICATE") else { throw Unknown() }
        return der
    }
}
