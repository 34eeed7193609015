extension Event {
    /// Who rejected a promotion objects no more.
    public struct RejectionWithdrawn: LedgerEvent {
        public let promotion: Int

        public init(promotion: Int) {
            self.promotion = promotion
        }

        private enum CodingKeys: String, CodingKey {
            case promotion
        }
    }
}

extension Event.RejectionWithdrawn {
    public static var type: EventType { .rejectionWithdrawn }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(promotion: promotion) }
    public var payload: Event.Payload { .rejectionWithdrawn(self) }

    public func summary(of application: ApplicationName) -> String {
        "withdraw the rejection of \(PromotionID(application, promotion))"
    }

    public func admit(_ context: AdmissionContext) throws(Refusal) {
        let promotion = try context.openPromotion(self.promotion)
        guard promotion.rejections.contains(where: { $0.by == context.actor.principal }) else {
            throw Refusal(.approved, "\(context.actor.principal) has not rejected \(context.id(promotion))")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.change(promotion) { promotion in promotion.rejections.removeAll { $0.by == origin.actor } }
    }
}
