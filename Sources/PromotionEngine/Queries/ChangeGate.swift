import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Judges a change between two commits.
struct ChangeGate: Sendable {
    let session: Session

    /// Judges a change between two commits.
    ///
    /// - Parameters:
    ///   - base: a commit's name; nil for the tip of the target branch.
    ///   - head: a commit's name; nil for what is checked out.
    /// - Throws: `Refusal` by `mergeable` when the head does not merge into the base.
    func gate(base: String?, head: String?) async throws -> ChangeReport {
        let snapshot = try await session.refresh()
        let from = if let base { try await commit(named: base) } else { snapshot.tip }
        return try await judge(
            from: from, to: try await commit(named: head ?? "HEAD"), on: session.workspace.targetBranch, snapshot)
    }

    private func commit(named text: String) async throws -> CommitID {
        guard let commit = try await session.workspace.repository.scratch({ try $0.commit(named: text) }) else {
            throw EngineError.usage(
                "“\(text.displayable)” names no commit",
                hint: CommitAbbreviation.isHexadecimal(text)
                    ? "digits are the beginning of a commit's id, at least seven; a branch called so is refs/heads/\(text)"
                    : "fetch it first; see `git log`")
        }
        return commit
    }

    /// Judges a change of one branch.
    ///
    /// - Parameters:
    ///   - merger: who moves the branch; nil while that is open.
    ///   - mergePoint: to judge it as it was when it was made; nil for now.
    ///   - step: the change as one of several that a push brings; nil where it is judged by the branch's tip.
    ///   - settled: the checks of a promotion that were just made; nil to make all of them.
    func judge(
        from base: CommitID, to head: CommitID, on branch: BranchName, _ snapshot: Snapshot, merger: Merger? = nil,
        mergePoint: MergePoint? = nil, step: PushedStep? = nil, settled: (promotion: PromotionID, checks: [Check])? = nil
    ) async throws -> ChangeReport {
        let counting = mergePoint?.policy ?? step?.policy ?? snapshot.policy
        let time = mergePoint?.time ?? snapshot.time
        let inspection = ChangeInspection(
            repository: session.workspace.repository, renderings: session.renderings, base: base, head: head,
            target: snapshot.tip,
            trustsHead: mergePoint != nil || session.workspace.fetchesProposedBases)
        let trees = try await inspection.trees()
        // What is there before or after it is looked at, whichever side of it has an application of a set.
        let finder = ApplicationFinder(session: session)
        let policy = try await finder.found(counting, on: branch, in: [trees.before, trees.after])
        var change = try await PolicyChangeReader(session: session).policyChange(
            trees, on: branch, step?.timeline ?? snapshot.timeline, base: base, mergePoint)
        if let later = change.later { change.later = try await finder.found(later, on: branch, in: [trees.before, trees.after]) }
        let places = places(of: branch, policy, change)
        let touched = try await touched(places, of: list(of: branch, policy, change, snapshot), by: trees)
        var history: [Int: HistoricalEffect] = [:]
        for (number, effect) in zip(touched, try await inspection.effects(trees, on: touched.map { places[$0] })) {
            history[number] = try await HeldChanges(session: session).held(effect, againstHistoryUntil: base, snapshot)
        }
        let effects = touched.compactMap { history[$0]?.effect }
        let proposals = CarriedPromotions(session: session).sharing(
            try await CarriedPromotions(session: session).proposals(
                effects, inspection, trees, snapshot, merger, mergePoint, settled), effects)
        let approvals = try await approvals(for: effects, change, inspection, trees, snapshot, mergePoint)
        let isAnythingOpen = change.asksApproval || effects.contains { if case .unchanged = $0.outcome { false } else { true } }
        let authors =
            isAnythingOpen
            ? try await inspection.authors(
                Set(approvals.map(\.head)).sorted(), trees, under: policy, at: time,
                counted: branch == session.workspace.targetBranch && change.asksApproval
                    ? (step?.timeline ?? snapshot.timeline).history.countedVersions : nil)
            : ChangeAuthors(principals: [], keys: [], unsignedHeads: [])
        let judgement = ChangeJudgement(
            policy: policy, time: approvals.map(\.at).reduce(time, max), head: trees.changeHead, authors: authors,
            approvals: approvals,
            revocations: try await Revocations(session: session).revocations(
                of: Set(approvals.compactMap(\.key)), policy, snapshot))
        let entries = places.indices.map { number in
            guard let held = history[number] else { return ChangeReport.Entry(unchanged: places[number]) }
            let effect = held.effect
            let change = EnvironmentChange(
                application: effect.application.name, environment: effect.environment, outcome: effect.outcome,
                promotion: proposals[ChangedPlace(effect)], restored: held.restored, takenBack: held.takenBack,
                checkoutFiles: effect.checkoutFiles)
            let (isChanged, rendered): (Bool, String?) =
                switch effect.outcome {
                case .unchanged: (false, nil)
                case .retired, .added: (true, nil)
                case .changed(let rendered, _): (true, rendered)
                case .doesNotRender: (true, nil)
                case .unrendered(let content, _): (true, content)
                }
            return ChangeReport.Entry(
                application: change.application, environment: change.environment, isChanged: isChanged,
                check: judgement.check(change), promotion: change.promotion?.id, diff: effect.diff, rendered: rendered,
                takenBack: held.takenBack)
        }
        return ChangeReport(
            base: base, head: head, entries: entries,
            policy: change.check(judgement), policyTree: change.asksApproval ? change.tree : nil)
    }

    /// What the places of a change follow from; nil where that is no list that is asked about again: of policies that counted before,
    /// each has places of its own.
    private func list(
        of branch: BranchName, _ policy: Policy, _ change: PolicyChange, _ snapshot: Snapshot
    ) -> TouchedPlaces.List? {
        guard change.later == nil, let version = policy.version, version == snapshot.policy.version else { return nil }
        return TouchedPlaces.List(
            branch: branch, policy: version, applications: policy.sets.isEmpty ? [] : policy.applications.map(\.name))
    }

    /// The numbers of the places that have to be looked at, in order: the change cannot touch any other.
    private func touched(
        _ places: [ChangeInspection.Place], of list: TouchedPlaces.List?, by trees: ChangeInspection.Trees
    ) async throws -> [Int] {
        guard let list else { return Array(places.indices) }
        let touched = TouchedPlaces(store: session.workspace.store)
        return try await session.workspace.repository.scratch { objects in
            try touched.touched(by: trees, among: places, of: list, objects).sorted()
        }
    }

    /// Where the environments of a branch are described before a change, and after it.
    private func places(of branch: BranchName, _ policy: Policy, _ change: PolicyChange) -> [ChangeInspection.Place] {
        let environments = policy.environments.filter { session.branch(of: $0) == branch }.map(\.name)
        guard let next = change.later else {
            return policy.applications.flatMap { application in
                environments.filter(application.has).map { .init(application: application, environment: $0, later: .same) }
            }
        }
        let kept = Set(next.environments.filter { session.branch(of: $0) == branch }.map(\.name))
        let applications = Dictionary(uniqueKeysWithValues: next.applications.map { ($0.name, $0) })
        let present: [ChangeInspection.Place] = policy.applications.flatMap { application in
            environments.filter(application.has).map { name in
                let later = kept.contains(name) ? applications[application.name].flatMap { $0.has(name) ? $0 : nil } : nil
                return .init(application: application, environment: name, later: later.map { .described($0) } ?? .retired)
            }
        }
        let added = next.applications.flatMap { application in
            let known = policy.application(application.name).map { Set(environments.filter($0.has)) } ?? []
            return kept.filter(application.has).subtracting(known).sorted().map {
                ChangeInspection.Place(application: application, environment: $0, later: .added)
            }
        }
        return present + added
    }

    /// The approvals that may count: those of what the change leads to, and of nothing besides.
    private func approvals(
        for effects: [ChangeInspection.Effect], _ change: PolicyChange, _ inspection: ChangeInspection,
        _ trees: ChangeInspection.Trees, _ snapshot: Snapshot, _ mergePoint: MergePoint?
    ) async throws -> [ChangeApproval] {
        guard snapshot.freezesHead != nil else { return [] }
        let results = Set(
            effects.compactMap { effect -> ChangeResult? in
                let result: String
                switch effect.outcome {
                case .unchanged, .retired, .added, .doesNotRender: return nil
                case .changed(let rendered, _): result = rendered
                case .unrendered(let content, _): result = content
                }
                return ChangeResult(
                    application: effect.application.name, environment: effect.environment, rendered: result)
            })
        let policyTree = change.asksApproval ? change.tree : nil
        guard !results.isEmpty || policyTree != nil else { return [] }
        let known = try await session.ledger(of: .environments, snapshot).state.changeApprovals
        let heads = known.filter { _, approvals in
            approvals.contains { $0.policy != nil && $0.policy == policyTree || !results.isDisjoint(with: $0.results) }
        }.keys.sorted()
        let candidates = try await inspection.sameContent(heads, trees).flatMap { known[$0] ?? [] }
        return try await standing(candidates, snapshot, mergePoint)
    }

    /// Those that held when a change landed, or hold now; of consent to a policy, what was given while the present one counted.
    func standing(
        _ approvals: [ChangeApproval], _ snapshot: Snapshot, _ mergePoint: MergePoint?
    ) async throws -> [ChangeApproval] {
        let (timeline, tip, lines) = (snapshot.timeline, snapshot.tip, session.lines)
        return try await session.workspace.repository.scratch { objects in
            func follows(_ commit: CommitID, _ earlier: CommitID) throws -> Bool {
                try lines.with(tip) { try $0.isCommit(commit, atOrAfter: earlier, objects) }
            }
            if let mergePoint {
                return try approvals.filter { approval in
                    // What was approved and became the tip itself tells when it was made, and not when it came.
                    let isTip = approval.head == mergePoint.commit
                    guard isTip || approval.at <= mergePoint.time, try !follows(approval.policyCommit, mergePoint.commit) else {
                        return false
                    }
                    return try approval.withdrawn.map { try follows($0, mergePoint.commit) } ?? true
                }
            }
            return try approvals.filter { approval in
                guard approval.withdrawn == nil else { return false }
                guard approval.policy != nil, let step = timeline.history.steps.last else { return true }
                return try follows(approval.policyCommit, step.commit)
            }
        }
    }
}
