import GitOpsTypes
import PromotionDomain

/// Approvals and rejections of a promotion.
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
            let decision = try ApproveOpenPromotion(promotion).decide(snapshot.facts(state)).map(PromotionReport.Action.init)
            guard promotion.isOpen, decision.isNew else { return decision }
            // There is no consent to what is not what was planned.
            let checks = try await PromotionChecks(session: session).checks(
                of: promotion, in: ApplicationView(application, state, snapshot))
            let contentRules: [Rule] = [.digestExact, .scope, .mergeable]
            if let refusal = checks.filter({ contentRules.contains($0.rule) }).refusal(of: "not approved", allowPending: true) {
                throw refusal
            }
            return decision
        }
    }

    /// Objects to what the promotion proposes: nothing merges it until the objection is withdrawn.
    ///
    /// - Parameter reason: why, for the requester and the ledger.
    func reject(_ text: String, reason: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, snapshot, state in
            try RejectPromotion(promotion, reason: reason).decide(snapshot.facts(state)).map(PromotionReport.Action.init)
        }
    }

    /// Takes one's word back: an approval, or a rejection.
    func revoke(_ text: String) async throws -> PromotionReport {
        try await change(text) { promotion, _, snapshot, state in
            try RevokeWord(on: promotion).decide(snapshot.facts(state)).map(PromotionReport.Action.init)
        }
    }

    /// Appends the events that `decide` gives for a promotion, and reports on it.
    private func change(
        _ text: String,
        _ decide: (Promotion, Application, Snapshot, ApplicationState) async throws -> Decision<PromotionReport.Action>
    ) async throws -> PromotionReport {
        let done = try await session.transact(on: { policy in try policy.promotionID(named: text).application }) {
            snapshot, ledger, _ in
            let id = try snapshot.policy.promotionID(named: text)
            let promotion = try requirePromotion(id, in: ledger.state)
            let application = try snapshot.policy.application(named: id.application.text)
            return Proposal(try await decide(promotion, application, snapshot, ledger.state)) { action, _ in action }
        }
        let report = try await ShowQuery(session: session).show(text, done.outcome, done.snapshot)
        if let id = report.id, report.promotion?.isOpen == true, let forge = try session.forge(done.snapshot.policy),
            let number = report.promotion?.hostedNumber
        {
            try await HostedPromotion(session: session, forge: forge).publishAgain(
                id, report.checks, number: number, done.snapshot)
        }
        return report
    }
}

extension PromotionReport.Action {
    init(_ answer: ApproveOpenPromotion.Answer) {
        switch answer {
        case .approved: self = .approved
        case .alreadyApproved: self = .alreadyApproved
        }
    }

    init(_ answer: RejectPromotion.Answer) {
        switch answer {
        case .rejected: self = .rejected
        case .alreadyRejected: self = .alreadyRejected
        }
    }

    init(_ answer: RevokeWord.Answer) {
        switch answer {
        case .approvalRevoked: self = .revoked
        case .rejectionWithdrawn: self = .withdrawn
        case .nothingToRevoke: self = .nothingToRevoke
        }
    }

    init(_ answer: EndPromotion.Answer) {
        switch answer {
        case .closed: self = .closed
        case .alreadyClosed: self = .alreadyClosed
        }
    }
}
