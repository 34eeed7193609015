import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge
import PromotionProjection

/// Brings the ledger up to date with what happened on a forge, and the forge with what the ledger says.
///
/// One listing tells what changed since the last pass; whatever is done about it is read anew by its number.
struct ForgeSync: Sendable {
    let session: Session
    let forge: any Forge

    /// One promotion with its pull request.
    private struct Tracked {
        let application: Application
        let promotion: Promotion

        var id: PromotionID { PromotionID(application.name, promotion.number) }
    }

    func sync(_ first: Snapshot) async throws -> (steps: [SyncStep], snapshot: Snapshot) {
        var snapshot = first
        var steps: [SyncStep] = []
        var tracked: [Int: Tracked] = [:]
        for application in snapshot.policy.applications {
            let state = try await session.ledger(of: application.name, snapshot, extent: .present).state
            for promotion in state.promotions where promotion.isOpen {
                var entry = Tracked(application: application, promotion: promotion)
                if promotion.pullRequest == nil {
                    snapshot = try await PullRequests(session: session, forge: forge).openPullRequest(
                        entry.id, isFresh: false, snapshot)
                    let now = try await session.ledger(of: application.name, snapshot).state
                    guard let opened = now.promotion(promotion.number) else { continue }
                    entry = Tracked(application: application, promotion: opened)
                    steps.append(step(.opened, entry, "its pull request was missing"))
                }
                if let number = entry.promotion.hostedNumber { tracked[number] = entry }
            }
        }
        let listing = "listing of \(forge.kind.rawValue)"
        let watermark = try session.workspace.store.forgeNote(listing)?.mark
        let time = session.workspace.clock.now()
        let changed = try await forge.pullRequests(changedSince: watermark)
        let byNumber = Dictionary(changed.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        for (number, entry) in tracked.sorted(by: { $0.key < $1.key }) {
            let seen = try session.workspace.store.forgeNote(topic(number))?.mark
            if let seen, seen != Self.unsettled, byNumber[number].map({ Self.mark(of: $0) == seen }) ?? true { continue }
            let pullRequest = try await forge.pullRequest(number)
            let found = try await sync(entry, pullRequest, snapshot)
            steps += found.steps
            snapshot = found.snapshot
            let looked = byNumber[number] ?? pullRequest
            // Forges count seconds: what changed in this very one may change again in it, and is looked at once more.
            let isSettled = Timestamp(looked.updated).map { time.seconds - $0.seconds > 1 } ?? true
            try session.workspace.store.noteForge(
                topic(number), mark: isSettled ? Self.mark(of: looked) : Self.unsettled)
        }
        for pullRequest in changed where pullRequest.state == .open && tracked[pullRequest.number] == nil {
            if let step = try await closeDecided(pullRequest, snapshot) { steps.append(step) }
        }
        if let newest = changed.map(\.updated).max(), newest != watermark {
            try session.workspace.store.noteForge(listing, mark: newest)
        }
        return (steps, snapshot)
    }

    private func topic(_ number: Int) -> String { "seen of \(forge.kind.rawValue) #\(number)" }

    /// Instead of a mark: whatever the next listing says, the pull request is looked at again.
    private static let unsettled = ""

    private static func mark(of pullRequest: ForgePullRequest) -> String {
        let state =
            switch pullRequest.state {
            case .open: "open"
            case .closed: "closed"
            case .merged: "merged"
            }
        return "\(pullRequest.updated) \(state) \(pullRequest.head?.hex ?? "") \(pullRequest.target)"
    }

    private func step(
        _ action: SyncStep.Action, _ entry: Tracked, _ detail: String, commit: CommitID? = nil
    ) -> SyncStep {
        SyncStep(
            action: action, application: entry.application.name, environment: entry.promotion.environment,
            promotion: entry.id, commit: commit, detail: detail)
    }

    private func sync(
        _ entry: Tracked, _ pullRequest: ForgePullRequest, _ snapshot: Snapshot
    ) async throws -> (steps: [SyncStep], snapshot: Snapshot) {
        do {
            switch pullRequest.state {
            case .merged:
                return try await ForgeMergeRecord(session: session, forge: forge).record(
                    entry.id, of: pullRequest, by: .theForge, snapshot)
            case .closed:
                let closed = try await recordClosing(of: entry.id, pullRequest, snapshot)
                return ([step(.closed, entry, "it was closed on \(forge.kind.name)")], closed)
            case .open: return try await syncOpen(entry, pullRequest, snapshot)
            }
        } catch let refusal as Refusal where refusal.rule == .authorized {
            // What happened there is there for an attestor to record.
            let attestors = Self.attestors(of: entry.promotion.environment, snapshot.policy)
            let waiting = step(
                .waiting, entry,
                "what became of #\(pullRequest.number) can be recorded by \(attestors): `promote sync`; \(refusal.message)")
            return ([waiting], snapshot)
        } catch let refusal as Refusal {
            return ([step(.stuck, entry, "\(refusal.rule): \(refusal.message)")], snapshot)
        } catch EngineError.raced(let message, _) {
            return ([step(.stuck, entry, message)], snapshot)
        }
    }

    /// Records that a promotion's pull request was closed on its forge.
    private func recordClosing(
        of id: PromotionID, _ pullRequest: ForgePullRequest, _ snapshot: Snapshot
    ) async throws -> Snapshot {
        let done = try await ClosePromotion(session: session).record(
            id.description, reason: "#\(pullRequest.number) was closed on \(forge.kind.name)",
            onForge: ForgeClosing(forge: forge.kind, pullRequest: pullRequest.number), from: snapshot)
        try await PullRequests(session: session, forge: forge).closePullRequest(
            id.number, of: id.application, in: done.ledger.state)
        return done.snapshot
    }

    /// Brings the ledger up to date with what became of the pull request that is open into an environment by its word.
    ///
    /// - Returns: the world with that.
    func rereadOpenPullRequest(
        into name: String, of application: String?, _ snapshot: Snapshot
    ) async throws -> Snapshot {
        let target = try snapshot.policy.environment(named: name).name
        let application = try snapshot.policy.application(named: application)
        let state = try await session.ledger(of: application.name, snapshot, extent: .present).state
        guard let open = state.openPromotion(into: target), let number = open.hostedNumber
        else { return snapshot }
        let pullRequest = try await forge.pullRequest(number)
        let id = PromotionID(application.name, open.number)
        switch pullRequest.state {
        case .open: return snapshot
        case .closed: return try await recordClosing(of: id, pullRequest, snapshot)
        case .merged:
            return try await ForgeMergeRecord(session: session, forge: forge).record(
                id, of: pullRequest, by: .theForge, snapshot
            ).snapshot
        }
    }

    /// What was said of a pull request and may be recorded by others only; nil where there is nothing.
    private func waiting(
        _ entry: Tracked, _ pullRequest: ForgePullRequest, _ reviews: ReadReviews, _ snapshot: Snapshot
    ) async throws -> SyncStep? {
        let state = try await session.ledger(of: entry.application.name, snapshot).state
        guard let promotion = state.promotion(entry.promotion.number), promotion.isOpen else { return nil }
        let found = ForgeReviews(session: session, forge: forge).findings(
            promotion, of: entry.application.name, pullRequest, reviews, snapshot.policy
        ).events
        let open = found.count - session.recordable(found, snapshot, state).count
        guard open > 0 else { return nil }
        let attestors = Self.attestors(of: promotion.environment, snapshot.policy)
        let noun = open == 1 ? "one review" : "\(open) reviews"
        return step(
            .waiting, entry,
            "\(noun) of #\(pullRequest.number) can be recorded by \(attestors), not by \(snapshot.actor.principal): `promote sync`"
        )
    }

    /// Whose word of the forge counts for an environment.
    private static func attestors(of environment: EnvironmentName, _ policy: Policy) -> String {
        let role = policy.forge.settings?.attestors ?? policy.environment(environment)?.mergers ?? .anyone
        return role.description
    }

    private func syncOpen(
        _ entry: Tracked, _ pullRequest: ForgePullRequest, _ first: Snapshot
    ) async throws -> (steps: [SyncStep], snapshot: Snapshot) {
        let known = entry.promotion.approvals
        let reviews = try await ForgeReviews(session: session, forge: forge).readReviews(of: pullRequest)
        let snapshot = try await HostedPromotion(session: session, forge: forge).record(reviews, of: entry.id, pullRequest, first)
        let (checks, problem) = try await HostedPromotion(session: session, forge: forge).judge(
            entry.id, pullRequest, reviews, snapshot, isMerging: false)
        try await HostedPromotion(session: session, forge: forge).publishAgain(
            entry.id, checks, number: pullRequest.number, snapshot)
        if let problem { return ([step(.stuck, entry, "\(problem.rule): \(problem.message)")], snapshot) }
        let waiting = try await waiting(entry, pullRequest, reviews, snapshot)
        let now = try await session.ledger(of: entry.application.name, snapshot).state
        let approvals = now.promotion(entry.promotion.number)?.approvals ?? []
        guard approvals != known else { return ([waiting].compactMap(\.self), snapshot) }
        let names = approvals.map(\.by.text).joined(separator: ", ")
        let reviewed = step(.reviewed, entry, names.isEmpty ? "no approval is left" : "approved by \(names)")
        return ([waiting].compactMap(\.self) + [reviewed], snapshot)
    }

    /// Closes a pull request whose promotion is decided, as when a command was cut off.
    private func closeDecided(
        _ pullRequest: ForgePullRequest, _ snapshot: Snapshot
    ) async throws -> SyncStep? {
        let parts = (pullRequest.branch ?? "").split(separator: "/")
        guard parts.count == 4, "\(parts[0])/" == PromotionID.branchPrefix, let number = Int(parts[3]),
            let application = ApplicationName(String(parts[1])).flatMap(snapshot.policy.application)
        else { return nil }
        let state = try await session.ledger(of: application.name, snapshot).state
        guard let promotion = state.promotion(number), promotion.hostedNumber == pullRequest.number, !promotion.isOpen
        else { return nil }
        try await PullRequests(session: session, forge: forge).closePullRequest(number, of: application.name, in: state)
        return step(.closed, Tracked(application: application, promotion: promotion), "its promotion is decided")
    }

    /// Whether a commit is what the forge made of a promotion that is open in the ledger.
    func isMerge(_ commit: CommitID, _ snapshot: Snapshot) async throws -> Bool {
        for application in snapshot.policy.applications {
            let state = try await session.ledger(of: application.name, snapshot, extent: .present).state
            for promotion in state.promotions where promotion.isOpen {
                guard let number = promotion.hostedNumber else { continue }
                if try await forge.pullRequest(number).merge?.commit == commit { return true }
            }
        }
        return false
    }
}
