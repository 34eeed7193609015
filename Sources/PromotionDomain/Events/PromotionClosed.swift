extension Event {
    /// A promotion is given up.
    public struct PromotionClosed: LedgerEvent {
        public let promotion: Int
        public let reason: String
        /// The pull request that was closed on its forge, on an attestor's word; nil, and not in the ledger's text, where the
        /// actor closed it.
        public let onForge: ForgeClosing?

        public init(promotion: Int, reason: String, onForge: ForgeClosing? = nil) {
            self.onForge = onForge
            self.promotion = promotion
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, reason, onForge
        }
    }
}

extension Event.PromotionClosed {
    public static var type: EventType { .promotionClosed }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .promotionClosed(self) }

    public func summary(of application: ApplicationName) -> String {
        "close \(PromotionID(application, promotion)): \(reason)"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        if let onForge {
            return try context.requireAttested(onForge, of: promotion, context.environment(promotion.environment))
        }
        guard context.actor.principal != promotion.requestedBy else { return }
        try context.requireOperatorOrPromoter(context.environment(promotion.environment))
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        let closing = Promotion.Closing(reason: reason, by: origin.actor, at: origin.time)
        state.change(promotion) { $0.state = .closed(closing) }
    }
}
