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
            throw EngineError.usage("“\(text.displayable)” names no commit", hint: "fetch it first; see `git log`")
        }
        return commit
    }

    /// Judges a change of one branch.
    ///
    /// - Parameters:
    ///   - merger: who moves the branch; nil while nobody does.
    ///   - landing: to judge it as it was when it was made; nil for now.
    func judge(
        from base: CommitID, to head: CommitID, on branch: BranchName, _ situation: Situation, merger: Merger? = nil,
        landing: Landing? = nil
    ) async throws -> ChangeReport {
        let policy = landing?.policy ?? situation.policy
        let time = landing?.time ?? situation.time
        let inspection = ChangeInspection(
            repository: workspace.repository, renderings: renderings, base: base, head: head, target: situation.tip)
        let trees = try await inspection.trees()
        let environments = policy.environments.filter { self.branch(of: $0) == branch }
        var history: [HistoricalEffect] = []
        for effect in try await inspection.effects(
            trees, on: policy.applications.flatMap { app in environments.map { (app, $0.name) } })
        {
            history.append(try await held(effect, againstHistoryUntil: base, situation))
        }
        let effects = history.map(\.effect)
        let proposals = try await self.proposals(effects, inspection, trees, situation, merger, landing)
        let (policyTree, policyProblem, isPolicyChanged) = try await policyChange(trees, on: branch)

        let approvals = try await approvals(for: effects, policyTree, inspection, trees, situation)
        let isAnythingOpen = isPolicyChanged || effects.contains { if case .unchanged = $0.outcome { false } else { true } }
        let authors =
            isAnythingOpen
            ? try await inspection.authors(
                Set(approvals.map(\.head)).sorted(), trees, under: policy, at: time)
            : ChangeAuthors(principals: [], key: nil)
        let judgement = ChangeJudgement(
            policy: policy, time: time, head: trees.changeHead, authors: authors,
            approvals: landing == nil ? approvals : approvals.filter { $0.at <= time })
        let entries = history.map { held in
            let effect = held.effect
            let change = EnvironmentChange(
                application: effect.application.name, environment: effect.environment, outcome: effect.outcome,
                promotion: proposals[Place(effect)], restored: held.restored, takenBack: held.takenBack)
            let (isChanged, rendered): (Bool, String?) =
                switch effect.outcome {
                case .unchanged: (false, nil)
                case .changed(let rendered, _): (true, rendered)
                case .doesNotRender: (true, nil)
                }
            return ChangeReport.Entry(
                application: change.application, environment: change.environment, isChanged: isChanged,
                check: judgement.check(change), promotion: change.promotion?.id, diff: effect.diff, rendered: rendered,
                takenBack: held.takenBack)
        }
        return ChangeReport(
            base: base, head: head, entries: entries,
            policy: isPolicyChanged ? judgement.policyCheck(tree: policyTree, problem: policyProblem) : nil,
            policyTree: isPolicyChanged ? policyTree : nil)
    }

    private struct Place: Hashable {
        let application: ApplicationName
        let environment: EnvironmentName

        init(_ effect: ChangeInspection.Effect) {
            application = effect.application.name
            environment = effect.environment
        }
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
        _ situation: Situation, _ merger: Merger?, _ landing: Landing?
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
            result[candidate.place] = EnvironmentChange.Proposal(
                id: PromotionID(candidate.application.name, candidate.promotion.number),
                // What the ledger knows as merged was judged when that was written.
                checks: candidate.promotion.merge == nil
                    ? try await checks(of: candidate, at: inspection.head, situation, merger, landing) : [],
                strays: strays)
        }
        return result
    }

    /// What becomes of `environments/`, why that is no policy, and whether it changes.
    private func policyChange(
        _ trees: ChangeInspection.Trees, on branch: BranchName
    ) async throws -> (tree: String?, problem: String?, isChanged: Bool) {
        guard branch == workspace.targetBranch, let directory = RepositoryPath(PolicyLoader.directory) else {
            return (nil, nil, false)
        }
        let (before, after) = try await workspace.repository.scratch { objects in
            (try objects.entry(at: directory, in: trees.before), try objects.entry(at: directory, in: trees.after))
        }
        guard before != after else { return (nil, nil, false) }
        guard case .tree(let tree)? = after else { return (nil, "it is no directory", true) }
        do {
            _ = try await policies.policy(ofTree: tree)
            return (tree.description, nil, true)
        } catch let error as ConfigurationError {
            return (tree.description, error.description, true)
        }
    }

    /// The approvals that may count: those of what the change leads to, and of nothing besides.
    private func approvals(
        for effects: [ChangeInspection.Effect], _ policyTree: String?, _ inspection: ChangeInspection,
        _ trees: ChangeInspection.Trees, _ situation: Situation
    ) async throws -> [ChangeApproval] {
        guard situation.freezesHead != nil else { return [] }
        let results = Set(
            effects.compactMap { effect -> ChangeResult? in
                guard case .changed(let rendered, _) = effect.outcome else { return nil }
                return ChangeResult(
                    application: effect.application.name, environment: effect.environment, rendered: rendered)
            })
        guard !results.isEmpty || policyTree != nil else { return [] }
        let known = try await ledger(of: .environments, situation).state.changeApprovals
        let heads = known.filter { _, approvals in
            approvals.contains { $0.policy != nil && $0.policy == policyTree || !results.isDisjoint(with: $0.results) }
        }.keys.sorted()
        return try await inspection.sameContent(heads, trees).flatMap { known[$0] ?? [] }
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
            let isRepeated = state.changeApprovals[head]?.contains {
                $0.by == situation.actor.principal && $0.results == results && $0.policy == report.policyTree
                    && $0.key == situation.actor.keyFingerprint
            }
            return isRepeated == true ? [] : [.changeApproved(event)]
        }
    }

    /// Takes one's approval of a change back.
    public func revokeChange(_ text: String, on branch: String? = nil) async throws -> ChangeReport {
        try await decideOnChange(text, on: branch) { _, head, situation, state in
            let isApproved = state.changeApprovals[head]?.contains { $0.by == situation.actor.principal } == true
            return isApproved ? [.changeApprovalRevoked(.init(head: head))] : []
        }
    }

    private func decideOnChange(
        _ text: String, on name: String?,
        _ decide: (ChangeReport, CommitID, Situation, ApplicationState) throws -> [Event.Payload]
    ) async throws -> ChangeReport {
        let head = try await commit(named: text)
        try await transact(on: { _ in .environments }) { situation, ledger, _ -> Proposal<Void> in
            let report = try await judge(head, onto: try branch(named: name, situation.policy), situation)
            return Proposal(events: try decide(report, head, situation, ledger.state)) { _ in }
        }
        let situation = try await look(fetching: false)
        return try await judge(head, onto: try branch(named: name, situation.policy), situation)
    }

    /// Judges what merging `head` makes of a branch, which need not exist yet.
    private func judge(_ head: CommitID, onto branch: BranchName, _ situation: Situation) async throws -> ChangeReport {
        let tip: CommitID
        if let known = try await workspace.remote.head(of: branch) {
            tip = known
        } else {
            tip = try await workspace.repository.scratch { try $0.emptyCommit() }
        }
        return try await judge(from: tip, to: head, on: branch, situation)
    }

    private func branch(named text: String?, _ policy: Policy) throws -> BranchName {
        guard let text else { return workspace.targetBranch }
        let known = Set(policy.environments.map { branch(of: $0) }).union([workspace.targetBranch]).sorted()
        if let branch = known.first(where: { $0.text == text }) { return branch }
        throw EngineError.usage(
            "no environment is on the branch “\(text.displayable)”", hint: Self.suggestion(text, known.map(\.text)))
    }
}
