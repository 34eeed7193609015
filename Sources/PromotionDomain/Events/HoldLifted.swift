extension Event {
    /// An operator lets an environment go on that is held.
    public struct HoldLifted: LedgerEvent {
        public let environment: EnvironmentName

        public init(environment: EnvironmentName) {
            self.environment = environment
        }

        private enum CodingKeys: String, CodingKey {
            case environment
        }
    }
}

extension Event.HoldLifted {
    public static var type: EventType { .holdLifted }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .holdLifted(self) }

    public func summary(of application: ApplicationName) -> String { "resume \(environment)" }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.operated(self.environment).name
        guard context.state.holds[environment] != nil else { throw Refusal(.notHeld, "\(environment) is not held") }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.holds[environment] = nil
    }
}
