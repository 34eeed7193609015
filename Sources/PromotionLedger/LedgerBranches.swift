public import GitOpsTypes
public import PromotionDomain

/// The branches of ledgers: `promote/ledger/<application>`.
public struct LedgerBranches: Hashable, Sendable {
    /// What the names begin with, slash included.
    public let prefix: String

    /// The prefix is Git's configuration `promote.ledgerPrefix` where that is set.
    public init(prefix: String = "promote/ledger/") {
        self.prefix = prefix
    }

    public func branch(of application: ApplicationName) -> BranchName {
        guard let branch = BranchName(prefix + application.text) else {
            preconditionFailure("an application's name and a checked prefix make a branch name")
        }
        return branch
    }
}
