import GitOpsTypes

/// Lifts every freeze of an environment.
public struct LiftFreezes: LedgerCommand {
    public let environment: EnvironmentName

    public init(of environment: EnvironmentName) { self.environment = environment }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        let isFrozen = facts.state.freezes.contains { $0.environment == environment && $0.isActive(at: facts.time) }
        return Decision(isFrozen ? [.freezeLifted(.init(environment: environment))] : []) { _ in }
    }
}
