import GitOpsTypes
import SSHSignatures

extension Rule {
    public static let approved = Rule("approved")
}

/// `approved`: enough of the environment's approvers consented to exactly this promotion.
struct ApprovalRule: PromotionRule {
    var name: Rule { .approved }
    var isBypassable: Bool { true }
    var needs: RuleNeeds { .ledger(check) }

    private func check(_ facts: PromotionFacts) -> Check {
        let policy = facts.approvals
        let objections = objections(facts)
        guard policy.required > 0 || objections != nil else { return Check(.approved, .pass, "no approval is needed") }
        guard let promotion = facts.promotion else {
            return Check(
                .approved, .pending, "needs \(policy.required) of \(policy.from.description)",
                clearedBy: policy.from.principals.map(\.text))
        }
        if let problem = anonymity(facts, promotion) {
            return Check(
                .approved, .fail, problem, since: promotion.requestedAt,
                clearedBy: facts.environment.promoters.principals.map(\.text))
        }
        let check = quorum(facts, promotion).check(
            consents(to: promotion, facts), as: .approved,
            uncounted: promotion.disregardedApprovals.map { "\($0.by): \($0.reason)" }, since: promotion.requestedAt,
            nextStep: "promote approve \(PromotionID(facts.state.application, promotion.number))")
        guard let objections else { return check }
        let quorum = policy.required > 0 ? "; \(check.detail)" : ""
        return Check(
            .approved, .pending, "\(objections.text)\(quorum)", since: objections.since ?? check.since,
            clearedBy: objections.by + check.clearedBy.filter { !objections.by.contains($0) })
    }

    /// The approvals, and why they are not for this content.
    private func consents(to promotion: Promotion, _ facts: PromotionFacts) -> [Quorum.Consent] {
        promotion.approvals.map { approval in
            Quorum.Consent(
                by: approval.by, at: approval.at, key: approval.key, login: approval.review?.login,
                mismatch: facts.isContentCurrent
                    ? mismatch(of: approval, with: promotion.content) : "the target branch moved since")
        }
    }

    /// Who says no, in the ledger or on a forge, or why that is not known; nil where all agree.
    private func objections(_ facts: PromotionFacts) -> (text: String, by: [String], since: Timestamp?)? {
        let rejections = (facts.promotion?.rejections ?? []).filter { mayReject($0.by, facts) }
        var texts = rejections.map { "rejected by \($0.by): \($0.reason.displayable)" }
        var people = rejections.map(\.by.text)
        switch facts.reviews {
        case .notAsked: break
        case .objections(let objections):
            texts += objections.map(\.text)
            people += objections.map(\.by.text)
        case .unreadable(let reason): texts.append("the reviews cannot be read: \(reason)")
        }
        guard !texts.isEmpty else { return nil }
        return (texts.joined(separator: "; "), people, rejections.first?.at)
    }

    /// Whether a rejection still stands: a key that expired does not lift it, a list that they left does.
    private func mayReject(_ person: Principal, _ facts: PromotionFacts) -> Bool {
        facts.environment.rejecters(ofRollback: facts.isRollback).contains { $0.role.includes(person) }
    }

    /// Why a principal's approval of this promotion does not count, whatever key signs it; nil when it would.
    func exclusion(of principal: Principal, _ facts: PromotionFacts, _ promotion: Promotion) -> String? {
        quorum(facts, promotion).exclusion(of: principal)
    }

    private func quorum(_ facts: PromotionFacts, _ promotion: Promotion) -> Quorum {
        Quorum(
            environment: facts.environment.name, wanted: facts.approvals,
            rules: facts.policy, time: facts.time,
            author: Quorum.Author(
                principals: [promotion.requestedBy], keys: Set([promotion.requestKey].compactMap(\.self)),
                deed: "requested the promotion, and its requester"),
            builder: facts.state.release(promotion.release).map { .init(principal: $0.registeredBy, key: $0.key) },
            standing: facts.keys)
    }

    /// Why four eyes cannot be enforced: nothing proves who requested the promotion. Nil where that is proven, or not asked.
    private func anonymity(_ facts: PromotionFacts, _ promotion: Promotion) -> String? {
        let policy = facts.approvals
        guard facts.isStrict, policy.required > 0, policy.excludesAuthor else { return nil }
        let isProven =
            promotion.requestKey.map {
                facts.policy.allowedSigners.allows(
                    fingerprint: $0, as: promotion.requestedBy.text, namespace: Authorization.namespace, at: facts.time)
            } ?? false
        guard !isProven else { return nil }
        let target = facts.environment.name
        let again =
            promotion.isRollback
            ? "promote rollback \(target) --app \(facts.state.application) --to \(promotion.release) --reason …"
            : "promote \(promotion.origin) \(target) --app \(facts.state.application) --release \(promotion.release)"
        let found =
            promotion.requestKey.map { key in
                facts.keys?.problem(key, of: promotion.requestedBy)
                    ?? "the key \(key) is not in allowed_signers for \(promotion.requestedBy) now"
            } ?? "no key signed the request"
        return
            "requested by \(promotion.requestedBy), and \(found), so the requester cannot be verified and four-eyes cannot be enforced; "
            + "ask again with a key that allowed_signers lists for the requester: `promote close "
            + "\(PromotionID(facts.state.application, promotion.number)) --reason …`, then `\(again)`"
    }

    private func mismatch(of approval: Approval, with content: PromotionContent) -> String? {
        if approval.head != content.head { return "given for another head, \(approval.head.short)" }
        return approval.rendered == content.rendered ? nil : "given for another rendered result"
    }
}
