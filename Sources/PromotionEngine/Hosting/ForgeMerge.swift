import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// Merging through a forge: judged here, pinned to what was judged, and read again afterwards whatever the answer was.
struct ForgeMerge: Sendable {
    let session: Session
    let forge: any Forge

    /// A head that moves, and a forge that is still thinking, are looked at so often.
    private static let maximumLooks = 8

    func merge(_ id: PromotionID, _ first: Snapshot) async throws -> Merged {
        var snapshot = first
        for look in 0..<Self.maximumLooks {
            if look > 0 {
                try await session.workspace.clock.pause(milliseconds: 100 << min(look, 5))
                snapshot = try await session.refresh(identifying: true)
            }
            if let merged = try await mergeOnce(id, snapshot, isLast: look == Self.maximumLooks - 1) {
                return merged
            }
        }
        throw EngineError.raced("\(forge.kind.name) has not merged \(id) yet", hint: "run the same command again")
    }

    /// What a merge came to, and the world after it.
    typealias Merged = (action: PromotionReport.Action, snapshot: Snapshot)

    /// A promotion that is open, with its pull request.
    private struct Pending {
        let id: PromotionID
        let promotion: Promotion
        let number: Int
        let pullRequest: ForgePullRequest
    }

    /// One try; nil to look again.
    private func mergeOnce(
        _ id: PromotionID, _ start: Snapshot, isLast: Bool
    ) async throws -> Merged? {
        var snapshot = start
        let first = try await session.ledger(of: id.application, snapshot)
        var promotion = try requirePromotion(id, in: first.state)
        if case .merged = promotion.state { return (.alreadyMerged, snapshot) }
        if promotion.state == .requested {
            snapshot = try await PullRequests(session: session, forge: forge).openPullRequest(id, isFresh: false, snapshot)
            promotion = try requirePromotion(id, in: try await session.ledger(of: id.application, snapshot).state)
        }
        guard promotion.isOpen, let number = promotion.hostedNumber else {
            throw Refusal(.oneOpenPromotion, "\(id) is \(first.state.phase(of: promotion).rawValue), not open")
        }
        let pullRequest = try await forge.pullRequest(number)
        switch pullRequest.state {
        case .merged: return try await recorded(id, pullRequest, by: .theForge, snapshot)
        case .closed:
            throw Refusal(
                .oneOpenPromotion, "the pull request #\(number) of \(id) was closed on \(forge.kind.name): \(pullRequest.url)",
                hint: "reopen it there, or `promote close \(id) --reason …` and promote again")
        case .open: break
        }
        let pending = Pending(id: id, promotion: promotion, number: number, pullRequest: pullRequest)
        snapshot = try await requireMergeable(pending, snapshot)
        return try await request(pending, snapshot, isLast: isLast)
    }

    /// That every check passes, after what was said on the forge was recorded.
    ///
    /// - Returns: the world with that.
    private func requireMergeable(_ pending: Pending, _ before: Snapshot) async throws -> Snapshot {
        let (id, promotion, pullRequest) = (pending.id, pending.promotion, pending.pullRequest)
        let reviews = try await ForgeReviews(session: session, forge: forge).readReviews(of: pullRequest)
        let snapshot = try await HostedPromotion(session: session, forge: forge).record(reviews, of: id, pullRequest, before)
        let (checks, problem) = try await HostedPromotion(session: session, forge: forge).judge(
            id, pullRequest, reviews, snapshot)
        if let problem { throw problem }
        if let refusal = checks.refusal(of: "\(id) is not merged", allowPending: false) {
            try await HostedPromotion(session: session, forge: forge).publishAgain(id, checks, number: pending.number, snapshot)
            throw refusal
        }
        if let environment = snapshot.policy.environment(promotion.environment) {
            try await MergePromotion(session: session).requireWholeChange(id, promotion, environment, checks, snapshot)
        }
        if pullRequest.isDraft, let text = promotion.pullRequest {
            try await forge.update(pending.number, title: text.title, body: text.body)
        }
        try await PullRequests(session: session, forge: forge).publish(
            id, checks, number: pending.number, promotion.content, text: nil)
        return snapshot
    }

    /// Asks the forge to merge exactly what was judged.
    private func request(
        _ pending: Pending, _ snapshot: Snapshot, isLast: Bool
    ) async throws -> Merged? {
        let (id, promotion) = (pending.id, pending.promotion)
        session.reach(.forgeMerging)
        let message = MergeMessage(
            title: "Merge promotion \(id): \(promotion.release) into \(promotion.environment)",
            body: "Promotion: \(id)\nRelease: \(promotion.release)\nEnvironment: \(promotion.environment)\n")
        let outcome: ForgeMergeOutcome
        do throws(ForgeError) {
            outcome = try await forge.merge(pending.number, pinnedTo: promotion.content.head, message)
        } catch {
            session.reach(.forgeMerged)
            // Whatever the answer was, or that there was none: the pull request tells.
            let now = try await forge.pullRequest(pending.number)
            guard now.merge != nil else {
                // It did not merge, and will not: what is pinned to a head can be asked for again.
                if case .unavailable = error, !isLast { return nil }
                throw error
            }
            return try await recorded(id, now, by: .thisCommand, snapshot)
        }
        session.reach(.forgeMerged)
        return try await conclude(outcome, pending, snapshot, isLast: isLast)
    }

    /// - Throws: `Refusal` where what was merged is not what was approved.
    private func recorded(
        _ id: PromotionID, _ pullRequest: ForgePullRequest, by cause: MergeCause, _ snapshot: Snapshot
    ) async throws -> Merged {
        let recorded = try await ForgeMergeRecord(session: session, forge: forge).record(id, of: pullRequest, by: cause, snapshot)
        try Self.requireMerged(recorded.steps, id)
        return (.merged, recorded.snapshot)
    }

    private static func requireMerged(_ steps: [SyncStep], _ id: PromotionID) throws {
        guard let violation = steps.first(where: { $0.action == .violation }) else { return }
        let place = violation.environment.map { "promote explain \($0) --app \(id.application)" }
        throw Refusal(
            .authorizedMerge, "what was merged for \(id) is not what was approved: \(violation.detail)",
            hint: place ?? "git show \(violation.commit?.hex ?? "")")
    }

    private func conclude(
        _ outcome: ForgeMergeOutcome, _ pending: Pending, _ snapshot: Snapshot, isLast: Bool
    ) async throws -> Merged? {
        let (id, number) = (pending.id, pending.number)
        let now = try await forge.pullRequest(number)
        if now.merge != nil { return try await recorded(id, now, by: .thisCommand, snapshot) }
        switch outcome {
        // It says so, and does not show it yet.
        case .merged, .scheduled: return nil
        case .headMoved: return nil
        case .conflict(let words):
            throw Refusal(
                .mergeable, "\(forge.kind.name) cannot merge #\(number): \(words)",
                hint: "promote the release again: a new pull request is made on the branch as it is now")
        case .notNow(let words):
            guard isLast else { return nil }
            throw Refusal(
                .mergeable, "\(forge.kind.name) does not merge #\(number) now: \(words)",
                hint: "see what its branch protection asks for: \(now.url)", isPending: true)
        case .notPermitted(let words):
            throw Refusal(
                .authorizedMerge, "\(forge.kind.name) does not let this token merge #\(number): \(words)",
                hint: "use a token of an account that may merge into \(now.target)")
        case .isClosed: throw Refusal(.oneOpenPromotion, "the pull request #\(number) of \(id) is closed: \(now.url)")
        }
    }
}
