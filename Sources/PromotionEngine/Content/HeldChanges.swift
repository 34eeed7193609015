import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionDomain
import PromotionPlanning

/// A change of an environment, held against what was there before: what it brings that the ledger does not say is there, and
/// whether it only goes back to a state that was permitted.
struct HistoricalEffect: Sendable {
    /// Without the images that the ledger says are there, and those of a place that is only being made.
    var effect: ChangeInspection.Effect
    /// What permitted state it brings back, as in “what web-3 brought”; nil where it makes a new one.
    var restored: String?
    /// The release that ran there before and is there again, where no promotion brings it; nil where that is not so.
    var takenBack: ReleaseID?
}

/// Holds a change of an environment against what was there before.
struct HeldChanges: Sendable {
    let session: Session

    /// - Parameter base: the commit that is changed: what was deployed and open is told as of there, by Git's own order.
    func held(
        _ effect: ChangeInspection.Effect, againstHistoryUntil base: CommitID, _ snapshot: Snapshot
    ) async throws -> HistoricalEffect {
        var result = HistoricalEffect(effect: effect)
        if case .added(let images, let problem) = effect.outcome {
            result.effect.outcome = try await returning(effect, images, problem, until: base, snapshot) ?? effect.outcome
        }
        guard case .changed(let rendered, let moved) = effect.outcome else { return result }
        let state = try await session.ledger(of: effect.application.name, snapshot).state
        let (past, deployed) = try await deployed(in: effect.environment, state, until: base, snapshot)
        let strange = moved.filter { occurrence in
            guard let deployed else { return !effect.isNew }
            return Self.isStrange(occurrence, to: deployed) && past.last?.isContent(occurrence) != true
        }
        result.effect.outcome = .changed(rendered: rendered, moved: strange)
        if deployed == nil || strange.isEmpty {
            result.restored = try await restored(effect, rendered, past.last, state, base: base)
        }
        if result.restored != nil { result.effect.outcome = .changed(rendered: rendered, moved: []) }
        guard let present = past.last?.release, !strange.isEmpty, result.restored == nil else { return result }
        result.takenBack =
            past.last { deployment in
                deployment.release != present && state.yanks[deployment.release] == nil
                    && strange.allSatisfy { !Self.isStrange($0, to: state.release(deployment.release)) }
            }?.release
        return result
    }

    /// Whether a place has something else than a release says.
    private static func isStrange(_ occurrence: ImageOccurrence, to release: Release?) -> Bool {
        guard let image = release?.image(occurrence.image) else { return occurrence.hold != .nothing }
        return !occurrence.isExactly(image)
    }

    /// What becomes of a place that the policy has again, where the ledger says that something runs there that is not: what was
    /// done with its files in between was guarded by no policy. Nil where it is as the ledger says, or has no history.
    private func returning(
        _ effect: ChangeInspection.Effect, _ images: [ImageOccurrence], _ problem: String?, until base: CommitID,
        _ snapshot: Snapshot
    ) async throws -> EnvironmentChange.Outcome? {
        let state = try await session.ledger(of: effect.application.name, snapshot).state
        let (past, present) = try await deployed(in: effect.environment, state, until: base, snapshot)
        guard let deployed = present else { return nil }
        let last = past.last
        if let problem { return .doesNotRender(problem) }
        let strange = images.filter { Self.isStrange($0, to: deployed) && last?.isContent($0) != true }
        guard !strange.isEmpty else { return nil }
        let content = images.map { "\($0.object) \($0.container) \($0.text)" }
        return .changed(rendered: PromotionPlanner.digest(ofContent: content), moved: strange)
    }

    /// What was deployed by the time that the environment's branch was at `base`, and the release that was there then.
    private func deployed(
        in environment: EnvironmentName, _ state: ApplicationState, until base: CommitID, _ snapshot: Snapshot
    ) async throws -> (past: [Deployment], present: Release?) {
        let branch = snapshot.policy.environment(environment).map { session.branch(of: $0) } ?? session.workspace.targetBranch
        let tip = try await session.workspace.remote.head(of: branch) ?? base
        let past = try await deployments(in: environment, state, until: base, onLineOf: tip)
        return (past, past.last.flatMap { $0.until == nil || !$0.isDisplaced ? state.release($0.release) : nil })
    }

    /// What the ledger says was deployed by the time that the environment's branch was at `base`, oldest first.
    private func deployments(
        in environment: EnvironmentName, _ state: ApplicationState, until base: CommitID, onLineOf tip: CommitID
    ) async throws -> [Deployment] {
        let all = state.deployments[environment] ?? []
        guard !all.isEmpty else { return [] }
        return try await session.workspace.repository.scratch { [lines = session.lines] objects in
            try lines.with(tip) { line in
                // They came one after another, so that half of them need not be looked at.
                var (known, unknown) = (0, all.count)
                while known < unknown {
                    let middle = (known + unknown) / 2
                    let commit = all[middle].commit
                    if try objects.has(commit) && line.isCommit(base, atOrAfter: commit, objects) {
                        known = middle + 1
                    } else {
                        unknown = middle
                    }
                }
                return Array(all[..<known])
            }
        }
    }

    /// The permitted state that a result is: what the deployed release's promotion brought, what was there before what taints the
    /// environment came, or what an operator accepted; nil where it is none of them.
    private func restored(
        _ effect: ChangeInspection.Effect, _ rendered: String, _ deployment: Deployment?, _ state: ApplicationState,
        base: CommitID
    ) async throws -> String? {
        if let deployment, !deployment.isDisplaced, let number = deployment.promotion,
            state.promotion(number)?.content.rendered == rendered
        {
            return "what \(PromotionID(state.application, number)) brought"
        }
        let violations = state.violations[effect.environment] ?? []
        guard !violations.isEmpty else { return nil }
        return try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
            func isPast(_ commit: CommitID) throws -> Bool {
                try objects.has(commit) && objects.isCommit(base, atOrAfter: commit)
            }
            func isBroughtBack(from commit: CommitID) throws -> Bool {
                let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
                do {
                    let planner = PromotionPlanner(files, renderings)
                    return try PromotionPlanner.digest(of: planner.manifests(of: effect.application, in: effect.environment))
                        == rendered
                } catch is RenderingError {
                    return false
                }
            }
            if let settled = try violations.compactMap(\.settled).last(where: isPast), try isBroughtBack(from: settled) {
                return "what was accepted at \(settled.short)"
            }
            let open = try violations.filter { violation in
                try isPast(violation.commit) && violation.settled.map { try !isPast($0) } ?? (violation.accepted == nil)
            }
            // Before the first of them; what came between them was made on top of it.
            let first = try open.first { candidate in
                try open.allSatisfy { try objects.isCommit($0.commit, atOrAfter: candidate.commit) }
            }
            guard let first, let before = try objects.firstParent(of: first.commit), try isBroughtBack(from: before) else {
                return nil
            }
            return "what was there before \(first.commit.short), which nothing permitted"
        }
    }
}

extension SyncStep.Action {
    /// What is wrong with a change: something that nothing permits; or, where an operator who may merge it did by hand what
    /// `rollback` does, and no approval is asked for that, an earlier release that was taken back past the ledger.
    static func violating(
        _ entry: ChangeReport.Entry, by merger: Actor, under policy: Policy, at time: GitOpsTypes.Timestamp
    ) -> SyncStep.Action {
        guard entry.takenBack != nil, let environment = policy.environment(entry.environment),
            environment.approvals(ofRollback: true).required == 0
        else { return .violation }
        let authorization = Authorization(merger, under: policy, at: time)
        let isAuthorized =
            authorization.isProven
            && authorization.problem(with: environment.operators, called: "operators") == nil
            && authorization.problem(with: environment.mergers, called: "mergers") == nil
        return isAuthorized ? .takenBack : .violation
    }
}
