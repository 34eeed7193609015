import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// That a target branch no longer has what ledgers, or this clone, have seen on it.
public struct RewrittenHistory: Sendable {
    public let what: String
    public let hint: String
}

/// Tells where the target branch was rewritten: that takes away the policies by which events were decided, which then count no more.
struct HistoryWatch: Sendable {
    let session: Session

    /// Where the tip of the target branch that was seen last is kept, apart from the heads of ledgers.
    private var seenTarget: String { "refs/promote/\(session.workspace.remote.name)/targets/\(session.workspace.targetBranch)" }

    /// Remembers a tip that follows from the one seen before; one that does not is told by `rewrittenHistory`.
    func noteTarget(_ tip: CommitID) async throws {
        guard !session.workspace.remote.isItself, !session.workspace.isOffline else { return }
        let ref = seenTarget
        let seen = try await session.workspace.repository.scratch { try $0.commit(atRef: ref) }
        if seen == tip { return }
        if let seen, try await !session.workspace.repository.scratch({ try $0.has(seen) && $0.isCommit(tip, atOrAfter: seen) }) {
            return
        }
        do {
            try await session.workspace.repository.durable { try $0.moveRef(ref, from: seen, to: tip, reason: "promote: seen") }
        } catch let error as GitError where error.code == .refMoved {
            // Another process of ours noted one at the same moment.
        }
    }

    /// What `sync` says where the target branch was rewritten.
    func rewrittenHistory() async throws -> [RewrittenHistory] {
        try await rewrittenHistory(try await session.refresh(), of: nil)
    }

    /// What `status`, `sync` and `doctor` say where the target branch was rewritten.
    ///
    /// - Parameter application: of this one's ledger only; nil for all.
    func rewrittenHistory(_ snapshot: Snapshot, of application: ApplicationName?) async throws -> [RewrittenHistory] {
        var found: [RewrittenHistory] = []
        if let lost = try await lostTip(snapshot) { found.append(lost) }
        // As the command that asks has read them: most ledgers are settled, and cost nothing here.
        let unsettled = try session.workspace.store.unsettledLedgers()
        let known = application.map { [$0] } ?? snapshot.policy.applications.map(\.name) + [.environments]
        for name in known {
            guard let head = unsettled[name] else { continue }
            let events = try await uncountedEvents(of: name, upTo: head, snapshot)
            if let lost = try await lostEvents(events, of: name, snapshot) { found.append(lost) }
            if let lost = try await lostMerges(events, of: name, snapshot) { found.append(lost) }
        }
        return found
    }

    private func lostTip(_ snapshot: Snapshot) async throws -> RewrittenHistory? {
        guard !session.workspace.remote.isItself else { return nil }
        let (ref, tip, branch) = (seenTarget, snapshot.tip, session.workspace.targetBranch)
        let seen = try await session.workspace.repository.scratch { try $0.commit(atRef: ref) }
        guard let seen, try await !session.workspace.repository.scratch({ try $0.isCommit(tip, atOrAfter: seen) }) else {
            return nil
        }
        return RewrittenHistory(
            what:
                "the history of \(branch) was rewritten: its tip \(tip.short) does not follow from \(seen.short), which was seen before",
            hint:
                "restore it: git push --force \(session.workspace.remote.name) \(ref):\(branch.ref); or, if it was meant: git update-ref -d \(ref)"
        )
    }

    /// Events by keys that count that are not applied.
    private func uncountedEvents(
        of application: ApplicationName, upTo head: CommitID, _ snapshot: Snapshot
    ) async throws -> [Event] {
        let rejected = try session.workspace.store.rejections(of: application, until: head, or: snapshot.time)
            .filter { $0.reason != nil }.map(\.commit)
        let (policy, time) = (snapshot.policy, snapshot.time)
        return try await session.workspace.repository.scratch { objects in
            try LedgerReader(objects).records(of: rejected[...]).compactMap { record in
                guard case .event(let event, let actor) = record.content,
                    Authorization(actor, under: policy, at: time).isProven
                else { return nil }
                return event
            }
        }
    }

    /// Merges that the branch of their environment has no more: it was set back to before them.
    private func lostMerges(
        _ events: [Event], of application: ApplicationName, _ snapshot: Snapshot
    ) async throws -> RewrittenHistory? {
        // What was decided since is told by that.
        let open = try events.filter { event in
            guard case .promotionMerged(let merge) = event.payload else { return false }
            return try session.workspace.store.promotion(PromotionID(application, merge.promotion))?.isOpen == true
        }
        let branches = EnvironmentBranches(session.workspace, proposed: [:], present: snapshot.policy)
        let (lines, policy) = (session.lines, snapshot.policy)
        let lost = try await session.workspace.repository.scratch { objects in
            try open.compactMap { event -> (merge: Event.PromotionMerged, branch: BranchName?)? in
                guard case .promotionMerged(let merge) = event.payload, let environment = policy.environment(merge.environment),
                    let tip = try branches.tip(of: environment, objects),
                    try !objects.has(merge.commit) || !lines.with(tip, { try $0.contains(merge.commit, objects) })
                else { return nil }
                return (merge, environment.branch)
            }
        }
        guard let (merge, named) = lost.last else { return nil }
        let (id, branch) = (PromotionID(application, merge.promotion), named ?? session.workspace.targetBranch)
        return RewrittenHistory(
            what:
                "\(branch) does not have \(merge.commit.short), with which \(id) was merged into \(merge.environment): its history was rewritten",
            hint: "restore \(branch) from a clone that has \(merge.commit.hex), or promote again")
    }

    /// Events whose policy commits the target branch has no more.
    private func lostEvents(
        _ events: [Event], of application: ApplicationName, _ snapshot: Snapshot
    ) async throws -> RewrittenHistory? {
        let (lines, tip) = (session.lines, snapshot.tip)
        let lost = try await session.workspace.repository.scratch { objects in
            try events.filter { event in
                try !objects.has(event.policyCommit) || !lines.with(tip) { try $0.contains(event.policyCommit, objects) }
            }
        }
        guard let first = lost.first else { return nil }
        let count = lost.count == 1 ? "one event" : "\(lost.count) events"
        let branch = session.workspace.targetBranch
        return RewrittenHistory(
            what:
                "\(count) of the ledger of \(application), from \(first.time) on, count no more: \(branch) does not have the commit "
                + "\(first.policyCommit.short) under whose policy they were decided, so that its history was rewritten",
            hint: "restore \(branch) from a clone that has \(first.policyCommit.hex), or begin anew as docs/ledger.md says")
    }
}
