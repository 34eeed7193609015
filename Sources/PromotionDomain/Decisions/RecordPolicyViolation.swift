public import GitOpsTypes

/// Records a change of the policy that does not count, once for each commit.
public struct RecordPolicyViolation: LedgerCommand {
    public let commit: CommitID
    public let detail: String

    public init(_ detail: String, at commit: CommitID) {
        self.detail = detail
        self.commit = commit
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        let isKnown = facts.state.policyViolations.contains { $0.commit == commit }
        let event = Event.PolicyViolationDetected(commit: commit, detail: detail)
        return Decision(isKnown ? [] : [.policyViolationDetected(event)]) { _ in }
    }
}
