extension Event {
    /// A newer promotion into the same environment takes the place of one that is open.
    public struct PromotionSuperseded: LedgerEvent {
        public let promotion: Int
        public let by: Int

        public init(promotion: Int, by: Int) {
            self.promotion = promotion
            self.by = by
        }

        private enum CodingKeys: String, CodingKey {
            case promotion, by
        }
    }
}

extension Event.PromotionSuperseded {
    public static var type: EventType { .promotionSuperseded }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .promotionSuperseded(self) }

    public func summary(of application: ApplicationName) -> String {
        "supersede \(PromotionID(application, promotion)) by \(PromotionID(application, by))"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        guard by == context.state.nextPromotionNumber else {
            throw Refusal(.oneOpenPromotion, "\(context.id(promotion)) can be superseded by the next promotion only")
        }
        try context.requireOperatorOrPromoter(context.environment(promotion.environment))
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.change(promotion) { $0.state = .superseded(by: by, at: origin.time) }
    }
}
