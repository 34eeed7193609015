public import GitOpsTypes

extension Event {
    /// An operator's word that an event of the same ledger, dated ahead of every clock, does not count.
    public struct EventSkipped: LedgerEvent {
        /// The ledger's commit that holds the event.
        public let commit: CommitID
        public let reason: String

        public init(commit: CommitID, reason: String) {
            self.commit = commit
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case commit, reason
        }
    }
}

extension Event.EventSkipped {
    public static var type: EventType { .eventSkipped }
    public static var ledger: EventLedger { .any }
    public var subject: EventSubject { EventSubject() }
    public var payload: Event.Payload { .eventSkipped(self) }

    public func summary(of application: ApplicationName) -> String { "skip the event \(commit.short): \(reason)" }

    /// It is said of a ledger, which is of no one environment: an operator of any may, and signs it, also where operators are no list.
    ///
    /// Whether the event that it names is there, and dated ahead, is for the replay to say.
    public func admit(_ context: AdmissionContext) throws(Refusal) {
        try context.requireReason(reason, .ledgerIntact)
        try context.requireProof(of: "a word on another event")
        let roles = context.policy.environments.map(\.operators)
        let authorization = context.authorization
        guard !roles.contains(where: { authorization.problem(with: $0, called: "operators") == nil }) else { return }
        let operators = Set(roles.flatMap(\.principals)).sorted()
        throw Refusal(
            .authorized,
            "\(context.actor.principal) is not among the operators of any environment, who alone say that an event does not count",
            hint: "can be done by \(operators.map(\.text).joined(separator: ", "))")
    }

    /// What it is about was never applied.
    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {}
}
