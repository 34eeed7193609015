import GitOpsTypes
import PromotionDomain

struct ApprovePromotion: Sendable {
    let session: Session

    /// Consents to exactly what the promotion proposes now.
    ///
    /// - Parameter head: the head that was reviewed, or the beginning of its id; nil for the present one.
    func approve(_ text: String, head: String?) async throws -> PromotionReport {
        try await change(text) { promotion, application, snapshot, state in
            let content = promotion.content
            if let head, try await !CommitNames(session: session).isID(head, of: content.head) {
                throw Refusal(
                    .approved,
                    "the head of \(PromotionID(application.name, promotion.number)) is \(content.head.hex), not \(head.displayable)",
                    hint: "review it again: promote show \(PromotionID(application.name, promotion.number))")
            }
            guard promotion.isOpen else { return ([.promotionApproved(Self.approval(promotion, application))], .approved) }
            let isRepeated = promotion.approvals.contains {
                $0.by == snapshot.actor.principal && $0.head == content.head && $0.key == snapshot.actor.keyFingerprint
            }
            // One that would not count any more is not passed off as done.
            if isRepeated, Authorization(snapshot.actor, under: snapshot.policy, at: snapshot.time).isProven {
                return ([], .alreadyApproved)
            }
            // Nobody can consent to what is not what was planned.
            let checks = try await PromotionChecks(session: session).checks(of: promotion, application, state, snapshot)
            let contentRules: [Rule] = [.digestExact, .scope, .mergeable]
            if let refusal = checks.filter({ contentRules.contains($0.rule) }).refusal(of: "not approved", allowPending: true) {
                throw refusal
            }
            return ([.promotionApproved(Self.approval(promotion, application))], .approved)
        }
    }

    private static func approval(_ promotion: Promotion, _ application: Application) -> Event.PromotionApproved {
        Event.PromotionApproved(
            application: application.name, promotion: promotion.number, environment: promotion.environment,
            release: promotion.release, head: promotion.content.head, rendered: promotion.content.rendered)
    }

    /// Says no to what the promotion proposes: nothing merges it until whoever says so withdraws it.
    ///
    /// - Parameter reason: why, for the requester and the ledger.
    func reject(_ text: String, reason: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, snapshot, _ in
            let isRepeated = promotion.rejections.contains { $0.by == snapshot.actor.principal && $0.reason == reason }
            if promotion.isOpen, isRepeated { return ([], .alreadyRejected) }
            let rejection = Event.PromotionRejected(
                promotion: promotion.number, head: promotion.content.head, reason: reason)
            return ([.promotionRejected(rejection)], .rejected)
        }
    }

    /// Takes one's word back: an approval, or a rejection.
    func revoke(_ text: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, snapshot, _ in
            if promotion.rejections.contains(where: { $0.by == snapshot.actor.principal }) {
                return ([.rejectionWithdrawn(.init(promotion: promotion.number))], .withdrawn)
            }
            let approved = promotion.approvals.contains { $0.by == snapshot.actor.principal }
            if promotion.isOpen, !approved { return ([], .nothingToRevoke) }
            return ([.approvalRevoked(.init(promotion: promotion.number))], .revoked)
        }
    }

    /// Appends the events that `decide` gives for a promotion, and reports on it.
    private func change(
        _ text: String,
        _ decide: (Promotion, Application, Snapshot, ApplicationState) async throws -> ([Event.Payload], PromotionReport.Action)
    ) async throws -> PromotionReport {
        let done = try await session.transact(on: { policy in try policy.promotionID(named: text).application }) {
            snapshot, ledger, _ in
            let id = try snapshot.policy.promotionID(named: text)
            let promotion = try requirePromotion(id, in: ledger.state)
            let application = try snapshot.policy.application(named: id.application.text)
            let (events, action) = try await decide(promotion, application, snapshot, ledger.state)
            return Proposal(events: events) { _ in action }
        }
        let report = try await ShowQuery(session: session).show(text, done.outcome, done.snapshot)
        if let id = report.id, report.promotion?.isOpen == true, let forge = try session.forge(done.snapshot.policy),
            let number = report.promotion?.hostedNumber
        {
            try await HostedPromotion(session: session).publishAgain(id, report.checks, on: forge, number: number, done.snapshot)
        }
        return report
    }
}
