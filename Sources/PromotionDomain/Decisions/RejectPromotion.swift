/// Objects to a promotion: nothing merges it until the objection is withdrawn.
public struct RejectPromotion: LedgerCommand {
    public enum Answer: Sendable {
        case rejected
        case alreadyRejected
    }

    public let promotion: Promotion
    public let reason: String

    public init(_ promotion: Promotion, reason: String) {
        self.promotion = promotion
        self.reason = reason
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Answer> {
        let isRepeated = promotion.rejections.contains { $0.by == facts.actor.principal && $0.reason == reason }
        if promotion.isOpen, isRepeated { return .settled(.alreadyRejected) }
        let rejection = Event.PromotionRejected(
            promotion: promotion.number, head: promotion.content.head, reason: reason)
        return Decision([.promotionRejected(rejection)]) { _ in .rejected }
    }
}
