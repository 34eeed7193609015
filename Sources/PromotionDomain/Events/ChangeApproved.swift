public import GitOpsTypes

extension Event {
    /// Consent to a change that is no promotion. Names everything that it is for, so that it means nothing for anything else.
    public struct ChangeApproved: LedgerEvent {
        public let head: CommitID
        public let results: [ChangeResult]
        public let policy: String?

        public init(head: CommitID, results: [ChangeResult], policy: String?) {
            self.head = head
            self.results = results
            self.policy = policy
        }

        private enum CodingKeys: String, CodingKey {
            case head, results, policy
        }
    }
}

extension Event.ChangeApproved {
    public static var type: EventType { .changeApproved }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject() }
    public var payload: Event.Payload { .changeApproved(self) }

    public func summary(of application: ApplicationName) -> String {
        let what = results.map { "\($0.application) in \($0.environment)" } + (policy == nil ? [] : ["the policy"])
        let more = what.count > 5 ? " and \(what.count - 5) more" : ""
        return "approve the change \(head.short) of \(what.prefix(5).joined(separator: ", "))\(more)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        guard !results.isEmpty || policy != nil else {
            throw Refusal(.approved, "the change \(head.short) changes nothing that needs approval")
        }
        let concerned = context.policy.environments.filter { environment in
            policy != nil || results.contains { $0.environment == environment.name }
        }
        let approver = context.actor.principal
        // A key does not make an approver, so that it is asked for last.
        guard concerned.contains(where: { $0.approvals.from.includes(approver) }) else {
            throw Refusal(
                .authorized, "\(approver) is not among the approvers of any environment that \(head.short) changes",
                hint: "can be done by \(concerned.map(\.approvals.from.description).joined(separator: ", "))",
                role: .listing(Set(concerned.flatMap(\.approvals.from.principals)).sorted()))
        }
        try context.requireProof(of: "an approval")
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.withdrawChangeApproval(of: head, origin)
        state.changeApprovals[head, default: []].append(
            ChangeApproval(
                by: origin.actor, at: origin.time, head: head, results: results, policy: policy, key: origin.key,
                policyCommit: origin.policyCommit))
    }
}
