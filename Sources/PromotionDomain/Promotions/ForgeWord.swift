public import GitOpsTypes

/// What a person did on a forge: their consent, or a merge, on the word of the actor who records it.
///
/// The forge proved who they were when they did it; the ledger keeps what can be asked of the forge again.
public struct ForgeWord: Hashable, Sendable, Codable {
    public let forge: ForgeKind
    public let pullRequest: Int
    /// Whose account it is, by the policy.
    public let principal: Principal
    public let login: String
    /// What names the review on the forge; nil for what is none.
    public let review: String?
    /// When, by the forge's clock; nil where it does not say.
    public let at: Timestamp?

    public init(
        forge: ForgeKind, pullRequest: Int, principal: Principal, login: String, review: String?, at: Timestamp?
    ) {
        self.at = at
        self.forge = forge
        self.pullRequest = pullRequest
        self.principal = principal
        self.login = login
        self.review = review
    }

    private enum CodingKeys: String, CodingKey {
        case forge, pullRequest, principal, login, review, at
    }
}

/// That a pull request was closed on a forge without being merged: it takes nothing from anyone, so that it is not asked who did.
public struct ForgeClosing: Hashable, Sendable, Codable {
    public let forge: ForgeKind
    public let pullRequest: Int

    public init(forge: ForgeKind, pullRequest: Int) {
        self.forge = forge
        self.pullRequest = pullRequest
    }

    private enum CodingKeys: String, CodingKey {
        case forge, pullRequest
    }
}
