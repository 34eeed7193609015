import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// A promotion whose pull request is on a forge: what was said of it there is recorded, and what the checks came to is said there.
struct HostedPromotion: Sendable {
    let session: Session
    let forge: any Forge

    /// Brings the ledger up to date with what people said, before it is asked.
    ///
    /// - Parameter snapshot: the world as it was just seen.
    /// - Returns: the world with that.
    func record(
        _ reviews: ReadReviews, of id: PromotionID, _ pullRequest: ForgePullRequest, _ snapshot: Snapshot
    ) async throws -> Snapshot {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        let found = ForgeReviews(session: session, forge: forge).findings(
            promotion, of: id.application, pullRequest, reviews, snapshot.policy)
        guard promotion.isOpen, !session.recordable(found.events, snapshot, state).isEmpty else {
            return snapshot
        }
        return try await session.transact(on: { _ in id.application }, from: snapshot) { snapshot, ledger, _ -> Proposal<Void> in
            let promotion = try requirePromotion(id, in: ledger.state)
            guard promotion.isOpen else { return Proposal { _ in } }
            let found = ForgeReviews(session: session, forge: forge).findings(
                promotion, of: id.application, pullRequest, reviews, snapshot.policy)
            return Proposal(events: session.recordable(found.events, snapshot, ledger.state)) { _ in }
        }.snapshot
    }

    /// The checks of a promotion with a pull request, and what is wrong with that itself.
    func judge(
        _ id: PromotionID, _ pullRequest: ForgePullRequest, _ reviews: ReadReviews, _ snapshot: Snapshot,
        isMerging: Bool = true
    ) async throws -> (checks: [Check], problem: Refusal?) {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        let application = try snapshot.policy.application(named: id.application.text)
        let found = ForgeReviews(session: session, forge: forge).findings(
            promotion, of: id.application, pullRequest, reviews, snapshot.policy)
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, in: ApplicationView(application, state, snapshot),
            .init(merger: isMerging ? snapshot.actor : nil, reviews: found.reading))
        return (checks, problem(of: pullRequest, id, promotion, snapshot.policy))
    }

    /// Why a pull request is not, or is no longer, that of the promotion; nil when it is.
    func problem(
        of pullRequest: ForgePullRequest, _ id: PromotionID, _ promotion: Promotion, _ policy: Policy
    ) -> Refusal? {
        let hint = "promote the release again, or `promote close \(id) --reason …`"
        guard let environment = policy.environment(promotion.environment) else { return nil }
        let target = session.branch(of: environment)
        if pullRequest.target != target.text {
            return Refusal(
                .scope, "#\(pullRequest.number) of \(id) goes into \(pullRequest.target.displayable) now, not into \(target)",
                hint: hint)
        }
        if pullRequest.branch != promotion.content.branch.text {
            return Refusal(
                .scope, "#\(pullRequest.number) of \(id) is of another branch than \(promotion.content.branch)", hint: hint)
        }
        if let head = pullRequest.head, head != promotion.content.head {
            return Refusal(
                .scope,
                "\(promotion.content.branch) was pushed to: its head is \(head.short), not \(promotion.content.head.short)",
                hint: hint)
        }
        return nil
    }

    func publishAgain(
        _ id: PromotionID, _ checks: [Check], number: Int, _ snapshot: Snapshot
    ) async throws {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        guard promotion.isOpen, let environment = snapshot.policy.environment(promotion.environment) else { return }
        let application = try snapshot.policy.application(named: id.application.text)
        let text = try await PullRequests(session: session, forge: forge).pullRequestText(
            of: promotion, environment, application, state, checks)
        try await PullRequests(session: session, forge: forge).publish(id, checks, number: number, promotion.content, text: text)
    }
}
