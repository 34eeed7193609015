public import GitOpsTypes

/// Consents to a change that is no promotion: to its head, and to what that makes of each environment and of the policy.
public struct ApproveChangedContent: LedgerCommand {
    public let head: CommitID
    public let results: [ChangeResult]
    /// The policy that it leads to, as a Git tree; nil where it leaves the policy alone.
    public let policy: String?
    /// The approvals of the head that hold.
    public let standing: [ChangeApproval]

    public init(_ head: CommitID, results: [ChangeResult], policy: String?, standing: [ChangeApproval]) {
        self.head = head
        self.results = results
        self.policy = policy
        self.standing = standing
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        let isRepeated = standing.contains {
            $0.by == facts.actor.principal && $0.results == results && $0.policy == policy
                && $0.key == facts.actor.keyFingerprint
        }
        let event = Event.ChangeApproved(head: head, results: results, policy: policy)
        return Decision(isRepeated ? [] : [.changeApproved(event)]) { _ in }
    }
}
