public import GitOpsTypes
import GitStore
import Kustomize
import PromotionConfiguration
import PromotionGates
import PromotionLedger
public import PromotionModel
public import PromotionPlanning

/// What a change to the configuration repository does to every environment, and why that is permitted or not.
public struct ChangeReport: Sendable {
    public struct Entry: Sendable {
        public let application: ApplicationName
        public let environment: EnvironmentName
        public let isChanged: Bool
        public let check: Check
        /// The promotion that it carries out.
        public let promotion: PromotionID?
        /// Nil where nothing changes, or cannot be rendered.
        public let diff: RenderedDiff?
        /// What it renders to, as approvals name it.
        let rendered: String?
        /// The release that ran there before and that it takes back without a promotion; nil where it does not.
        let takenBack: ReleaseID?
    }

    public let base: CommitID
    public let head: CommitID
    public let entries: [Entry]
    /// The check of a change to `environments/`; nil where there is none.
    public let policy: Check?
    /// The `environments/` directory that it leads to, as approvals name it.
    let policyTree: String?

    /// Fails when anything fails, waits when anything waits.
    public var verdict: Check.Status {
        let statuses = entries.map(\.check.status) + [policy].compactMap { $0?.status }
        return statuses.contains(.fail) ? .fail : statuses.contains(.pending) ? .pending : .pass
    }

    /// The same, with every change of an environment failing for `reason`.
    func failing(_ reason: String) -> ChangeReport {
        let entries = entries.map { entry in
            guard entry.isChanged, entry.check.status == .pass else { return entry }
            return Entry(
                application: entry.application, environment: entry.environment, isChanged: true,
                check: Check(.authorizedMerge, .fail, reason), promotion: entry.promotion, diff: entry.diff,
                rendered: entry.rendered, takenBack: entry.takenBack)
        }
        return ChangeReport(base: base, head: head, entries: entries, policy: policy, policyTree: policyTree)
    }

    /// The same as far as `environments/` goes.
    var ofPolicyAlone: ChangeReport {
        ChangeReport(base: base, head: head, entries: [], policy: policy, policyTree: policyTree)
    }

    /// The first check that stands against it.
    public var obstacle: Check? {
        let checks = [policy].compactMap(\.self) + entries.map(\.check)
        return checks.first { $0.status == .fail } ?? checks.first { $0.status == .pending }
    }
}

extension PromotionEngine {
    /// Judges a change between two commits.
    ///
    /// - Parameters:
    ///   - base: a commit's name; nil for the tip of the target branch.
    ///   - head: a commit's name; nil for what is checked out.
    /// - Throws: `Refusal` by `mergeable` when the head does not merge into the base.
    public func gate(base: String?, head: String?) async throws -> ChangeReport {
        let situation = try await look()
        let from = if let base { try await commit(named: base) } else { situation.tip }
        return try await judge(
            from: from, to: try await commit(named: head ?? "HEAD"), on: workspace.targetBranch, situation)
    }

    private func commit(named text: String) async throws -> CommitID {
        guard let commit = try await workspace.repository.scratch({ try $0.commit(named: text) }) else {
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
    ///   - landing: to judge it as it was when it was made; nil for now.
    ///   - step: the change as one of several that a push brings; nil where it is judged by the branch's tip.
    ///   - settled: the checks of a promotion that were just made; nil to make all of them.
    func judge(
        from base: CommitID, to head: CommitID, on branch: BranchName, _ situation: Situation, merger: Merger? = nil,
        landing: Landing? = nil, step: PushedStep? = nil, settled: (promotion: PromotionID, checks: [Check])? = nil
    ) async throws -> ChangeReport {
        let policy = landing?.policy ?? step?.policy ?? situation.policy
        let time = landing?.time ?? situation.time
        let inspection = ChangeInspection(
            repository: workspace.repository, renderings: renderings, base: base, head: head, target: situation.tip)
        let trees = try await inspection.trees()
        let change = try await policyChange(trees, on: branch, step?.timeline ?? situation.timeline, base: base, landing)
        var history: [HistoricalEffect] = []
        for effect in try await inspection.effects(trees, on: places(of: branch, policy, change)) {
            history.append(try await held(effect, againstHistoryUntil: base, situation))
        }
        let effects = history.map(\.effect)
        let proposals = sharing(
            try await self.proposals(effects, inspection, trees, situation, merger, landing, settled), effects)
        let approvals = try await approvals(for: effects, change, inspection, trees, situation, landing)
        let isAnythingOpen = change.asksApproval || effects.contains { if case .unchanged = $0.outcome { false } else { true } }
        let authors =
            isAnythingOpen
            ? try await inspection.authors(
                Set(approvals.map(\.head)).sorted(), trees, under: policy, at: time)
            : ChangeAuthors(principals: [], keys: [], unsignedHeads: [])
        let judgement = ChangeJudgement(
            policy: policy, time: time, head: trees.changeHead, authors: authors, approvals: approvals,
            revocations: try await revocations(of: Set(approvals.compactMap(\.key)), policy, situation))
        let entries = history.map { held in
            let effect = held.effect
            let change = EnvironmentChange(
                application: effect.application.name, environment: effect.environment, outcome: effect.outcome,
                promotion: proposals[Place(effect)], restored: held.restored, takenBack: held.takenBack,
                checkoutFiles: effect.checkoutFiles)
            let (isChanged, rendered): (Bool, String?) =
                switch effect.outcome {
                case .unchanged: (false, nil)
                case .retired: (true, nil)
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

    /// Where the environments of a branch are described before a change, and after it.
    private func places(of branch: BranchName, _ policy: Policy, _ change: PolicyChange) -> [ChangeInspection.Place] {
        let environments = policy.environments.filter { self.branch(of: $0) == branch }.map(\.name)
        guard let next = change.later else {
            return policy.applications.flatMap { application in
                environments.map { .init(application: application, environment: $0, later: .same) }
            }
        }
        let kept = Set(next.environments.filter { self.branch(of: $0) == branch }.map(\.name))
        let applications = Dictionary(uniqueKeysWithValues: next.applications.map { ($0.name, $0) })
        return policy.applications.flatMap { application in
            environments.map { name in
                let later = kept.contains(name) ? applications[application.name] : nil
                return .init(application: application, environment: name, later: later.map { .described($0) } ?? .retired)
            }
        }
    }

    private struct Place: Hashable {
        let application: ApplicationName
        let environment: EnvironmentName

        init(_ effect: ChangeInspection.Effect) {
            application = effect.application.name
            environment = effect.environment
        }
    }

    /// With the proposals of applications that share an overlay: what one of them changes there, it changes for all.
    private func sharing(
        _ proposals: [Place: EnvironmentChange.Proposal], _ effects: [ChangeInspection.Effect]
    ) -> [Place: EnvironmentChange.Proposal] {
        var result = proposals
        for effect in effects where proposals[Place(effect)] == nil {
            guard case .changed(_, let moved) = effect.outcome else { continue }
            // What moves an image that is its alone is its own affair; of one that both have, the promotion is held to its digest.
            let sharer = effects.first { other in
                other.environment == effect.environment && other.overlay == effect.overlay && proposals[Place(other)] != nil
                    && moved.allSatisfy { other.application.images.contains($0.image) }
            }
            if let sharer { result[Place(effect)] = proposals[Place(sharer)] }
        }
        return result
    }

    private struct Candidate {
        let place: Place
        let application: Application
        let state: ApplicationState
        let promotion: Promotion
    }

    /// The checks of a promotion that `head` brings.
    private func checks(
        of candidate: Candidate, at head: CommitID, _ situation: Situation, _ merger: Merger?, _ landing: Landing?
    ) async throws -> [Check] {
        let promotion = candidate.promotion
        let checks = try await checks(
            of: promotion, candidate.application, candidate.state, situation, merger: merger?.actor, landing: landing)
        guard let merger, head == promotion.content.head, !merger.isKnownApart else { return checks }
        let id = PromotionID(candidate.application.name, promotion.number)
        // A commit that was there before tells who made it, and not who moved the branch to it.
        let unknown = Check(
            .authorizedMerge, .fail,
            "a fast-forward to \(head.short), the promotion's own commit, tells who asked for it, and not who merged it",
            clearedBy: ["a merger of \(promotion.environment): promote merge \(id)"])
        return [unknown] + checks.filter { $0.rule != .authorizedMerge }
    }

    /// The open promotions that the change carries out, by the place that they change.
    private func proposals(
        _ effects: [ChangeInspection.Effect], _ inspection: ChangeInspection, _ trees: ChangeInspection.Trees,
        _ situation: Situation, _ merger: Merger?, _ landing: Landing?,
        _ settled: (promotion: PromotionID, checks: [Check])?
    ) async throws -> [Place: EnvironmentChange.Proposal] {
        var candidates: [Candidate] = []
        for effect in effects {
            guard case .changed(let rendered, _) = effect.outcome else { continue }
            let state = try await ledger(of: effect.application.name, situation).state
            let merged = state.promotions.last {
                $0.environment == effect.environment && $0.merge.map { $0.commit == landing?.commit } == true
            }
            // Of what is known as merged, the files tell: a later version may render them otherwise.
            guard let promotion = merged ?? state.openPromotion(into: effect.environment),
                merged != nil || promotion.content.rendered == rendered
            else { continue }
            candidates.append(
                Candidate(place: Place(effect), application: effect.application, state: state, promotion: promotion))
        }
        let contained = try await inspection.contained(candidates.map(\.promotion), trees)
        let planned = contained.reduce(into: Set<RepositoryPath>()) { $0.formUnion($1.edits) }
        let strays = trees.changed.filter { !planned.contains($0) }
        var result: [Place: EnvironmentChange.Proposal] = [:]
        for candidate in candidates where contained.contains(where: { $0.promotion.content == candidate.promotion.content }) {
            let id = PromotionID(candidate.application.name, candidate.promotion.number)
            if let settled, settled.promotion == id {
                result[candidate.place] = EnvironmentChange.Proposal(id: id, checks: settled.checks, strays: strays)
                continue
            }
            result[candidate.place] = EnvironmentChange.Proposal(
                id: id,
                // What the ledger knows as merged was judged when that was written.
                checks: candidate.promotion.merge == nil
                    ? try await checks(of: candidate, at: inspection.head, situation, merger, landing) : [],
                strays: strays)
        }
        return result
    }

    /// What a change makes of `environments/`.
    struct PolicyChange {
        /// What it leads to, as a Git tree; nil where it leaves it alone, or takes it away.
        var tree: String?
        /// Why that is no policy; nil where it is one.
        var problem: String?
        /// Whether it has to be permitted: false where it is left alone, and where what counts anyway is put back.
        var asksApproval = false
        var isRestored = false
        /// Who takes trust away from keys, where the change does nothing else.
        var revoker: Principal?
        /// The policy that counts after the change, where it is another one.
        var later: Policy?

        func check(_ judgement: ChangeJudgement) -> Check? {
            if isRestored { return Check(.policyFromTarget, .pass, "the policy that counts is put back") }
            if let revoker {
                return Check(.policyFromTarget, .pass, "keys are revoked, and nothing else of the policy changes: by \(revoker)")
            }
            return asksApproval ? judgement.policyCheck(tree: tree, problem: problem) : nil
        }
    }

    private func policyChange(
        _ trees: ChangeInspection.Trees, on branch: BranchName, _ timeline: PolicyTimeline, base: CommitID, _ landing: Landing?
    ) async throws -> PolicyChange {
        guard branch == workspace.targetBranch else { return PolicyChange() }
        let (before, after, counting) = try await workspace.repository.scratch { objects in
            (
                try objects.entry(at: PolicyReader.directory, in: trees.before),
                try objects.entry(at: PolicyReader.directory, in: trees.after),
                try timeline.version(at: base, objects) ?? timeline.version(at: timeline.line.tip, objects)
            )
        }
        guard before != after else { return PolicyChange() }
        guard case .tree(let tree)? = after else {
            return PolicyChange(problem: after == nil ? nil : "it is no directory", asksApproval: true)
        }
        if tree == counting { return PolicyChange(tree: tree.description, isRestored: true) }
        let revoker = try await workspace.repository.scratch { objects in
            try counting.flatMap {
                try KeyRevocation(reader: timeline.judgement.reader, objects: objects).actor(
                    from: $0, to: tree, head: trees.changeHead)
            }
        }
        let (later, problem) = try await workspace.repository.scratch { objects -> (Policy?, String?) in
            switch try timeline.judgement.reader.presentPolicy(ofVersion: tree, objects) {
            case .failure(let error): (nil, error.description)
            // Of what landed, only what counts since then says where things are.
            case .success(let policy):
                (try landing.map { try timeline.version(at: $0.commit, objects) == tree } ?? true ? policy : nil, nil)
            }
        }
        return PolicyChange(
            tree: tree.description, problem: problem, asksApproval: revoker == nil, revoker: revoker,
            later: later)
    }

    /// The approvals that may count: those of what the change leads to, and of nothing besides.
    private func approvals(
        for effects: [ChangeInspection.Effect], _ change: PolicyChange, _ inspection: ChangeInspection,
        _ trees: ChangeInspection.Trees, _ situation: Situation, _ landing: Landing?
    ) async throws -> [ChangeApproval] {
        guard situation.freezesHead != nil else { return [] }
        let results = Set(
            effects.compactMap { effect -> ChangeResult? in
                let result: String
                switch effect.outcome {
                case .unchanged, .retired, .doesNotRender: return nil
                case .changed(let rendered, _): result = rendered
                case .unrendered(let content, _): result = content
                }
                return ChangeResult(
                    application: effect.application.name, environment: effect.environment, rendered: result)
            })
        let policyTree = change.asksApproval ? change.tree : nil
        guard !results.isEmpty || policyTree != nil else { return [] }
        let known = try await ledger(of: .environments, situation).state.changeApprovals
        let heads = known.filter { _, approvals in
            approvals.contains { $0.policy != nil && $0.policy == policyTree || !results.isDisjoint(with: $0.results) }
        }.keys.sorted()
        let candidates = try await inspection.sameContent(heads, trees).flatMap { known[$0] ?? [] }
        return try await standing(candidates, situation, landing)
    }

    /// Those that held when a change landed, or hold now; of consent to a policy, what was given while the present one counted.
    private func standing(
        _ approvals: [ChangeApproval], _ situation: Situation, _ landing: Landing?
    ) async throws -> [ChangeApproval] {
        let (timeline, tip, lines) = (situation.timeline, situation.tip, lines)
        return try await workspace.repository.scratch { objects in
            func follows(_ commit: CommitID, _ earlier: CommitID) throws -> Bool {
                try lines.with(tip) { try $0.isCommit(commit, atOrAfter: earlier, objects) }
            }
            if let landing {
                return try approvals.filter { approval in
                    guard approval.at <= landing.time, try !follows(approval.policyCommit, landing.commit) else { return false }
                    return try approval.withdrawn.map { try follows($0, landing.commit) } ?? true
                }
            }
            return try approvals.filter { approval in
                guard approval.withdrawn == nil else { return false }
                guard approval.policy != nil, let step = timeline.history.steps.last else { return true }
                return try follows(approval.policyCommit, step.commit)
            }
        }
    }

    // MARK: Approving

    /// Consents to a change that is no promotion: to its head, and to what that makes of each environment.
    ///
    /// - Parameter branch: the branch of environments that it goes to; nil for the target branch.
    public func approveChange(_ text: String, on branch: String? = nil) async throws -> ChangeReport {
        try await decideOnChange(text, on: branch) { report, head, situation, state in
            if let failed = report.obstacle, failed.status == .fail {
                throw Refusal(failed.rule, "not approved: \(failed.detail)", hint: "nobody's approval would make it right")
            }
            let results = report.entries.compactMap { entry in
                entry.rendered.map {
                    ChangeResult(application: entry.application, environment: entry.environment, rendered: $0)
                }
            }
            let event = Event.ChangeApproved(head: head, results: results, policy: report.policyTree)
            let isRepeated = state.standingApprovals(of: head).contains {
                $0.by == situation.actor.principal && $0.results == results && $0.policy == report.policyTree
                    && $0.key == situation.actor.keyFingerprint
            }
            return isRepeated ? [] : [.changeApproved(event)]
        }
    }

    /// Takes one's approval of a change back.
    public func revokeChange(_ text: String, on branch: String? = nil) async throws -> ChangeReport {
        try await decideOnChange(text, on: branch) { _, head, situation, state in
            let isApproved = state.standingApprovals(of: head).contains { $0.by == situation.actor.principal }
            return isApproved ? [.changeApprovalRevoked(.init(head: head))] : []
        }
    }

    private func decideOnChange(
        _ text: String, on name: String?,
        _ decide: (ChangeReport, CommitID, Situation, ApplicationState) throws -> [Event.Payload]
    ) async throws -> ChangeReport {
        let head = try await commit(withID: text)
        try await transact(on: { _ in .environments }) { situation, ledger, _ -> Proposal<Void> in
            let report = try await judgeForApproval(head, onto: try branch(named: name, situation.policy), situation)
            return Proposal(events: try decide(report, head, situation, ledger.state)) { _ in }
        }
        let situation = try await look(fetching: false)
        return try await judgeForApproval(head, onto: try branch(named: name, situation.policy), situation)
    }

    /// What consent to `head` would be consent to: the change that it makes of a branch, which need not exist yet, or else the
    /// change of the policy that it made of the target branch already, and that does not count.
    private func judgeForApproval(
        _ head: CommitID, onto branch: BranchName, _ situation: Situation
    ) async throws -> ChangeReport {
        if branch == workspace.targetBranch, let base = try await baseOfUncounted(head, situation) {
            return try await judge(from: base, to: head, on: branch, situation).ofPolicyAlone
        }
        let tip: CommitID
        if let known = try await workspace.remote.head(of: branch) {
            tip = known
        } else {
            tip = try await workspace.repository.scratch { try $0.emptyCommit() }
        }
        return try await judge(from: tip, to: head, on: branch, situation)
    }

    /// The tip before a commit of the target branch that made `environments/` what it is, where that does not count.
    private func baseOfUncounted(_ head: CommitID, _ situation: Situation) async throws -> CommitID? {
        guard try await isTipUncounted(situation) else { return nil }
        return situation.timeline.line.entries.last { $0.commit == head }?.predecessor
    }

    private func branch(named text: String?, _ policy: Policy) throws -> BranchName {
        guard let text else { return workspace.targetBranch }
        let known = Set(policy.environments.map { branch(of: $0) }).union([workspace.targetBranch]).sorted()
        if let branch = known.first(where: { $0.text == text }) { return branch }
        throw EngineError.usage(
            "no environment is on the branch “\(text.displayable)”", hint: Self.suggestion(text, known.map(\.text)))
    }
}
