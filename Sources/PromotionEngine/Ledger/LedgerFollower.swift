import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// Brings the state store up to date with a ledger branch, and refuses a branch that was rewound or replaced.
struct LedgerFollower {
    let workspace: Workspace
    let lines: FirstParentHistories
    let timeline: PolicyTimeline
    let freezes: [Freeze]

    /// So many events are judged and stored at once, so that a long history needs no more memory than a short one.
    private static let batchSize = 1000
    /// Another process of ours that writes at the same moment costs one more look.
    private static let maximumLooks = 50

    /// - Parameter policy: the policy at the tip of the target branch; nil for the ledger that says which it is.
    func follow(
        _ application: ApplicationName, _ policy: Policy?, extent: LedgerExtent
    ) async throws -> LedgerView {
        var skips = KnownSkips()
        for _ in 0..<Self.maximumLooks {
            guard var view = try await step(application, policy, extent, &skips) else { continue }
            view.skips = skips
            return view
        }
        throw StateStoreError(path: "promote/state.sqlite", detail: "it does not keep what is written to it", isDamaged: true)
    }

    /// One look; nil when another process has moved the store on meanwhile, or when there is more to know of what was judged.
    ///
    /// - Parameter skips: what is known to be said further on of events that are dated ahead.
    private func step(
        _ application: ApplicationName, _ policy: Policy?, _ extent: LedgerExtent,
        _ skips: inout KnownSkips
    ) async throws -> LedgerView? {
        // What was known before is read before the branch, so that a branch that moves meanwhile is never taken for rewound.
        let seen = try await self.seen(application)
        var position = try workspace.store.position(of: application)
        guard let head = try await workspace.remote.head(of: workspace.ledgers.branch(of: application)) else {
            if let seen { throw rewound(application, "its branch is gone; the last known head is \(seen.short)") }
            return LedgerView(state: ApplicationState(application: application), position: nil, early: nil)
        }
        let judge = try await LedgerJudge(workspace, lines, policy, timeline: timeline, freezes: freezes)
        if let known = position, try await !judge.confirms(known, approvals(application)) {
            try workspace.store.forget(application)
            position = nil
        }
        if let position, position.head == head {
            let state =
                switch extent {
                case .everything: try workspace.store.state(of: application)
                case .present: try workspace.store.presentState(of: application)
                }
            return LedgerView(state: state, position: position, early: nil)
        }
        if seen != nil { try await note(head, of: application, after: seen) }
        let commits = try await workspace.repository.scratch { [position] in
            try LedgerReader($0).commits(after: position?.head, to: head)
        }
        guard let commits else {
            if position != nil, head != seen {
                // The store may be of another history than the branch: the branch is judged from its beginning.
                try workspace.store.forget(application)
                return nil
            }
            throw rewound(application, "its commits up to \(head.short) are not one line")
        }
        // The first head only now: one that is refused is not what later ones have to follow from.
        if seen == nil { try await note(head, of: application, after: nil) }
        let state = position == nil ? ApplicationState(application: application) : try workspace.store.state(of: application)
        var view: LedgerView? = LedgerView(state: state, position: position, early: nil)
        for start in stride(from: 0, to: commits.count, by: Self.batchSize) {
            guard let before = view, before.early == nil else { break }
            view = try await fold(
                commits[start..<min(start + Self.batchSize, commits.count)], after: before, judge, &skips)
        }
        if let early = view?.early, try await learnMore(of: early, in: commits, &skips) { return nil }
        return view
    }

    /// What the ledger that says which policy counts has said of it so far; empty for any other ledger.
    private func approvals(_ application: ApplicationName) throws -> [ChangeApproval] {
        guard application == .environments else { return [] }
        return try workspace.store.presentState(of: application).policyApprovals
    }

    /// Looks, in what follows an event that is dated ahead, for words on it that were not known yet.
    private func learnMore(
        of early: FutureDatedEvent, in commits: [CommitID], _ skips: inout KnownSkips
    ) async throws -> Bool {
        guard let place = commits.firstIndex(of: early.commit) else { return false }
        let known = Set(skips.words)
        let found = try await workspace.repository.scratch { objects in
            let reader = LedgerReader(objects)
            var found: [LedgerRecord] = []
            for commit in commits[(place + 1)...] {
                let record = try reader.records(of: [commit])
                found += record.filter { $0.skipped == early.commit && !known.contains($0) }
            }
            return found
        }
        skips.words += found
        return !found.isEmpty
    }

    /// Judges and stores the events of `commits`; nil as for `step`.
    private func fold(
        _ commits: ArraySlice<CommitID>, after before: LedgerView, _ judge: LedgerJudge, _ skips: inout KnownSkips
    ) async throws -> LedgerView? {
        let (old, position) = (before.state, before.position)
        let unverified = try await workspace.repository.scratch { try LedgerReader($0).unverified(commits) }
        let records = await unverified.verified()
        let (store, application) = (workspace.store, old.application)
        let ids = records.compactMap { record in if case .event(let event, _) = record.content { event.id } else { nil } }
        let seenIDs = position == nil ? [] : try store.eventIDs(of: application, among: ids)
        // A word on what was taken to count already, by a clock of another time: all is judged again with it.
        let words = skips.words
        let distant = records.filter { record in
            guard let skipped = record.skipped else { return false }
            return !commits.contains(skipped) && !words.contains(record)
        }
        let late = try await judge.byOperators(distant)
        if !late.isEmpty {
            skips = KnownSkips(words: skips.words + late)
            try store.forget(application)
            return nil
        }
        let folded = try await judge.judge(
            records, from: old, after: position, seenIDs: seenIDs, skips: skips)
        skips.standing = folded.standing
        // In front of an event that is ahead of the clock, the ledger ends for now.
        guard let head = folded.records.last?.commit else {
            return LedgerView(state: old, position: position, early: folded.early)
        }
        let isUnsettled = position?.isUnsettled == true || folded.records.contains { $0.rejection?.isUnsettled == true }
        let next = LedgerPosition(
            head: head, count: (position?.count ?? 0) + folded.records.count, lastTime: folded.lastTime,
            lastPolicy: folded.lastPolicy,
            tips: judge.known, isUnsettled: isUnsettled,
            newerEvent: position?.newerEvent ?? folded.records.first { $0.rejection?.isOfNewerProgram == true }?.commit,
            target: timeline.line.tip, policySteps: folded.policySteps, hasNamedEvents: folded.hasNamedEvents)
        guard try store.append(folded.records, from: old, to: folded.state, previous: position, next: next) else { return nil }
        workspace.faults.reach(.storeWritten)
        return LedgerView(state: folded.state, position: next, early: folded.early)
    }

    // MARK: The head seen last

    static func seenRef(_ application: ApplicationName, _ remote: GitRemote) -> String {
        "refs/promote/\(remote.name)/seen/\(application)"
    }

    private func seen(_ application: ApplicationName) async throws -> CommitID? {
        guard !workspace.remote.isItself else { return nil }
        let ref = Self.seenRef(application, workspace.remote)
        return try await workspace.repository.scratch { try $0.commit(atRef: ref) }
    }

    /// Remembers `head`, once it is known to descend from what was seen before.
    private func note(_ head: CommitID, of application: ApplicationName, after seen: CommitID?) async throws {
        guard !workspace.remote.isItself, head != seen else { return }
        if let seen, try await workspace.repository.scratch({ try $0.line(from: head, to: seen) }) == nil {
            throw rewound(application, "its head \(head.short) does not follow from \(seen.short), which was seen before")
        }
        let ref = Self.seenRef(application, workspace.remote)
        workspace.faults.reach(.headNoting)
        defer { workspace.faults.reach(.headNoted) }
        do {
            try await workspace.repository.durable { try $0.moveRef(ref, from: seen, to: head, reason: "promote: seen") }
        } catch let error as GitError where error.code == .refMoved {
            // Another process of ours noted a head at the same moment; the next look compares with that.
        }
    }

    private func rewound(_ application: ApplicationName, _ what: String) -> Refusal {
        let branch = workspace.ledgers.branch(of: application)
        return Refusal(
            .ledgerIntact, "the ledger of \(application) was rewound or replaced: \(what)",
            hint:
                "restore it from a clone that has it: git push --force \(workspace.remote.name) \(Self.seenRef(application, workspace.remote)):\(branch.ref)"
        )
    }
}
