extension Event {
    /// An operator stops an environment for an application.
    public struct HoldPlaced: LedgerEvent {
        public let environment: EnvironmentName
        public let reason: String

        public init(environment: EnvironmentName, reason: String) {
            self.environment = environment
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case environment, reason
        }
    }
}

extension Event.HoldPlaced {
    public static var type: EventType { .holdPlaced }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .holdPlaced(self) }

    public func summary(of application: ApplicationName) -> String { "hold \(environment): \(reason)" }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.operated(self.environment).name
        try context.requireReason(reason, .notHeld)
        if let hold = context.state.holds[environment] {
            throw Refusal(.notHeld, "\(environment) is held by \(hold.by) already: \(hold.reason)")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.holds[environment] = Hold(reason: reason, by: origin.actor, at: origin.time)
    }
}
