/// Takes one's approval or rejection of a promotion back.
public struct RevokeWord: LedgerCommand {
    public enum Answer: Sendable {
        case approvalRevoked
        case rejectionWithdrawn
        case nothingToRevoke
    }

    public let promotion: Promotion

    public init(on promotion: Promotion) { self.promotion = promotion }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Answer> {
        if promotion.rejections.contains(where: { $0.by == facts.actor.principal }) {
            return Decision([.rejectionWithdrawn(.init(promotion: promotion.number))]) { _ in .rejectionWithdrawn }
        }
        let isApproved = promotion.approvals.contains { $0.by == facts.actor.principal }
        if promotion.isOpen, !isApproved { return .settled(.nothingToRevoke) }
        return Decision([.approvalRevoked(.init(promotion: promotion.number))]) { _ in .approvalRevoked }
    }
}
