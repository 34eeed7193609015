import GitOpsTypes

/// Takes the hold of an environment back.
public struct LiftHold: LedgerCommand {
    public let environment: EnvironmentName

    public init(_ environment: EnvironmentName) { self.environment = environment }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Void> {
        guard facts.state.holds[environment] != nil else { return .settled(()) }
        return Decision([.holdLifted(.init(environment: environment))]) { _ in }
    }
}
