public import Foundation

/// A payload with its signatures.
///
/// Source: DSSE 1.0, "Envelope" and "Protocol".
public struct SignedEnvelope: Decodable {
    public struct Signature: Decodable {
        public let sig: Data
    }

    public let payload: Data
    public let payloadType: String
    public let signatures: [Signature]

    public init(_ bytes: [UInt8]) throws(SigstoreError) {
        do { self = try SigstoreJSON.decode(SignedEnvelope.self, bytes) } catch {
            throw SigstoreError("an envelope that cannot be read")
        }
    }

    /// What the signatures are over.
    public var message: [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }
}
