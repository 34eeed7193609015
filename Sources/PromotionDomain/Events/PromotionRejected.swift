public import GitOpsTypes

extension Event {
    /// An approver of a promotion, or an operator of its environment, says no to it.
    public struct PromotionRejected: LedgerEvent {
        public let promotion: Int
        public let head: CommitID
        public let reason: String

        public init(promotion: Int, head: CommitID, reason: String) {
            self.promotion = promotion
            self.head = head
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, head, reason
        }
    }
}

extension Event.PromotionRejected {
    public static var type: EventType { .promotionRejected }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .promotionRejected(self) }

    public func summary(of application: ApplicationName) -> String {
        "reject \(PromotionID(application, promotion)): \(reason)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        try context.requireReason(reason, .approved)
        guard head == promotion.content.head else {
            throw Refusal(
                .approved,
                "the rejection is of the head \(head.short), and that of \(context.id(promotion)) is \(promotion.content.head.short)"
            )
        }
        let environment = try context.environment(promotion.environment)
        try context.requireProof(of: "a rejection")
        try context.require(oneOf: environment.rejecters(ofRollback: promotion.isRollback))
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let rejection = Rejection(by: origin.actor, at: origin.time, head: head, reason: reason)
        state.change(promotion) { promotion in
            promotion.forget(origin.actor)
            promotion.rejections.append(rejection)
        }
    }
}
