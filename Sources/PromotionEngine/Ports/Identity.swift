public import GitStore
public import PromotionDomain

/// Who acts in a session, and with which key.
public struct Identity: Sendable {
    /// Nil when it is not known who acts: then there is only looking.
    public let user: User?
    /// Nil when nothing is signed.
    public let signer: (any CommitSigning)?
    /// How Git is set up to sign, for those who have to be told.
    public let signing: SigningSetup

    public init(user: User?, signer: (any CommitSigning)?, signing: SigningSetup = .ssh) {
        self.user = user
        self.signer = signer
        self.signing = signing
    }

    /// Who acts, by Git's configuration.
    public struct User: Sendable {
        public let principal: Principal
        /// The name in commits.
        public let name: String
        /// The address in commits.
        public let email: String

        public init(principal: Principal, name: String, email: String) {
            self.principal = principal
            self.name = name
            self.email = email
        }
    }
}
