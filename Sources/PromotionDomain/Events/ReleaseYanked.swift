extension Event {
    /// An operator quarantines a release.
    public struct ReleaseYanked: LedgerEvent {
        public let release: ReleaseID
        public let reason: String

        public init(release: ReleaseID, reason: String) {
            self.release = release
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case release, reason
        }
    }
}

extension Event.ReleaseYanked {
    public static var type: EventType { .releaseYanked }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(release: release) }
    public var payload: Event.Payload { .releaseYanked(self) }

    public func summary(of application: ApplicationName) -> String { "yank \(release): \(reason)" }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        try context.requireReason(reason, .notYanked)
        guard context.state.release(release) != nil else { throw Refusal(.builtOnce, "\(release) is not registered") }
        if let yank = context.state.yanks[release] {
            throw Refusal(.notYanked, "\(release) was yanked by \(yank.by) already: \(yank.reason)")
        }
        let authorization = context.authorization
        // It takes nothing from any environment, so that an operator of one may raise the alarm.
        let roles = context.policy.environments.map(\.operators).filter { $0 != .anyone }
        guard !roles.isEmpty, roles.allSatisfy({ authorization.problem(with: $0, called: "operators") != nil }) else { return }
        let operators = Set(roles.flatMap(\.principals)).sorted()
        throw Refusal(
            .authorized, authorization.identityProblem ?? "a release is yanked by an operator of one of the environments",
            hint: "can be done by \(operators.map(\.text).joined(separator: ", "))", role: .listing(operators))
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.yanks[release] = Yank(reason: reason, by: origin.actor, at: origin.time)
    }
}
