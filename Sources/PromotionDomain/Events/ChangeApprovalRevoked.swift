public import GitOpsTypes

extension Event {
    /// An approver takes back an approval of a change that is no promotion.
    public struct ChangeApprovalRevoked: LedgerEvent {
        public let head: CommitID

        public init(head: CommitID) {
            self.head = head
        }

        private enum CodingKeys: String, CodingKey {
            case head
        }
    }
}

extension Event.ChangeApprovalRevoked {
    public static var type: EventType { .changeApprovalRevoked }
    public static var ledger: EventLedger { .environments }
    public var subject: EventSubject { EventSubject() }
    public var payload: Event.Payload { .changeApprovalRevoked(self) }

    public func summary(of application: ApplicationName) -> String { "revoke the approval of the change \(head.short)" }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let approver = context.actor.principal
        guard context.state.standingApprovals(of: head).contains(where: { $0.by == approver }) else {
            throw Refusal(.approved, "\(approver) has not approved the change \(head.short)")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.withdrawChangeApproval(of: head, origin)
    }
}
