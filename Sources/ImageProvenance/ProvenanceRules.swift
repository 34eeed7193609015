public import GitOpsTypes

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

    /// At least one.
    public let keys: [TrustedKey]
    /// Predicates that must be attested, by their types: `https://slsa.dev/provenance/v1`. Where there are none, a signature of
    /// the image is what is asked for.
    public let predicates: [String]
    /// Who may have built it, as provenance names builders; empty for anybody.
    public let builders: [String]
    /// The repositories that it may have been built from; empty for any.
    public let sources: [String]

    public init(keys: [TrustedKey], predicates: [String] = [], builders: [String] = [], sources: [String] = []) {
        self.keys = keys
        self.predicates = predicates
        self.builders = builders
        self.sources = sources
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
