public import GitOpsTypes

extension Event {
    /// An operator has seen changes of the policy that do not count. What counts is what it was.
    public struct PolicyViolationAccepted: LedgerEvent {
        public let commits: [CommitID]
        public let reason: String

        public init(commits: [CommitID], reason: String) {
            self.commits = commits
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case commits, reason
        }
    }
}

extension Event.PolicyViolationAccepted {
    public static var type: EventType { .policyViolationAccepted }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject() }
    public var payload: Event.Payload { .policyViolationAccepted(self) }

    public func summary(of application: ApplicationName) -> String {
        let named = commits.prefix(5).map(\.short).joined(separator: ", ")
        return "accept that changes of the policy do not count, \(named): \(reason)"
    }

    /// The environments whose operators speak for the policy: those that ask for approvals, or else all.
    public func admit(_ context: AdmissionContext) throws(Refusal) {
        try context.requireReason(reason, .policyFromTarget)
        try context.requireProof(of: "accepting a violation")
        let all = context.policy.environments
        let guarded = all.filter { $0.approvals.required > 0 }
        try context.require(oneOf: (guarded.isEmpty ? all : guarded).map { ($0.operators, "operators of \($0.name)") })
        let open = Set(context.state.policyViolations.filter { $0.accepted == nil }.map(\.commit))
        guard !commits.isEmpty, Set(commits).isSubset(of: open) else {
            throw Refusal(.policyFromTarget, "there is no such violation of the policy")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        for index in state.policyViolations.indices where commits.contains(state.policyViolations[index].commit) {
            state.policyViolations[index].accepted = origin.time
        }
    }
}
