import GitOpsTypes

/// Accepts what came into an environment without a promotion: from then on it runs, by the ledger too, what Git has there.
public struct AcceptFound: LedgerCommand {
    public let environment: EnvironmentName
    public let found: FoundContent
    /// Whether the ledger says already what Git has.
    public let isAsRecorded: Bool
    public let reason: String

    public init(_ found: FoundContent, in environment: EnvironmentName, isAsRecorded: Bool, reason: String) {
        self.found = found
        self.environment = environment
        self.isAsRecorded = isAsRecorded
        self.reason = reason
    }

    /// - Returns: the violations that are accepted.
    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<[Violation]> {
        let violations = acceptable(facts.state)
        guard !violations.isEmpty else { return .settled([]) }
        let event = Event.ViolationAccepted(
            environment: environment, commits: violations.map(\.commit), reason: reason, found: found)
        return Decision([.violationAccepted(event)]) { _ in violations }
    }

    /// What taints the environment; or else what was accepted without a record of what was there, where Git has something else
    /// than the ledger says.
    private func acceptable(_ state: ApplicationState) -> [Violation] {
        let open = state.openViolations(in: environment)
        return open.isEmpty && !isAsRecorded ? state.unsettledViolations(in: environment) : open
    }
}
