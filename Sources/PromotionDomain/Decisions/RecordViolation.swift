public import GitOpsTypes

/// Records what came into an environment without permission, once for each commit.
public struct RecordViolation: LedgerCommand {
    public let environment: EnvironmentName
    public let commit: CommitID
    public let detail: String

    public init(_ detail: String, in environment: EnvironmentName, at commit: CommitID) {
        self.detail = detail
        self.environment = environment
        self.commit = commit
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        let isKnown = facts.state.violations[environment]?.contains { $0.commit == commit } == true
        let event = Event.ViolationDetected(environment: environment, commit: commit, detail: detail)
        return Decision(isKnown ? [] : [.violationDetected(event)]) { _ in }
    }
}
