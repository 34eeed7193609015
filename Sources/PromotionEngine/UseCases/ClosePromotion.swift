import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// The end of a promotion that is not merged.
struct ClosePromotion: Sendable {
    let session: Session

    /// Closes a promotion without merging it, and deletes its branch.
    func close(_ text: String, reason: String) async throws -> PromotionReport {
        let done = try await record(text, reason: reason)
        if let forge = try session.forge(done.snapshot.policy) {
            let id = try done.snapshot.policy.promotionID(named: text)
            try await PullRequests(session: session, forge: forge).closePullRequest(
                id.number, of: id.application, in: done.ledger.state)
        }
        return try await ShowQuery(session: session).show(text, done.outcome, done.snapshot)
    }

    /// - Parameter closing: that its pull request was closed on its forge: what an attestor may record who may not close it.
    @discardableResult
    func record(
        _ text: String, reason: String, onForge closing: ForgeClosing? = nil, from start: Snapshot? = nil
    ) async throws -> Completed<PromotionReport.Action> {
        try requireReason(reason)
        return try await session.transact(on: { try $0.promotionID(named: text).application }, from: start) {
            snapshot, ledger, _ -> Proposal<PromotionReport.Action> in
            let id = try snapshot.policy.promotionID(named: text)
            let promotion = try requirePromotion(id, in: ledger.state)
            let facts = snapshot.facts(ledger.state)
            var decision = try EndPromotion(promotion, reason: reason).decide(facts)
            // What the actor may not close may still be recorded as closed on its forge.
            if closing != nil, decision.isNew,
                session.recordable(decision.events, snapshot, ledger.state).isEmpty
            {
                decision = try EndPromotion(promotion, reason: reason, onForge: closing).decide(facts)
            }
            let head = try await session.workspace.remote.head(of: promotion.content.branch)
            return Proposal(
                decision, refs: head.map { [RefUpdate(promotion.content.branch, from: $0, to: nil)] } ?? []
            ) { answer, _ in PromotionReport.Action(answer) }
        }
    }
}
