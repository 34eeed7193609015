import GitOpsTypes
import PromotionDomain

extension PromotionEngine {
    /// Consents to exactly what the promotion proposes now.
    ///
    /// - Parameter head: the head that was reviewed, or the beginning of its id; nil for the present one.
    public func approve(_ text: String, head: String?) async throws -> PromotionReport {
        try await change(text) { promotion, application, situation, state in
            let content = promotion.content
            if let head, try await !isID(head, of: content.head) {
                throw Refusal(
                    .approved,
                    "the head of \(PromotionID(application.name, promotion.number)) is \(content.head.hex), not \(head.displayable)",
                    hint: "review it again: promote show \(PromotionID(application.name, promotion.number))")
            }
            guard promotion.isOpen else { return ([.promotionApproved(Self.approval(promotion, application))], .approved) }
            let isRepeated = promotion.approvals.contains {
                $0.by == situation.actor.principal && $0.head == content.head && $0.key == situation.actor.keyFingerprint
            }
            // One that would not count any more is not passed off as done.
            if isRepeated, Authorization(situation.actor, under: situation.policy, at: situation.time).isProven {
                return ([], .alreadyApproved)
            }
            // Nobody can consent to what is not what was planned.
            let checks = try await checks(of: promotion, application, state, situation)
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
    public func reject(_ text: String, reason: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, situation, _ in
            let isRepeated = promotion.rejections.contains { $0.by == situation.actor.principal && $0.reason == reason }
            if promotion.isOpen, isRepeated { return ([], .alreadyRejected) }
            let rejection = Event.PromotionRejected(
                promotion: promotion.number, head: promotion.content.head, reason: reason)
            return ([.promotionRejected(rejection)], .rejected)
        }
    }

    /// Takes one's word back: an approval, or a rejection.
    public func revoke(_ text: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, situation, _ in
            if promotion.rejections.contains(where: { $0.by == situation.actor.principal }) {
                return ([.rejectionWithdrawn(.init(promotion: promotion.number))], .withdrawn)
            }
            let approved = promotion.approvals.contains { $0.by == situation.actor.principal }
            if promotion.isOpen, !approved { return ([], .nothingToRevoke) }
            return ([.approvalRevoked(.init(promotion: promotion.number))], .revoked)
        }
    }

    /// Appends the events that `decide` gives for a promotion, and reports on it.
    private func change(
        _ text: String,
        _ decide: (Promotion, Application, Situation, ApplicationState) async throws -> ([Event.Payload], PromotionReport.Action)
    ) async throws -> PromotionReport {
        let number = try await transact { policy in
            try promotion(text, policy).application
        } _: { situation, ledger, _ in
            let id = try promotion(text, situation.policy)
            let promotion = try promotion(id, in: ledger.state)
            let application = try application(id.application.text, situation.policy)
            let (events, action) = try await decide(promotion, application, situation, ledger.state)
            return Proposal(events: events) { _ in (promotion.number, action) }
        }
        let report = try await show(text, number.1, fetching: false)
        if let id = report.id, report.promotion?.isOpen == true, let forge = try forge(await look(fetching: false).policy),
            let number = report.promotion?.hostedNumber
        {
            try await publishAgain(id, report.checks, on: forge, number: number, look(fetching: false))
        }
        return report
    }

    /// A fresh report on a promotion.
    ///
    /// - Parameter fetching: false right after a command of ours that fetched or pushed.
    func show(_ text: String, _ action: PromotionReport.Action, fetching: Bool) async throws -> PromotionReport {
        let situation = try await look(fetching: fetching)
        let id = try promotion(text, situation.policy)
        let application = try application(id.application.text, situation.policy)
        let ledger = try await ledger(of: id.application, situation)
        if let forge = try forge(situation.policy), let number = ledger.state.promotion(id.number)?.hostedNumber,
            ledger.state.promotion(id.number)?.isOpen == true
        {
            return try await report(id, number, on: forge, application, ledger.state, situation, action)
        }
        return try await report(id.number, of: application, ledger.state, situation, action)
    }
}
