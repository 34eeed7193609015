public import GitOpsTypes

/// What has to be proven of an image, as the policy says it: keys and trust roots as their files have them, which were readable
/// when the policy was read.
public struct ProvenanceRules: Hashable, Sendable {
    /// A public key that counts, until when.
    public struct TrustedKey: Hashable, Sendable {
        /// What people call it: the path of its file.
        public let name: String
        /// Its file, in PEM form.
        public let pem: String
        /// From then on it signs nothing that counts; nil for never.
        public let expires: Timestamp?

        public init(name: String, pem: String, expires: Timestamp? = nil) {
            self.name = name
            self.pem = pem
            self.expires = expires
        }
    }

    /// Whose signatures count without a key.
    public struct Keyless: Hashable, Sendable {
        /// The file of the trust root: `trusted_root.json` of an instance of sigstore.
        public let root: [UInt8]
        /// At least one: with none, everyone who can log in anywhere could sign.
        public let identities: [Identity]

        public init(root: [UInt8], identities: [Identity]) {
            self.root = root
            self.identities = identities
        }
    }

    /// Who certificates are for.
    public struct Identity: Hashable, Sendable {
        /// `https://token.actions.githubusercontent.com`
        public let issuer: String
        /// `https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main`, or an address of mail; a `*` is any
        /// characters but `/` and `@`.
        public let subject: String

        public init(issuer: String, subject: String) {
            self.issuer = issuer
            self.subject = subject
        }
    }

    /// Empty only where there are signatures without keys.
    public let keys: [TrustedKey]
    /// Nil where only keys count.
    public let keyless: Keyless?
    /// Predicates that must be attested, by their types: `https://slsa.dev/provenance/v1`. Where there are none, a signature of
    /// the image is what is asked for.
    public let predicates: [String]
    /// Who may have built it, as provenance names builders; empty for any builder.
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

    /// Who can sign, as it goes on after “sign it”.
    public var signers: [String] {
        keys.map { "with \($0.name)" } + (keyless?.identities ?? []).map { "as \($0.subject)" }
    }
}
