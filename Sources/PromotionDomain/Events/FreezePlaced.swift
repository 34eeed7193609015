public import GitOpsTypes

extension Event {
    /// An operator freezes an environment, for every application.
    public struct FreezePlaced: LedgerEvent {
        public let environment: EnvironmentName
        public let reason: String
        public let until: Timestamp?

        public init(environment: EnvironmentName, reason: String, until: Timestamp?) {
            self.environment = environment
            self.reason = reason
            self.until = until
        }

        private enum CodingKeys: String, CodingKey {
            case environment, reason, until
        }
    }
}

extension Event.FreezePlaced {
    public static var type: EventType { .freezePlaced }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject(environment: environment) }
    public var payload: Event.Payload { .freezePlaced(self) }

    public func summary(of application: ApplicationName) -> String {
        "freeze \(environment)\(until.map { " until \($0)" } ?? ""): \(reason)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let environment = try context.operated(self.environment)
        try context.requireReason(reason, .windows)
        if let until, until <= context.time {
            throw Refusal(.windows, "a freeze of \(environment.name) until \(until) would be over already")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.freezes.append(
            Freeze(
                environment: environment, reason: reason, by: origin.actor, at: origin.time, until: until,
                policyCommit: origin.policyCommit))
    }
}
