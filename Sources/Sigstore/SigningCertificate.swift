import Foundation
import GitOpsTypes
import SwiftASN1
import X509

/// A certificate for one signature: an identity, as an authority saw it, for a few minutes.
///
/// Source: sigstore, Fulcio, "Certificate Specification" and "OID Information".
struct SigningCertificate {
    let certificate: Certificate
    let der: [UInt8]

    private static let issuer: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 8]
    /// What issuers were in before, without an encoding of their own.
    private static let bareIssuer: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 1]
    private static let otherName: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 7]

    init(der: [UInt8]) throws(SigstoreError) {
        do { certificate = try Certificate(derEncoded: der) } catch {
            throw SigstoreError("a certificate that cannot be read")
        }
        self.der = der
    }

    /// Whether its subject gave it to itself, as roots do.
    var isSelfIssued: Bool { certificate.issuer == certificate.subject }

    var key: VerificationKey { VerificationKey(certificate.publicKey) }

    /// Who it was given to.
    func identity() throws(SigstoreError) -> CertificateIdentity {
        let subject: String?
        let issuer: String?
        do {
            let names = try certificate.extensions.subjectAlternativeNames.map(Array.init) ?? []
            // One name: with more, it would be open who signed.
            subject = names.count == 1 ? try names.first.flatMap(Self.text) : nil
            if let named = certificate.extensions[oid: Self.issuer] {
                issuer = try String(ASN1UTF8String(derEncoded: named.value))
            } else {
                issuer = certificate.extensions[oid: Self.bareIssuer].map { String(decoding: $0.value, as: UTF8.self) }
            }
        } catch {
            throw SigstoreError("a certificate whose names cannot be read")
        }
        guard let subject, let issuer else { throw SigstoreError("a certificate without a subject or an issuer") }
        return CertificateIdentity(issuer: issuer, subject: subject)
    }

    private static func text(_ name: GeneralName) throws -> String? {
        switch name {
        case .uniformResourceIdentifier(let text), .rfc822Name(let text): text
        case .otherName(let other) where other.typeID == otherName:
            try other.value.map { try String(ASN1UTF8String(asn1Any: $0)) }
        default: nil
        }
    }

    /// Holds it against the authorities and logs that counted when it was used.
    func verify(_ root: TrustedRoot, at time: Timestamp) async throws(SigstoreError) {
        let start = Timestamp(seconds: Int64(certificate.notValidBefore.timeIntervalSince1970))
        let end = Timestamp(seconds: Int64(certificate.notValidAfter.timeIntervalSince1970))
        guard start <= time, time <= end else {
            throw SigstoreError("a certificate for \(start) to \(end), which was used at \(time)")
        }
        for authority in root.certificateAuthorities where authority.validity.contains(time) {
            guard let issuer = await authority.issuer(of: certificate, for: .codeSigning, at: time) else { continue }
            return try requireLogged(root, issuer: issuer)
        }
        throw SigstoreError("a certificate that no authority of the trust root gave")
    }

    /// That everybody can see that it was given: one of the logs of certificates has it. A trust root without such logs asks for
    /// none.
    private func requireLogged(_ root: TrustedRoot, issuer: Certificate) throws(SigstoreError) {
        guard let logs = root.certificateLogs else { return }
        let timestamps = try SignedCertificateTimestamp.list(in: certificate)
        let signed: [UInt8]
        do { signed = try SignedCertificateTimestamp.precertificate(of: certificate, issuer: issuer) } catch {
            throw SigstoreError("a certificate that cannot be held against the logs of certificates")
        }
        guard timestamps.contains(where: { $0.counts(logs, precertificate: signed) }) else {
            throw SigstoreError("a certificate that is in no log of certificates of the trust root")
        }
    }
}
