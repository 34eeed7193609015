import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// What is known of the target branches while a ledger is judged.
///
/// `proposed` branches are taken to be where a push that is being judged would move them.
struct LedgerJudge: Sendable {
    private let repository: GitRepository
    private let lines: FirstParentHistories
    private let now: Timestamp
    private let policy: Policy?
    private let timeline: PolicyTimeline
    private let branches: EnvironmentBranches
    /// The tips that verdicts depend on.
    let known: [CommitID]
    private let freezes: [Freeze]

    /// - Parameter policy: the policy at the tip of the target branch; nil for the ledger that says which it is.
    init(
        _ workspace: Workspace, _ lines: FirstParentHistories, _ policy: Policy?, timeline: PolicyTimeline, freezes: [Freeze],
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
        let early: FutureDatedEvent?
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
                contentProblem: { claim, application, policy in
                    guard let environment = policy.environment(claim.environment) else {
                        return "the policy knows no environment \(claim.environment)"
                    }
                    switch try branches.place(of: environment, objects) {
                    // What a retired environment ran is told by its events alone.
                    case .retired: return nil
                    case .tip(let tip):
                        if let said = claim.tip, branches.isOnTarget(environment),
                            try !objects.isCommit(claim.found.commit, atOrAfter: said)
                        {
                            return "\(claim.found.commit.short) is not what was there when that was said"
                        }
                        return try Self.contentProblem(objects, lines, claim, tip: tip, application, policy)
                    }
                })
            var replay = LedgerReplay(
                state: state, after: position, seenIDs: seenIDs, facts: facts, words: SkippingWords(skips.words + records),
                standing: skips.standing)
            var judged: [JudgedRecord] = []
            var early: FutureDatedEvent?
            do {
                for record in records { judged.append(try replay.add(record)) }
            } catch let event as FutureDatedEvent {
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
        _ freezes: [Freeze], stopping event: Event, _ objects: GitObjects, _ lines: FirstParentHistories, _ tip: CommitID,
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
