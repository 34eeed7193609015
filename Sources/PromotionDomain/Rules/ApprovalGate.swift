import GitOpsTypes
import SSHSignatures

/// `approved`: enough of the environment's approvers consented to exactly this promotion.
enum ApprovalGate {
    /// - Parameter contentIsCurrent: false when the merge would render something else than what was approved, which voids
    ///   every approval.
    static func check(_ question: PromotionQuestion, contentIsCurrent: Bool) -> Check {
        let policy = question.approvals
        let objections = objections(question)
        guard policy.required > 0 || objections != nil else { return Check(.approved, .pass, "no approval is needed") }
        guard let promotion = question.promotion else {
            return Check(
                .approved, .pending, "needs \(policy.required) of \(policy.from.description)",
                clearedBy: policy.from.principals.map(\.text))
        }
        if let problem = anonymity(question, promotion) {
            return Check(
                .approved, .fail, problem, since: promotion.requestedAt,
                clearedBy: question.environment.promoters.principals.map(\.text))
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
        guard let objections else { return check }
        let quorum = policy.required > 0 ? "; \(check.detail)" : ""
        return Check(
            .approved, .pending, "\(objections.text)\(quorum)", since: objections.since ?? check.since,
            clearedBy: objections.by + check.clearedBy.filter { !objections.by.contains($0) })
    }

    /// Who says no, in the ledger or on a forge, or why nobody knows; nil when nobody does.
    private static func objections(_ question: PromotionQuestion) -> (text: String, by: [String], since: Timestamp?)? {
        let rejections = (question.promotion?.rejections ?? []).filter { mayReject($0.by, question) }
        var texts = rejections.map { "rejected by \($0.by): \($0.reason.displayable)" }
        var people = rejections.map(\.by.text)
        switch question.reviews {
        case .notAsked: break
        case .objections(let objections):
            texts += objections.map(\.text)
            people += objections.map(\.by.text)
        case .unreadable(let reason): texts.append("the reviews cannot be read: \(reason)")
        }
        guard !texts.isEmpty else { return nil }
        return (texts.joined(separator: "; "), people, rejections.first?.at)
    }

    /// Whether somebody's no still stands: a key that expired does not lift it, a list that they left does.
    private static func mayReject(_ person: Principal, _ question: PromotionQuestion) -> Bool {
        question.environment.rejecters(ofRollback: question.isRollback).contains { $0.role.includes(person) }
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
                principals: [promotion.requestedBy], keys: Set([promotion.requestKey].compactMap(\.self)),
                deed: "requested the promotion, and its requester"),
            builder: question.state.release(promotion.release).map { .init(principal: $0.registeredBy, key: $0.key) },
            standing: question.keys)
    }

    /// Why four eyes cannot be told from two: nothing proves who requested the promotion. Nil where that is proven, or not asked.
    private static func anonymity(_ question: PromotionQuestion, _ promotion: Promotion) -> String? {
        let policy = question.approvals
        guard question.isStrict, policy.required > 0, policy.excludesAuthor else { return nil }
        let isProven =
            promotion.requestKey.map {
                question.policy.allowedSigners.allows(
                    fingerprint: $0, as: promotion.requestedBy.text, namespace: Authorization.namespace, at: question.time)
            } ?? false
        guard !isProven else { return nil }
        let target = question.environment.name
        let again =
            promotion.isRollback
            ? "promote rollback \(target) --app \(question.state.application) --to \(promotion.release) --reason …"
            : "promote \(promotion.origin) \(target) --app \(question.state.application) --release \(promotion.release)"
        let found =
            promotion.requestKey.map { key in
                question.keys?.problem(key, of: promotion.requestedBy)
                    ?? "the key \(key) is not in allowed_signers for \(promotion.requestedBy) now"
            } ?? "no key signed the request"
        return "requested by \(promotion.requestedBy), and \(found), so that four eyes cannot be told from two; "
            + "ask again with a key that allowed_signers lists for whoever asks: `promote close "
            + "\(PromotionID(question.state.application, promotion.number)) --reason …`, then `\(again)`"
    }

    private static func mismatch(of approval: Approval, with content: PromotionContent) -> String? {
        if approval.head != content.head { return "given for another head, \(approval.head.short)" }
        return approval.rendered == content.rendered ? nil : "given for another rendered result"
    }
}
