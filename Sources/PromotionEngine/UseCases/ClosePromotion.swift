import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// The end of a promotion that is not merged.
struct ClosePromotion: Sendable {
    let session: Session

    /// Closes a promotion without merging it, and deletes its branch.
    func close(_ text: String, reason: String) async throws -> PromotionReport {
        try await close(text, reason: reason, onForge: nil)
    }

    /// - Parameter closing: that its pull request was closed on its forge: what an attestor may record who may not close it.
    func close(_ text: String, reason: String, onForge closing: ForgeClosing?) async throws -> PromotionReport {
        try requireReason(reason)
        let action = try await session.transact { policy in
            try policy.promotionID(named: text).application
        } _: { snapshot, ledger, _ -> Proposal<PromotionReport.Action> in
            let id = try snapshot.policy.promotionID(named: text)
            let promotion = try requirePromotion(id, in: ledger.state)
            switch promotion.state {
            case .closed, .superseded: return Proposal { _ in .alreadyClosed }
            case .requested, .open, .merged: break
            }
            let head = try await session.workspace.remote.head(of: promotion.content.branch)
            let own = Event.Payload.promotionClosed(.init(promotion: promotion.number, reason: reason))
            let isOwn = closing == nil || !ForgeReviews(session: session).recordable([own], snapshot, ledger.state).isEmpty
            return Proposal(
                events: isOwn
                    ? [own]
                    : [.promotionClosed(.init(promotion: promotion.number, reason: reason, onForge: closing))],
                refs: head.map { [RefUpdate(promotion.content.branch, from: $0, to: nil)] } ?? []
            ) { _ in .closed }
        }
        let snapshot = try await session.refresh(fetching: false)
        if let forge = try session.forge(snapshot.policy) {
            let id = try snapshot.policy.promotionID(named: text)
            let state = try await session.ledger(of: id.application, snapshot).state
            try await PullRequests(session: session).closePullRequest(id.number, of: id.application, in: state, on: forge)
        }
        return try await ShowQuery(session: session).show(text, action, fetching: false)
    }
}
