import GitOpsTypes
import PromotionDomain
import Sigstore

/// The keys and the trust root of a policy's rules, read from their files.
struct TrustAnchors: Sendable {
    struct Key: Sendable {
        let name: String
        let key: VerificationKey
        let expires: Timestamp?
    }

    struct Keyless: Sendable {
        let root: Result<TrustedRoot, SigstoreError>
        let identities: [CertificateIdentity]
    }

    /// Without those that cannot be read, with which nothing is proven.
    let keys: [Key]
    /// Nil where only keys count.
    let keyless: Keyless?

    init(_ rules: ProvenanceRules) {
        keys = rules.keys.compactMap { trusted in
            VerificationKey(pem: trusted.pem).map { Key(name: trusted.name, key: $0, expires: trusted.expires) }
        }
        keyless = rules.keyless.map { keyless in
            Keyless(
                root: Result { () throws(SigstoreError) in try TrustedRoot(keyless.root) },
                identities: keyless.identities.map { CertificateIdentity(issuer: $0.issuer, subject: $0.subject) })
        }
    }
}
