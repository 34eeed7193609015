extension Event {
    /// An operator ends the freezes of an environment.
    public struct FreezeLifted: LedgerEvent {
        public let environment: EnvironmentName

        public init(environment: EnvironmentName) {
            self.environment = environment
        }

        private enum CodingKeys: String, CodingKey {
            case environment
        }
    }
}

extension Event.FreezeLifted {
    public static var type: EventType { .freezeLifted }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .freezeLifted(self) }

    public func summary(of application: ApplicationName) -> String { "unfreeze \(environment)" }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.operated(self.environment).name
        guard context.state.freezes.contains(where: { $0.environment == environment && $0.isActive(at: context.time) }) else {
            throw Refusal(.windows, "\(environment) is not frozen")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        for index in state.freezes.indices
        where state.freezes[index].environment == environment && state.freezes[index].isActive(at: origin.time) {
            state.freezes[index].lifted = origin.time
        }
    }
}
