public import GitOpsTypes

extension Event {
    /// A change of `environments/` that the policy before it did not permit, and that does not count.
    public struct PolicyViolationDetected: LedgerEvent {
        /// The commit of the target branch that brought it.
        public let commit: CommitID
        public let detail: String

        public init(commit: CommitID, detail: String) {
            self.commit = commit
            self.detail = detail
        }

        private enum CodingKeys: String, CodingKey {
            case commit, detail
        }
    }
}

extension Event.PolicyViolationDetected {
    public static var type: EventType { .policyViolationDetected }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject() }
    public var payload: Event.Payload { .policyViolationDetected(self) }

    public func summary(of application: ApplicationName) -> String {
        "find a change of the policy that does not count, commit \(commit.short): \(detail)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        try context.requireProof(of: "a violation")
        guard !context.state.policyViolations.contains(where: { $0.commit == commit }) else {
            throw Refusal(.policyFromTarget, "\(commit.short) is known as a violation already")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.policyViolations.append(Violation(commit: commit, detail: detail, by: origin.actor, at: origin.time))
    }
}
