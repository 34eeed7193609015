import GitOpsTypes

/// Records that an operator has seen changes of the policy that do not count, those among them that were not recorded yet.
public struct AcceptPolicyViolations: LedgerCommand {
    public let violations: [RecordPolicyViolation]
    public let reason: String

    public init(_ violations: [RecordPolicyViolation], reason: String) {
        self.violations = violations
        self.reason = reason
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        guard !violations.isEmpty else { return .settled(()) }
        var events: [Event.Payload] = []
        for violation in violations { events += try violation.decide(facts).events }
        let accepted = Event.PolicyViolationAccepted(commits: violations.map(\.commit), reason: reason)
        return Decision(events + [.policyViolationAccepted(accepted)]) { _ in }
    }
}
