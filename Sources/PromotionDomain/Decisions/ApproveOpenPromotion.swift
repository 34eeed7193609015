/// Consents to what a promotion proposes now.
public struct ApproveOpenPromotion: LedgerCommand {
    public enum Answer: Sendable {
        case approved
        case alreadyApproved
    }

    public let promotion: Promotion

    public init(_ promotion: Promotion) { self.promotion = promotion }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Answer> {
        let isRepeated = promotion.approvals.contains {
            $0.by == facts.actor.principal && $0.head == promotion.content.head && $0.key == facts.actor.keyFingerprint
        }
        // One that would not count any more is not passed off as done.
        if promotion.isOpen, isRepeated, facts.isProven { return .settled(.alreadyApproved) }
        let approval = Event.PromotionApproved(
            application: facts.state.application, promotion: promotion.number, environment: promotion.environment,
            release: promotion.release, head: promotion.content.head, rendered: promotion.content.rendered)
        return Decision([.promotionApproved(approval)]) { _ in .approved }
    }
}
