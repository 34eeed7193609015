import FaultInjection
import GitOpsTypes
import GitStore
import PromotionGates
import PromotionLedger
import PromotionModel
import PromotionProjection

/// Brings the state store up to date with a ledger branch, and refuses a branch that was rewound or replaced.
struct LedgerFollower {
    let workspace: Workspace
    let lines: TargetLines
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
        let knowledge = try await LedgerKnowledge(workspace, lines, policy, timeline: timeline, freezes: freezes)
        if let known = position, try await !knowledge.confirms(known, approvals(application)) {
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
                commits[start..<min(start + Self.batchSize, commits.count)], after: before, knowledge, &skips)
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
        of early: EarlyEvent, in commits: [CommitID], _ skips: inout KnownSkips
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
        _ commits: ArraySlice<CommitID>, after before: LedgerView, _ knowledge: LedgerKnowledge, _ skips: inout KnownSkips
    ) async throws -> LedgerView? {
        let (old, position) = (before.state, before.position)
        let records = try await workspace.repository.scratch { try LedgerReader($0).records(of: commits) }
        let (store, application) = (workspace.store, old.application)
        let ids = records.compactMap { record in if case .event(let event, _) = record.content { event.id } else { nil } }
        let seenIDs = position == nil ? [] : try store.eventIDs(of: application, among: ids)
        // A word on what was taken to count already, by a clock of another time: all is judged again with it.
        let words = skips.words
        let distant = records.filter { record in
            guard let skipped = record.skipped else { return false }
            return !commits.contains(skipped) && !words.contains(record)
        }
        let late = try await knowledge.byOperators(distant)
        if !late.isEmpty {
            skips = KnownSkips(words: skips.words + late)
            try store.forget(application)
            return nil
        }
        let folded = try await knowledge.judge(
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
            tips: knowledge.known, isUnsettled: isUnsettled,
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

/// What is known of the target branches while a ledger is judged.
///
/// `proposed` branches are taken to be where a push that is being judged would move them.
struct LedgerKnowledge: Sendable {
    private let repository: GitRepository
    private let lines: TargetLines
    private let now: Timestamp
    private let policy: Policy?
    private let timeline: PolicyTimeline
    private let branches: EnvironmentBranches
    /// The tips that verdicts depend on.
    let known: [CommitID]
    private let freezes: [Freeze]

    /// - Parameter policy: the policy at the tip of the target branch; nil for the ledger that says which it is.
    init(
        _ workspace: Workspace, _ lines: TargetLines, _ policy: Policy?, timeline: PolicyTimeline, freezes: [Freeze],
        proposed: [BranchName: CommitID] = [:]
    ) async throws {
        self.freezes = freezes
        repository = workspace.repository
        self.lines = lines
        self.policy = policy
        self.timeline = timeline
        now = workspace.clock.now()
        let branches = EnvironmentBranches(workspace, proposed: proposed, present: policy)
        self.branches = branches
        let tip = timeline.line.tip
        known = try await repository.scratch { objects in
            let tips = try policy?.environments.compactMap { try branches.tip(of: $0, objects) } ?? []
            return Set([tip] + tips).sorted()
        }
    }

    private var tip: CommitID { timeline.line.tip }

    /// Those of some records that an operator of an environment made, by the present policy.
    func byOperators(_ records: [LedgerRecord]) async throws -> [LedgerRecord] {
        guard !records.isEmpty else { return [] }
        let (policy, timeline) = (policy, timeline)
        let present = try await repository.scratch { try policy ?? timeline.policy(at: timeline.line.tip, $0) }
        guard let present else { return [] }
        return records.filter { record in
            guard case .event(let event, let actor) = record.content else { return false }
            let authorization = Authorization(actor, under: present, at: event.time)
            return authorization.isProven
                && present.environments.contains { authorization.problem(with: $0.operators, called: "operators") == nil }
        }
    }

    /// Whether verdicts that were given with other tips still hold: the branches have only grown since, and none of the
    /// verdicts waits for that.
    ///
    /// - Parameter approvals: of the ledger that says which policy counts: what it says of that.
    func confirms(_ position: LedgerPosition, _ approvals: [ChangeApproval]) async throws -> Bool {
        let now = known
        let (timeline, tip) = (timeline, tip)
        let isPolicyAlike = try await repository.scratch { [lines] objects in
            let history = try timeline.judged(with: timeline.judgement.approvals + approvals, objects).history
            if position.target == tip { return history.steps == position.policySteps }
            guard try objects.has(position.target), try lines.with(tip, { try $0.distance(of: position.target, objects) }) != nil
            else { return false }
            return try history.continues(position.policySteps) { commit in
                try lines.with(tip) { try $0.isOnLine(position.target, atOrAfter: commit, objects) }
            }
        }
        guard isPolicyAlike else { return false }
        if position.tips == now { return true }
        if position.isUnsettled { return false }
        return try await repository.scratch { [lines] objects in
            for old in position.tips {
                // A tip that is on no branch any more was pushed back by force.
                guard try objects.has(old) else { return false }
                var isKept = false
                // So was one that a merge the other way round has put off its line: what it brought may be gone.
                for tip in now where !isKept { isKept = try lines.with(tip) { try $0.distance(of: old, objects) } != nil }
                if !isKept { return false }
            }
            return true
        }
    }

    struct Folded: Sendable {
        let records: [JudgedRecord]
        let state: ApplicationState
        let lastTime: Timestamp?
        let lastPolicy: CommitID?
        /// Which policy counted from where on.
        let policySteps: [PolicyStep]
        let hasNamedEvents: Bool
        /// Where it stopped, if not at the end.
        let early: EarlyEvent?
        /// The words by which events were passed over, so far.
        let standing: Set<CommitID>
    }

    /// Judges records that follow `position`.
    ///
    /// - Parameters:
    ///   - pending: merge commits that are about to be pushed, and so are on no branch yet.
    ///   - isArriving: whether the records are about to be accepted, and not in the ledger yet.
    func judge(
        _ records: [LedgerRecord], from state: ApplicationState, after position: LedgerPosition?,
        seenIDs: Set<String>, pending: Set<CommitID> = [], skips: KnownSkips = KnownSkips(),
        isArriving: Bool = false
    ) async throws -> Folded {
        var merges: [CommitID: TreeID?] = [:]
        while true {
            let (folded, wanted) = try await judge(
                records, from: state, after: position, seenIDs: seenIDs, pending: pending,
                isArriving: isArriving, merges, skips)
            if wanted.isEmpty { return folded }
            // Seldom: Git is asked what it makes of these, and all is judged again.
            merges.merge(try await repository.merges(of: wanted)) { $1 }
        }
    }

    private func judge(
        _ records: [LedgerRecord], from state: ApplicationState, after position: LedgerPosition?, seenIDs: Set<String>,
        pending: Set<CommitID>, isArriving: Bool, _ merges: [CommitID: TreeID?], _ skips: KnownSkips
    ) async throws -> (Folded, wanted: Set<CommitID>) {
        let (branches, now, lines, policy, freezes, timeline) = (branches, now, lines, policy, freezes, timeline)
        let isOfEnvironments = state.application == .environments
        return try await repository.scratch { objects in
            let reading = MergeReading(objects, lines, merges: merges)
            // The ledger that says which policy counts is judged by what it has said so far.
            var last = timeline
            func present(_ state: ApplicationState) throws -> PolicyTimeline {
                guard isOfEnvironments else { return timeline }
                last = try last.judged(with: state.policyApprovals, objects)
                return last
            }
            let tip = timeline.line.tip
            let facts = LedgerFacts(
                policy: { commit, state in try present(state).policy(at: commit, objects) },
                present: { state in try policy ?? present(state).policy(at: tip, objects) }, now: now,
                isArriving: isArriving,
                freezes: { try Self.freezes(freezes, stopping: $0, objects, lines, tip, pending) },
                observed: { commit in try objects.has(commit) ? LedgerReader(objects).observed(commit) : nil },
                follows: { later, earlier in
                    try lines.with(tip) { try $0.isCommit(later, atOrAfter: earlier, objects) }
                },
                mergeProblem: { commit, content, environment in
                    switch try branches.place(of: environment, objects) {
                    // What a retired environment ran is told by its events alone.
                    case .retired: nil
                    case .tip(let tip):
                        try reading.problem(with: commit, of: content, tip: tip, isPending: pending.contains(commit))
                    }
                },
                contentProblem: { acceptance, found, application, policy in
                    let tip = try policy.environment(acceptance.environment).flatMap { environment throws(GitError) in
                        try branches.tip(of: environment, objects)
                    }
                    return try Self.contentProblem(
                        objects, lines, acceptance, found, tip: tip, application, policy)
                })
            var replay = LedgerReplay(
                state: state, after: position, seenIDs: seenIDs, facts: facts, words: SkippingWords(skips.words + records),
                standing: skips.standing)
            var judged: [JudgedRecord] = []
            var early: EarlyEvent?
            do {
                for record in records { judged.append(try replay.add(record)) }
            } catch let event as EarlyEvent {
                early = event
            }
            let folded = Folded(
                records: judged, state: replay.state, lastTime: replay.lastTime, lastPolicy: replay.lastPolicy,
                policySteps: try present(replay.state).history.steps, hasNamedEvents: replay.hasNamedEvents, early: early,
                standing: replay.standing)
            return (folded, reading.wanted)
        }
    }

    /// The freezes that hold for an event that merges, as Git's own order tells them and its clock.
    ///
    /// A merge that a freeze was placed on top of came before it. One that was made on top of the freeze's own tip of the target
    /// branch came after it, whatever time it claims. Where Git tells neither, clocks do, as far as they may differ.
    private static func freezes(
        _ freezes: [Freeze], stopping event: Event, _ objects: GitObjects, _ lines: TargetLines, _ tip: CommitID,
        _ pending: Set<CommitID>
    ) throws -> [Freeze] {
        guard case .promotionMerged(let merge) = event.payload else { return [] }
        let candidates = freezes.filter { $0.environment == merge.environment }
        guard !candidates.isEmpty, !pending.contains(merge.commit), try objects.has(merge.commit) else { return candidates }
        let parent = try objects.firstParent(of: merge.commit)
        return try lines.with(tip) { line in
            try candidates.compactMap { freeze in
                if try line.isCommit(freeze.policyCommit, atOrAfter: merge.commit, objects) { return nil }
                if let parent, parent != freeze.policyCommit,
                    try line.isCommit(parent, atOrAfter: freeze.policyCommit, objects)
                {
                    return freeze.beginning(at: min(freeze.at, event.time))
                }
                return freeze.beginning(at: freeze.at.adding(seconds: LedgerReplay.toleranceSeconds))
            }
        }
    }
}
