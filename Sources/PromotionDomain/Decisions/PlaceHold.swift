import GitOpsTypes

/// Stops an environment for an application. A hold that stands is left as it is, whatever its reason.
public struct PlaceHold: LedgerCommand {
    public let environment: EnvironmentName
    public let reason: String

    public init(_ environment: EnvironmentName, reason: String) {
        self.environment = environment
        self.reason = reason
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Hold> {
        if let hold = facts.state.holds[environment] { return .settled(hold) }
        let hold = Hold(reason: reason, by: facts.actor.principal, at: facts.time)
        return Decision([.holdPlaced(.init(environment: environment, reason: reason))]) { [environment] in
            $0.holds[environment] ?? hold
        }
    }
}
