public import GitOpsTypes

/// Stops all merges into an environment. The same freeze again changes nothing; another reason or end is another freeze.
public struct PlaceFreeze: LedgerCommand {
    public let environment: EnvironmentName
    /// Nil for until it is lifted.
    public let end: Timestamp?
    public let reason: String

    public init(_ environment: EnvironmentName, until end: Timestamp?, reason: String) {
        self.environment = environment
        self.end = end
        self.reason = reason
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<[Freeze]> {
        let known = facts.state.freezes.first {
            $0.environment == environment && $0.isActive(at: facts.time) && $0.until == end && $0.reason == reason
        }
        if let known { return .settled([known]) }
        return Decision([.freezePlaced(.init(environment: environment, reason: reason, until: end))]) {
            Array($0.freezes.suffix(1))
        }
    }
}
