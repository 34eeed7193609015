public import GitOpsTypes

/// Takes one's approval of a change back.
public struct RevokeChangeApproval: LedgerCommand {
    public let head: CommitID

    public init(of head: CommitID) { self.head = head }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        let isApproved = facts.state.standingApprovals(of: head).contains { $0.by == facts.actor.principal }
        return Decision(isApproved ? [.changeApprovalRevoked(.init(head: head))] : []) { _ in }
    }
}
