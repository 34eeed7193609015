public import GitOpsTypes

/// Records that a promotion was merged. One that is decided is left as it is.
public struct RecordMerge: LedgerCommand {
    public let promotion: Promotion
    public let commit: CommitID
    /// Who merged it with another program, proven by the commit; nil for the actor.
    public let merger: Principal?
    /// Who merged it on the forge; nil where it was not merged there.
    public let onForge: ForgeWord?

    public init(_ promotion: Promotion, by commit: CommitID, merger: Principal? = nil, onForge: ForgeWord? = nil) {
        self.promotion = promotion
        self.commit = commit
        self.merger = merger
        self.onForge = onForge
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        if case .merged = promotion.state { return .settled(()) }
        let event = Event.PromotionMerged(
            promotion: promotion.number, environment: promotion.environment, release: promotion.release,
            head: promotion.content.head, commit: commit, merger: merger, onForge: onForge)
        return Decision([.promotionMerged(event)]) { _ in }
    }
}
