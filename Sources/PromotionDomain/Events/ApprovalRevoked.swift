extension Event {
    /// An approver takes an approval back.
    public struct ApprovalRevoked: LedgerEvent {
        public let promotion: Int
        /// The review on the forge that was taken back; nil, and not in the ledger's text, for the actor's own approval.
        public let review: ForgeWord?

        public init(promotion: Int, review: ForgeWord? = nil) {
            self.promotion = promotion
            self.review = review
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, review
        }
    }
}

extension Event.ApprovalRevoked {
    public static var type: EventType { .approvalRevoked }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .approvalRevoked(self) }

    public func summary(of application: ApplicationName) -> String {
        let whose = review.map { "record that \($0.principal) took back" } ?? "revoke"
        return "\(whose) the approval of \(PromotionID(application, promotion))"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        let approver = review?.principal ?? context.actor.principal
        if let review {
            try context.requireAttested(review, of: promotion, context.environment(promotion.environment))
        }
        guard promotion.approvals.contains(where: { $0.by == approver && ($0.review == nil) == (review == nil) }) else {
            throw Refusal(.approved, "\(approver) has not approved \(context.id(promotion))")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let approver = review?.principal ?? origin.actor
        state.change(promotion) { promotion in promotion.approvals.removeAll { $0.by == approver } }
    }
}
