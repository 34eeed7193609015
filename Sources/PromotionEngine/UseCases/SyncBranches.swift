public import GitOpsTypes
import GitStore
import ImageRegistry
import ManifestRendering
public import PromotionDomain
import PromotionForge
import PromotionLedger
import PromotionProjection

/// What `sync` found in a branch, and recorded.
public struct SyncStep: Sendable {
    public enum Action: String, Sendable {
        /// A promotion was merged with another program, as it may.
        case merged
        /// Something came in without permission.
        case violation
        /// An operator took an earlier release back by hand, past the ledger; it taints the environment as a violation does.
        case takenBack
        /// What was asked of the forge and had not come about.
        case opened
        case reviewed
        case closed
        /// Something happened that the actor may not record, and others may.
        case waiting
        /// Something is not as it should be, and a person has to look.
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
    /// What to type next about a change of the policy that does not count; nil for anything else.
    public var nextStep: String?
}

/// Merges that were made with another program, found afterwards: recorded when they are what was approved, and as violations when
/// they are not.
struct SyncBranches: Sendable {
    let session: Session

    /// - Throws: what keeps the branches from being looked at.
    func sync() async throws -> [SyncStep] {
        try await sync(from: session.refresh(identifying: true)).steps
    }

    /// - Parameter first: the world as it was just seen, with the actor.
    /// - Returns: what was found, and the world with that.
    func sync(from first: Snapshot) async throws -> (steps: [SyncStep], snapshot: Snapshot) {
        var steps = try await recordPolicyViolations(first)
        var first = try await session.current(first)
        let forge = try session.forge(first.policy)
        if let forge {
            let found = try await ForgeSync(session: session, forge: forge).sync(first)
            steps += found.steps
            first = found.snapshot
        }
        let branches = Set(first.policy.environments.map { session.branch(of: $0) })
        let news = try await news(on: branches)
        guard !news.isEmpty else { return (steps, first) }
        // A merge is pushed with its event: where the branches may have been read after the ledgers, these are read again, or a
        // merge of this moment were taken for one that no ledger knows.
        let isOneReading =
            forge == nil && first.timeline.history.violations.isEmpty && branches == [session.workspace.targetBranch]
        let snapshot = isOneReading ? first : try await session.refresh(identifying: true)
        let known = try await recordedMerges(snapshot)
        for (branch, tip) in news {
            for arrival in try await unseen(on: branch, upTo: tip, known, snapshot) {
                let commit = arrival.commit
                // What the forge merged is recorded as such, or waits for an attestor; until then it is looked at again.
                if let forge, try await ForgeSync(session: session, forge: forge).isMerge(commit, snapshot) {
                    break
                }
                let found = try await isSettled(arrival, known) ? [] : try await sync(arrival, on: branch, snapshot)
                steps += found
                if found.contains(where: { $0.action == .stuck }) { break }
                try session.workspace.store.noteSynced(branch.text, to: commit)
            }
        }
        return (steps, try await session.current(snapshot))
    }

    /// The branches that have moved since they were last looked at, and where they are.
    private func news(on branches: Set<BranchName>) async throws -> [(branch: BranchName, tip: CommitID)] {
        var news: [(branch: BranchName, tip: CommitID)] = []
        for branch in branches.sorted() {
            guard let tip = try await session.workspace.remote.head(of: branch),
                try session.workspace.store.synced(branch.text) != tip
            else {
                continue
            }
            news.append((branch, tip))
        }
        return news
    }

    /// The merges that the ledgers of all applications know.
    private func recordedMerges(_ snapshot: Snapshot) async throws -> [CommitID: PromotionID] {
        for application in snapshot.policy.applications {
            _ = try await session.ledger(of: application.name, snapshot, extent: .present)
        }
        return try session.workspace.store.mergedCommits()
    }

    /// The commits that came onto a branch since it was last looked at, or since the configuration was adopted, oldest first.
    private func unseen(
        on branch: BranchName, upTo tip: CommitID, _ merges: [CommitID: PromotionID], _ snapshot: Snapshot
    ) async throws -> [Arrival] {
        let seen = try session.workspace.store.synced(branch.text)
        let adoption = branch == session.workspace.targetBranch ? snapshot.adoption : nil
        return try await session.workspace.repository.scratch { [lines = session.lines] objects in
            try BranchArrivals(tip: tip, merges: Set(merges.keys), lines: lines).arrivals(
                since: [seen, adoption].compactMap(\.self), objects)
        }
    }

    /// Changes of the policy that do not count, each recorded once.
    private func recordPolicyViolations(_ snapshot: Snapshot) async throws -> [SyncStep] {
        let recorded = Set(snapshot.recordedPolicyViolations.map(\.commit))
        var steps: [SyncStep] = []
        for violation in snapshot.timeline.history.violations where !recorded.contains(violation.commit) {
            func step(_ action: SyncStep.Action, _ detail: String) -> SyncStep {
                SyncStep(
                    action: action, application: nil, environment: nil, promotion: nil, commit: violation.commit, detail: detail,
                    nextStep: violation.nextStep)
            }
            let found = step(.violation, "\(Rule.policyFromTarget): \(violation.detail)")
            do {
                let written: SyncStep? = try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
                    let decision = try RecordPolicyViolation(violation.detail, at: violation.commit).decide(
                        snapshot.facts(ledger.state))
                    return Proposal(decision) { _, _ in decision.isNew ? found : nil }
                }.outcome
                if let written { steps.append(written) }
            } catch let refusal as Refusal {
                // It is for an actor to record who may; it is told here all the same.
                steps.append(found)
                steps.append(step(.stuck, "not recorded: \(refusal.rule): \(refusal.message)"))
            }
        }
        return steps
    }

    /// Whether a commit is a merge that the ledger knows, and changes what its promotion planned and nothing else: then there
    /// is nothing to find in it, as violations are recorded before merges.
    private func isSettled(
        _ arrival: Arrival, _ merges: [CommitID: PromotionID]
    ) async throws -> Bool {
        guard let id = merges[arrival.commit], let content = try session.workspace.store.promotion(id)?.content else {
            return false
        }
        return try await session.workspace.repository.scratch { [lines = session.lines] objects in
            try MergeReading(objects, lines, merges: [:]).changesOnly(content, arrival.commit, since: arrival.base)
        }
    }

    private func sync(_ arrival: Arrival, on branch: BranchName, _ snapshot: Snapshot) async throws -> [SyncStep] {
        try await land(
            arrival.commit, after: arrival.base, on: branch, committer(of: arrival.commit), snapshot)
    }

    /// Who brought a commit onto its branch, as far as the commit tells.
    func committer(of commit: CommitID) async throws -> Merger {
        let observed = try await session.workspace.repository.scratch { try LedgerReader($0).observed(commit) }
        return observed.map { .committer($0.merger) } ?? .unknown("an unknown committer")
    }

    /// Judges what a commit brought onto its branch, and records it: as merges of promotions, or as violations.
    ///
    /// - Parameter base: the tip before it; nil for its first parent.
    func land(
        _ commit: CommitID, after base: CommitID? = nil, on branch: BranchName, _ merger: Merger, _ snapshot: Snapshot
    ) async throws -> [SyncStep] {
        let (parent, made) = try await session.workspace.repository.scratch { objects in
            (try base ?? objects.firstParent(of: commit), try objects.commit(commit).committer.time)
        }
        guard let parent else { return [] }
        let policy = try await session.policies.policy(at: parent, snapshot.timeline) ?? snapshot.policy
        let mergePoint = MergePoint(base: parent, policy: policy, time: min(made, snapshot.time), commit: commit)
        var report: ChangeReport
        do {
            report = try await ChangeGate(session: session).judge(
                from: parent, to: commit, on: branch, snapshot, merger: merger, mergePoint: mergePoint)
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
        } catch let error as RendererUnavailable {
            return [
                SyncStep(
                    action: .stuck, application: nil, environment: nil, promotion: nil, commit: commit, detail: "\(error)")
            ]
        }
        // A commit that claims a time to come does not tell when it was made, and so not what permitted it.
        if made > snapshot.time.adding(seconds: EventAdmission.toleranceSeconds), merger.word == nil {
            report = report.datedAhead(
                "\(commit.short) is dated \(made), and here it is \(snapshot.time): when it was made is not known")
        }
        // Violations first: a merge that is recorded says that there was nothing else to find.
        let changed = report.entries.filter(\.isChanged)
        var steps: [SyncStep] = []
        for entry in changed.filter({ $0.check.status != .pass }) + changed.filter({ $0.check.status == .pass }) {
            do {
                if let step = try await record(entry, commit, merger, mergePoint, snapshot) { steps.append(step) }
            } catch let refusal as Refusal {
                // It is for an actor to record who may; what it is, is told all the same.
                if entry.check.status != .pass { steps.append(violation(entry, commit, merger, mergePoint)) }
                steps.append(
                    step(.stuck, entry, commit, "not recorded: \(refusal.rule): \(refusal.message)"))
            }
        }
        return steps
    }

    /// A merge that was found: its event, and the end of its branch.
    func foundMerge<Answer: Sendable>(
        of promotion: Promotion, _ commit: CommitID, _ merger: Merger, _ facts: DecisionFacts, answer: Answer
    ) async throws -> Proposal<Answer> {
        let decision = try RecordMerge(promotion, by: commit, merger: merger.committer, onForge: merger.word).decide(facts)
        let head = try await session.workspace.remote.head(of: promotion.content.branch)
        return Proposal(
            decision, refs: head.map { [RefUpdate(promotion.content.branch, from: $0, to: nil)] } ?? []
        ) { _, _ in answer }
    }

    /// Records what an entry tells, unless the ledger knows it.
    private func record(
        _ entry: ChangeReport.Entry, _ commit: CommitID, _ merger: Merger, _ mergePoint: MergePoint, _ snapshot: Snapshot
    ) async throws -> SyncStep? {
        let application = entry.application
        // What is retired meanwhile can be neither tainted nor promoted into.
        guard let present = snapshot.policy.anyApplication(application),
            snapshot.policy.environment(entry.environment, of: present) != nil
        else { return nil }
        return try await session.transact(on: { _ in application }, from: snapshot) {
            snapshot, ledger, _ -> Proposal<SyncStep?> in
            let state = ledger.state
            let nothing = Proposal<SyncStep?> { _ in nil }
            if entry.check.status == .pass {
                guard let id = entry.promotion, let promotion = state.promotion(id.number), promotion.isOpen else {
                    return nothing
                }
                return try await foundMerge(
                    of: promotion, commit, merger, snapshot.facts(state),
                    answer: step(.merged, entry, commit, "by \(merger.actor.principal), \(merger.means)"))
            }
            // Its time may have come while it was judged: then the ledger, which was read only up to there, says what it is.
            if entry.isDatedAhead, let id = entry.promotion, state.promotion(id.number)?.merge?.commit == commit {
                return nothing
            }
            let found = violation(entry, commit, merger, mergePoint)
            let decision = try RecordViolation(found.detail, in: entry.environment, at: commit).decide(snapshot.facts(state))
            return Proposal(decision) { _, _ in decision.isNew ? found : nil }
        }.outcome
    }

    private func violation(
        _ entry: ChangeReport.Entry, _ commit: CommitID, _ merger: Merger, _ mergePoint: MergePoint
    ) -> SyncStep {
        step(
            .violating(entry, by: merger.actor, under: mergePoint.policy, at: mergePoint.time), entry, commit,
            "\(entry.check.rule): \(entry.check.detail)")
    }

    private func step(
        _ action: SyncStep.Action, _ entry: ChangeReport.Entry, _ commit: CommitID, _ detail: String
    ) -> SyncStep {
        SyncStep(
            action: action, application: entry.application, environment: entry.environment, promotion: entry.promotion,
            commit: commit, detail: detail)
    }
}
