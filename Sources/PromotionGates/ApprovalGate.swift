import GitOpsTypes
import PromotionModel

/// `approved`: enough of the environment's approvers consented to exactly this promotion.
enum ApprovalGate {
    /// - Parameter contentIsCurrent: false when the merge would render something else than what was approved, which voids
    ///   every approval.
    static func check(_ question: PromotionQuestion, contentIsCurrent: Bool) -> Check {
        let policy = question.approvals
        guard policy.required > 0 else { return Check(.approved, .pass, "no approval is needed") }
        guard let promotion = question.promotion else {
            return Check(
                .approved, .pending, "needs \(policy.required) of \(policy.from.description)",
                clearedBy: policy.from.principals.map(\.text))
        }
        let consents = promotion.approvals.map { approval in
            Quorum.Consent(
                by: approval.by, at: approval.at, key: approval.key, login: approval.review?.login,
                mismatch: contentIsCurrent ? mismatch(of: approval, with: promotion.content) : "the target branch moved since")
        }
        let check = quorum(question, promotion).check(
            consents, as: .approved, uncounted: promotion.disregardedApprovals.map { "\($0.by): \($0.reason)" },
            since: promotion.requestedAt,
            nextStep: "promote approve \(PromotionID(question.state.application, promotion.number))")
        let obstacle: String? =
            switch question.reviews {
            case .notAsked: nil
            case .objections(let objections): objections.isEmpty ? nil : objections.joined(separator: "; ")
            case .unreadable(let reason): "the reviews cannot be read: \(reason)"
            }
        guard let obstacle else { return check }
        return Check(.approved, .pending, "\(obstacle); \(check.detail)", since: check.since, clearedBy: check.clearedBy)
    }

    /// Why a person's approval of this promotion does not count, whoever signs it; nil when it would.
    static func exclusion(of principal: Principal, _ question: PromotionQuestion, _ promotion: Promotion) -> String? {
        quorum(question, promotion).exclusion(of: principal)
    }

    private static func quorum(_ question: PromotionQuestion, _ promotion: Promotion) -> Quorum {
        Quorum(
            environment: question.environment.name, wanted: question.approvals,
            rules: question.policy, time: question.time,
            author: Quorum.Author(
                principals: [promotion.requestedBy], key: promotion.requestKey,
                deed: "requested the promotion, and its requester"),
            builder: question.state.release(promotion.release)?.registeredBy)
    }

    private static func mismatch(of approval: Approval, with content: PromotionContent) -> String? {
        if approval.head != content.head { return "given for another head, \(approval.head.short)" }
        return approval.rendered == content.rendered ? nil : "given for another rendered result"
    }
}
