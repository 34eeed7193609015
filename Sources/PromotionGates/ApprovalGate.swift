import GitOpsTypes
import PromotionModel
import SSHSignatures

/// `approved`: enough of the environment's approvers consented to exactly this promotion.
enum ApprovalGate {
    /// - Parameter contentIsCurrent: false when the merge would render something else than what was approved, which voids
    ///   every approval.
    static func check(_ question: PromotionQuestion, contentIsCurrent: Bool) -> Check {
        let policy = question.approvals
        guard policy.required > 0 else { return Check(.approved, .pass, "no approval is needed") }
        let names = policy.from.description
        guard let promotion = question.promotion else {
            return Check(
                .approved, .pending, "needs \(policy.required) of \(names)", clearedBy: policy.from.principals.map(\.text))
        }
        var counted: [Principal] = []
        var keys: Set<String> = []
        var uncounted = Self.described(promotion.disregardedApprovals)
        for approval in promotion.approvals {
            if let problem = contentIsCurrent ? problem(with: approval, question, promotion) : "the target branch moved since" {
                uncounted.append("\(approval.by): \(problem)")
            } else if let key = approval.key, !keys.insert(key).inserted {
                uncounted.append("\(approval.by): signed with the same key as another approval")
            } else {
                counted.append(approval.by)
            }
        }
        var detail = "\(counted.count) of \(policy.required) approvals from \(names)"
        if !counted.isEmpty { detail += ": \(counted.map(\.text).joined(separator: ", "))" }
        if !uncounted.isEmpty { detail += "; not counted: \(uncounted.joined(separator: "; "))" }
        let missing = policy.missing(from: counted)
        if !missing.isEmpty { detail += "; needs \(missing.map(\.text).joined(separator: ", "))" }
        if counted.count >= policy.required, missing.isEmpty { return Check(.approved, .pass, detail) }
        let asked = counted.count >= policy.required ? missing : policy.from.principals
        let open = asked.filter { principal in
            !counted.contains(principal) && exclusion(of: principal, question, promotion) == nil
        }
        let application = question.state.application
        detail += "; `promote approve \(PromotionID(application, promotion.number))`"
        return Check(.approved, .pending, detail, since: promotion.requestedAt, clearedBy: open.map(\.text))
    }

    /// Each once, and a few of many: anybody can write a thousand.
    private static func described(_ approvals: [DisregardedApproval]) -> [String] {
        var seen: Set<String> = []
        let distinct = approvals.map { "\($0.by): \($0.reason)" }.filter { seen.insert($0).inserted }
        return distinct.prefix(5) + (distinct.count > 5 ? ["\(distinct.count - 5) more"] : [])
    }

    /// Why an approval that was valid when given does not count under the present policy.
    private static func problem(with approval: Approval, _ question: PromotionQuestion, _ promotion: Promotion) -> String? {
        let policy = question.approvals
        if approval.head != promotion.content.head { return "given for another head, \(approval.head.short)" }
        if approval.rendered != promotion.content.rendered { return "given for another rendered result" }
        if let problem = exclusion(of: approval.by, question, promotion) { return problem }
        if let problem = policy.expiryProblem(approval.at, at: question.time) { return problem }
        guard let key = approval.key else { return "not signed" }
        if policy.fourEyes.contains(.requester), key == promotion.requestKey { return "signed with the requester's key" }
        // The key may have been taken off the list, or have expired, since.
        let entry = question.policy.allowedSigners.entries.first { entry in
            entry.key.fingerprint == key
                && question.policy.allowedSigners.allows(
                    entry.key, as: approval.by.text, namespace: Authorization.namespace, at: question.time)
        }
        return entry == nil ? "the key \(key) is not in allowed_signers for \(approval.by) now" : nil
    }

    /// Why a person's approval of this promotion does not count, whoever signs it; nil when it would.
    static func exclusion(of principal: Principal, _ question: PromotionQuestion, _ promotion: Promotion) -> String? {
        let policy = question.approvals
        if case .members(let members) = policy.from, !members.principals.contains(principal) {
            return "not among the approvers of \(question.environment.name): \(policy.from.description)"
        }
        if policy.fourEyes.contains(.requester), principal == promotion.requestedBy {
            return "requested the promotion, and its requester does not count"
        }
        if policy.fourEyes.contains(.builder), principal == question.state.release(promotion.release)?.registeredBy {
            return "built the release, and its builder does not count"
        }
        return nil
    }
}
