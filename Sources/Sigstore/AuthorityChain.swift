import Foundation
import GitOpsTypes
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

extension TrustedRoot.Authority {
    /// The certificate that signs for it; nil where only those that give certificates are known.
    var ownLeaf: Certificate? {
        // What cannot be read is no authority over others.
        let isAuthority = if case .isCertificateAuthority? = try? chain[0].extensions.basicConstraints { true } else { false }
        return isAuthority ? nil : chain[0]
    }

    /// The certificate that gave `leaf`, when a chain leads from that to this authority's root.
    ///
    /// Source: RFC 5280, section 6, at the time given, and the use that the leaf has to be for.
    func issuer(
        of leaf: Certificate, for usage: ExtendedKeyUsage.Usage, at time: Timestamp
    ) async -> Certificate? {
        var verifier = X509.Verifier(rootCertificates: CertificateStore(chain.suffix(1))) {
            RFC5280Policy(fixedExpiryValidationTime: Date(timeIntervalSince1970: TimeInterval(time.seconds)))
            LeafPolicy(usage: usage)
        }
        guard case .validCertificate(let chain) = await verifier.validate(leaf: leaf, intermediates: CertificateStore(chain))
        else { return nil }
        return chain.count > 1 ? chain[1] : chain[0]
    }
}

/// What the last certificate of a chain has to be for. Its names are compared by the caller, which knows the wanted ones.
private struct LeafPolicy: VerifierPolicy {
    let usage: ExtendedKeyUsage.Usage
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) async -> PolicyEvaluationResult {
        // What cannot be read is for nothing.
        guard let usages = try? chain.leaf.extensions.extendedKeyUsage, usages.contains(usage) else {
            return .failsToMeetPolicy(reason: "the certificate is for something else")
        }
        // Source: RFC 3161, section 2.3: who tells the time does nothing else.
        if usage == .timeStamping,
            usages.count != 1 || chain.leaf.extensions[oid: .X509ExtensionID.extendedKeyUsage]?.critical != true
        {
            return .failsToMeetPolicy(reason: "the certificate is not for telling the time alone")
        }
        return .meetsPolicy
    }
}
