public import GitOpsTypes
import GitStore
import ImageRegistry
import PromotionForge
import PromotionGates
import PromotionLedger
public import PromotionModel
import PromotionProjection

/// What `sync` found in a branch, and recorded.
public struct SyncStep: Sendable {
    public enum Action: String, Sendable {
        /// A promotion was merged with another program, as it may.
        case merged
        /// Something came in that nobody was allowed to bring.
        case violation
        /// An operator took an earlier release back by hand, past the ledger; it taints the environment as a violation does.
        case takenBack
        /// What was asked of the forge and had not come about.
        case opened
        case reviewed
        case closed
        /// Something is not as it should be, and somebody has to look.
        case stuck
    }

    public let action: Action
    /// Nil, as the environment is, where it is about the policy, which is everybody's.
    public let application: ApplicationName?
    public let environment: EnvironmentName?
    public let promotion: PromotionID?
    /// The commit that it is about; nil where it is about none.
    public let commit: CommitID?
    public let detail: String
}

/// Merges that were made with another program, found afterwards: recorded when they are what was approved, and as violations when
/// they are not.
extension PromotionEngine {
    /// - Throws: what keeps the branches from being looked at.
    public func sync() async throws -> [SyncStep] {
        let situation = try await look(identifying: true)
        var steps: [SyncStep] = []
        let forge = try forge(situation.policy)
        if let forge { steps += try await sync(with: forge, situation) }
        let branches = Set(situation.policy.environments.map { branch(of: $0) })
        for branch in branches.sorted() {
            for commit in try await unseen(on: branch, situation) {
                // What the forge merged is recorded as such, or waits for somebody who can; until then it is looked at again.
                if let forge, try await isMerge(commit, ofOpenOn: forge, situation) { break }
                let found = try await sync(commit, on: branch, situation)
                steps += found
                if found.contains(where: { $0.action == .stuck }) { break }
                try workspace.store.noteSynced(branch.text, to: commit)
            }
        }
        return steps
    }

    /// The commits that came onto a branch since it was last looked at, or since its first event, oldest first.
    private func unseen(on branch: BranchName, _ situation: Situation) async throws -> [CommitID] {
        guard let tip = try await workspace.remote.head(of: branch) else { return [] }
        let seen = try workspace.store.synced(branch.text)
        if tip == seen { return [] }
        var starts: Set<CommitID> = []
        for application in situation.policy.applications {
            _ = try await ledger(of: application.name, situation, extent: .present)
            guard let first = try workspace.store.firstCommit(of: application.name) else { continue }
            let record = try await workspace.repository.scratch { try LedgerReader($0).records(of: [first][...]).first }
            if case .event(let event, _)? = record?.content { starts.insert(event.policyCommit) }
        }
        let known = starts
        return try await workspace.repository.scratch { objects in
            var commits: [CommitID] = []
            var next: CommitID? = tip
            var rest = known
            while let commit = next, commit != seen {
                // Before anything was promoted, nothing could be.
                rest.remove(commit)
                if rest.isEmpty { break }
                commits.append(commit)
                next = try objects.firstParent(of: commit)
            }
            return commits.reversed()
        }
    }

    private func sync(
        _ commit: CommitID, on branch: BranchName, _ situation: Situation
    ) async throws -> [SyncStep] {
        try await land(commit, on: branch, committer(of: commit), situation)
    }

    /// Who brought a commit onto its branch, as far as the commit tells.
    func committer(of commit: CommitID) async throws -> Merger {
        let observed = try await workspace.repository.scratch { try LedgerReader($0).observed(commit) }
        return observed.map { .committer($0.merger) } ?? .unknown("somebody")
    }

    /// Who brought a commit onto its branch, and how that is known.
    enum Merger: Sendable {
        /// Whoever acts now.
        case actor(Actor)
        /// Whoever made the commit, by its signature.
        case committer(Actor)
        /// By the forge's word.
        case onForge(ForgeWord)
        /// Nobody whom the policy knows.
        case unknown(String)

        var actor: Actor {
            switch self {
            case .actor(let actor), .committer(let actor): actor
            case .onForge(let word): Actor(word.principal, .forge(login: word.login))
            case .unknown: .nobody
            }
        }

        /// Whether it is known by more than the commit itself.
        var isKnownApart: Bool {
            switch self {
            case .actor, .onForge: true
            case .committer, .unknown: false
            }
        }

        /// As the event names them.
        var committer: Principal? {
            if case .committer(let actor) = self { actor.principal } else { nil }
        }

        var word: ForgeWord? {
            if case .onForge(let word) = self { word } else { nil }
        }

        /// With what.
        var means: String {
            switch self {
            case .actor: "here"
            case .committer, .unknown: "with another program"
            case .onForge(let word): "on \(word.forge.name)"
            }
        }
    }

    /// Judges what a commit brought onto its branch, and records it: as merges of promotions, or as violations.
    func land(
        _ commit: CommitID, on branch: BranchName, _ merger: Merger, _ situation: Situation
    ) async throws -> [SyncStep] {
        let (parent, observed) = try await workspace.repository.scratch { objects in
            (try objects.firstParent(of: commit), try LedgerReader(objects).observed(commit))
        }
        guard let parent else { return [] }
        let policy = try await policies.policies(at: [parent], on: situation.tip)[parent] ?? situation.policy
        let landing = Landing(
            base: parent, policy: policy, time: min(observed?.at ?? situation.time, situation.time), commit: commit)
        let report: ChangeReport
        do {
            report = try await judge(
                from: parent, to: commit, on: branch, situation, merger: merger, landing: landing)
        } catch let error as RegistryError {
            // Looked at again in the next pass: silence of a registry is no verdict on what is there.
            return [
                SyncStep(
                    action: .stuck, application: nil, environment: nil, promotion: nil, commit: commit, detail: error.reason)
            ]
        } catch let error as UnjudgeableHere {
            // For a clone that can: what it is that came in is not told by who looked first.
            return [
                SyncStep(
                    action: .stuck, application: nil, environment: nil, promotion: nil, commit: commit, detail: error.reason)
            ]
        }
        var steps: [SyncStep] = []
        if let policy = report.policy, policy.status != .pass {
            // No environment is tainted for it: what it permits from now on is judged by the policy as it is.
            steps.append(
                SyncStep(
                    action: .violation, application: nil, environment: nil, promotion: nil, commit: commit,
                    detail: "\(policy.rule): \(policy.detail)"))
        }
        for entry in report.entries where entry.isChanged {
            do {
                if let step = try await record(entry, commit, merger, landing) { steps.append(step) }
            } catch let refusal as Refusal {
                // Somebody else may record it.
                steps.append(
                    SyncStep(
                        action: .stuck, application: entry.application, environment: entry.environment,
                        promotion: entry.promotion, commit: commit, detail: "\(refusal.rule): \(refusal.message)"))
            }
        }
        return steps
    }

    /// A merge that was found: its event, and the end of its branch.
    func foundMerge<Answer: Sendable>(
        of promotion: Promotion, _ commit: CommitID, _ merger: Merger, answer: Answer
    ) async throws -> Proposal<Answer> {
        let event = Event.PromotionMerged(
            promotion: promotion.number, environment: promotion.environment, release: promotion.release,
            head: promotion.content.head, commit: commit, merger: merger.committer, onForge: merger.word)
        let head = try await workspace.remote.head(of: promotion.content.branch)
        return Proposal(
            events: [.promotionMerged(event)],
            refs: head.map { [RefUpdate(promotion.content.branch, from: $0, to: nil)] } ?? []
        ) { _ in answer }
    }

    /// Records what an entry tells, unless the ledger knows it.
    private func record(
        _ entry: ChangeReport.Entry, _ commit: CommitID, _ merger: Merger, _ landing: Landing
    ) async throws -> SyncStep? {
        let application = entry.application
        return try await transact { _ in
            application
        } _: { _, ledger, _ -> Proposal<SyncStep?> in
            let state = ledger.state
            let nothing = Proposal<SyncStep?> { _ in nil }
            func step(_ action: SyncStep.Action, _ detail: String) -> SyncStep {
                SyncStep(
                    action: action, application: application, environment: entry.environment, promotion: entry.promotion,
                    commit: commit, detail: detail)
            }
            if entry.check.status == .pass {
                guard let id = entry.promotion, let promotion = state.promotion(id.number), promotion.isOpen else {
                    return nothing
                }
                return try await foundMerge(
                    of: promotion, commit, merger, answer: step(.merged, "by \(merger.actor.principal), \(merger.means)"))
            }
            guard state.violations[entry.environment]?.contains(where: { $0.commit == commit }) != true else { return nothing }
            let detail = "\(entry.check.rule): \(entry.check.detail)"
            let event = Event.ViolationDetected(environment: entry.environment, commit: commit, detail: detail)
            let found = step(.violating(entry, by: merger.actor, under: landing.policy, at: landing.time), detail)
            return Proposal(events: [.violationDetected(event)]) { _ in found }
        }
    }
}
