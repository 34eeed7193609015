/// Closes a promotion without merging it.
public struct EndPromotion: LedgerCommand {
    public enum Answer: Sendable {
        case closed
        case alreadyClosed
    }

    public let promotion: Promotion
    public let reason: String
    /// That its pull request was closed on its forge, on an attestor's word; nil where the actor closes it.
    public let onForge: ForgeClosing?

    public init(_ promotion: Promotion, reason: String, onForge: ForgeClosing? = nil) {
        self.promotion = promotion
        self.reason = reason
        self.onForge = onForge
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Answer> {
        switch promotion.state {
        case .closed, .superseded: return .settled(.alreadyClosed)
        case .requested, .open, .merged: break
        }
        let event = Event.PromotionClosed(promotion: promotion.number, reason: reason, onForge: onForge)
        return Decision([.promotionClosed(event)]) { _ in .closed }
    }
}
