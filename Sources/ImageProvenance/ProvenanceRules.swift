public import GitOpsTypes
public import Sigstore

/// What has to be proven of an image.
public struct ProvenanceRules: Hashable, Sendable {
    /// A key that counts, until when.
    public struct TrustedKey: Hashable, Sendable {
        public let key: ImageKey
        /// From then on it signs nothing that counts; nil for never.
        public let expires: Timestamp?

        public init(_ key: ImageKey, expires: Timestamp? = nil) {
            self.key = key
            self.expires = expires
        }
    }

    /// Whose signatures count without a key.
    public struct Keyless: Hashable, Sendable {
        public let root: TrustedRoot
        /// At least one: with none, everybody who can log in anywhere could sign.
        public let identities: [CertificateIdentity]

        public init(root: TrustedRoot, identities: [CertificateIdentity]) {
            self.root = root
            self.identities = identities
        }
    }

    /// Empty only where there are signatures without keys.
    public let keys: [TrustedKey]
    /// Nil where only keys count.
    public let keyless: Keyless?
    /// Predicates that must be attested, by their types: `https://slsa.dev/provenance/v1`. Where there are none, a signature of
    /// the image is what is asked for.
    public let predicates: [String]
    /// Who may have built it, as provenance names builders; empty for anybody.
    public let builders: [String]
    /// The repositories that it may have been built from; empty for any.
    public let sources: [String]

    public init(
        keys: [TrustedKey], keyless: Keyless? = nil, predicates: [String] = [], builders: [String] = [], sources: [String] = []
    ) {
        self.keys = keys
        self.keyless = keyless
        self.predicates = predicates
        self.builders = builders
        self.sources = sources
    }

    /// Whoever can sign, as it goes on after “sign it”.
    public var signers: [String] {
        keys.map { "with \($0.key.name)" } + (keyless?.identities ?? []).map { "as \($0.subject)" }
    }

    /// Whether provenance has to be there, as something is asked of it.
    var wantsProvenance: Bool { !builders.isEmpty || !sources.isEmpty }
}

/// What was found out about where an image is from.
public enum ProvenanceFinding: Hashable, Sendable {
    /// It is as the rules want it; sentences for people: which key, which attestation.
    case proven([String])
    /// It is not; why, for each thing that was looked at.
    case unproven([String])
}
