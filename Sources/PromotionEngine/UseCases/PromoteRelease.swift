import GitOpsTypes
import GitStore
import Kustomize
import PromotionDomain
import PromotionPlanning

/// What to promote, as people type it.
public struct PromotionRequest: Sendable {
    public var from: String
    public var to: String
    public var application: String?
    /// Nil for what `from` runs, or for the newest build.
    public var release: String?
    /// Why waiting rules are bypassed (soak, windows, approvals), by an actor of the emergency role; nil in ordinary times.
    public var emergency: String?
    /// Why the environment goes back to what it ran before; nil for a promotion forward.
    var rollbackReason: String?
    /// Whether no person asks for it: then it is done only as long as the ledger says that it is to be done.
    var isAutomatic = false

    public init(from: String, to: String, application: String?, release: String?) {
        self.from = from
        self.to = to
        self.application = application
        self.release = release
    }

    init(_ rollback: RollbackRequest) {
        self.init(
            from: rollback.environment, to: rollback.environment, application: rollback.application, release: rollback.release)
        rollbackReason = rollback.reason
        emergency = rollback.isEmergency ? rollback.reason : nil
    }
}

/// Plans a promotion and opens it.
struct PromoteRelease: Sendable {
    let session: Session

    /// The edit, the rendered diff and every check; changes nothing.
    func plan(_ request: PromotionRequest) async throws -> PromotionReport {
        try await plan(request, session.refresh(identifying: true))
    }

    /// - Parameter snapshot: the world as it was just seen, with the actor.
    func plan(_ request: PromotionRequest, _ snapshot: Snapshot) async throws -> PromotionReport {
        let application = try application(of: request, snapshot.policy)
        let ledger = try await session.ledger(of: application.name, snapshot)
        let planned = try await PlannedPromotion(request, session, snapshot, ledger, application)
        var report = planned.report(.planned)
        report.releaseDifferences = try await session.inspection(of: application, in: planned.environment.name)
            .releaseDifferences(at: planned.base, with: planned.plan.edits)
        return report
    }

    /// The application that a request is for. Names of environments that there are none of are told first: naming an application
    /// helps none of them.
    private func application(of request: PromotionRequest, _ policy: Policy) throws -> Application {
        _ = try (policy.origin(named: request.from), policy.environment(named: request.to))
        return try policy.application(named: request.application)
    }

    /// Plans, makes the promotion branch, and opens the pull request.
    func promote(_ request: PromotionRequest) async throws -> PromotionReport {
        try await promote(request, from: session.refresh(identifying: true)).report
    }

    /// - Parameter first: the world as it was just seen, with the actor.
    /// - Returns: what was done, and the world with that.
    func promote(
        _ request: PromotionRequest, from first: Snapshot
    ) async throws -> (report: PromotionReport, snapshot: Snapshot) {
        if let reason = request.emergency { try requireReason(reason) }
        // What the ledger takes to be open may be decided on its forge.
        var start = first
        if let forge = try session.forge(first.policy) {
            start = try await ForgeSync(session: session, forge: forge).rereadOpenPullRequest(
                into: request.to, of: request.application, first)
        }
        // The promotion that was open when this began; one that came about meanwhile is the work of another.
        var known: Int?
        let done = try await session.transact(on: { try application(of: request, $0).name }, from: start) {
            snapshot, ledger, hasLost in
            let application = try snapshot.policy.application(named: request.application)
            if request.isAutomatic { try requireUnsettled(request, snapshot, ledger.state) }
            let planned = try await PlannedPromotion(request, session, snapshot, ledger, application)
            let open = ledger.state.openPromotion(into: planned.environment.name)
            if !hasLost { known = open?.number }
            return try await proposal(for: planned, isByAnother: open.map { $0.number != known } ?? false)
        }
        switch done.outcome {
        case .nothing(let report):
            guard let id = report.id, report.promotion?.state == .requested,
                let forge = try session.forge(done.snapshot.policy)
            else { return (report, done.snapshot) }
            let snapshot = try await PullRequests(session: session, forge: forge).openPullRequest(
                id, isFresh: false, done.snapshot)
            return (try await ShowQuery(session: session).show(id.description, report.action, snapshot), snapshot)
        case .opened(let number, let plan, let superseded):
            return try await opened(number, plan, superseding: superseded, request, done)
        }
    }

    /// The report on a promotion that was just recorded, once its pull request is open where a forge has them.
    private func opened(
        _ number: Int, _ plan: PromotionPlan, superseding old: Int?, _ request: PromotionRequest, _ done: Completed<Outcome>
    ) async throws -> (report: PromotionReport, snapshot: Snapshot) {
        let application = try done.snapshot.policy.application(named: request.application)
        var (snapshot, state) = (done.snapshot, done.ledger.state)
        if let forge = try session.forge(snapshot.policy) {
            snapshot = try await PullRequests(session: session, forge: forge).openPullRequest(
                PromotionID(application.name, number), isFresh: true, snapshot)
            state = try await session.ledger(of: application.name, snapshot).state
            if let old {
                try await PullRequests(session: session, forge: forge).closePullRequest(old, of: application.name, in: state)
            }
        }
        var report = try await PromotionChecks(session: session).report(
            number, in: ApplicationView(application, state, snapshot), .opened(superseded: old))
        report.plan = plan
        return (report, snapshot)
    }

    private enum Outcome: Sendable {
        case nothing(PromotionReport)
        case opened(Int, PromotionPlan, superseded: Int?)
    }

    /// Throws unless what is asked for without a person is still to be done by the ledger as it is now.
    private func requireUnsettled(
        _ request: PromotionRequest, _ snapshot: Snapshot, _ state: ApplicationState
    ) throws {
        let application = try snapshot.policy.application(named: request.application)
        let environment = try snapshot.policy.environment(named: request.to, of: application)
        guard let (_, release) = state.nextRelease(into: environment), release.id.text == request.release else {
            throw WishSettled()
        }
    }

    /// The checks of an open promotion of the release that is asked for, where it is still as it was proposed; nil where it is
    /// to be planned anew.
    private func checksOfStanding(_ open: Promotion, _ planned: PlannedPromotion) async throws -> [Check]? {
        for snapshot in [planned.snapshot, nil] {
            // A remote that moves several refs may show half of it for a moment: nothing is replaced on one look.
            let snapshot = if let snapshot { snapshot } else { try await session.refresh(identifying: true) }
            let checks = try await PromotionChecks(session: session).checks(
                of: open, in: ApplicationView(planned.application, planned.ledger.state, snapshot))
            if !checks.contains(where: { ($0.rule == .scope || $0.rule == .mergeable) && $0.status == .fail }) { return checks }
        }
        return nil
    }

    private func proposal(for planned: PlannedPromotion, isByAnother: Bool) async throws -> Proposal<Outcome> {
        let (state, application) = (planned.ledger.state, planned.application)
        let open = state.openPromotion(into: planned.environment.name)
        if let open, open.release == planned.release.id {
            let id = PromotionID(application.name, open.number)
            if isByAnother {
                throw EngineError.raced(
                    "\(open.requestedBy) was faster: \(id) moves \(open.release) into \(open.environment) already",
                    hint: "promote show \(id)")
            }
            // From where no release may come, it is not what is open that was asked for.
            if open.origin != planned.origin,
                planned.checks.contains(where: { $0.rule == .verifiedUpstream && $0.status == .fail }),
                let refusal = planned.checks.refusal(of: Self.refused(planned), allowPending: true)
            {
                throw refusal
            }
            if let checks = try await checksOfStanding(open, planned) {
                let report = try PromotionChecks.report(open, in: state, checks, .alreadyOpen)
                return Proposal { _ in .nothing(report) }
            }
        }
        if open == nil, state.deployment(in: planned.environment.name)?.release == planned.release.id, planned.plan.edits.isEmpty
        {
            let report = planned.report(.alreadyThere)
            return Proposal { _ in .nothing(report) }
        }
        let checks = planned.checks
        if let refusal = checks.refusal(of: Self.refused(planned), allowPending: true) { throw refusal }
        return try await opening(planned, superseding: open, checks)
    }

    private static func refused(_ planned: PlannedPromotion) -> String {
        "\(planned.release.id) is not promoted to \(planned.environment.name)"
    }

    private func opening(_ planned: PlannedPromotion, superseding open: Promotion?, _ checks: [Check]) async throws -> Proposal<
        Outcome
    > {
        let state = planned.ledger.state
        let (application, environment, release, plan) = (planned.application, planned.environment, planned.release, planned.plan)
        let number = state.nextPromotionNumber
        let id = PromotionID(application.name, number)
        let branch = id.branch(into: environment.name)
        let text = PullRequestText(
            id: id, release: release, replaced: state.deployment(in: environment.name)?.release,
            replacedBuild: state.deployment(in: environment.name).flatMap { state.release($0.release) }?.build,
            origin: planned.origin,
            environment: environment.name, plan: plan, checks: checks, reason: planned.rollbackReason,
            emergency: planned.emergency)
        let base = planned.base
        let files = Dictionary(plan.edits.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
        let recipe = CommitRecipe(
            parents: [base], by: session.committer(at: planned.snapshot.time), message: text.commitMessage
        ) { objects in try objects.writeTree(objects.tree(of: base), replacing: files) }
        let commit = try await CommitFactory(repository: session.workspace.repository, signer: session.identity.signer).prepare(
            recipe)

        let blobs = try await session.workspace.repository.scratch { objects in
            try Dictionary(
                plan.edits.map { ($0.path.description, try objects.writeBlob($0.new).hex) }, uniquingKeysWith: { $1 })
        }
        // On a forge it is opened once the request is durable; forges take none that changes nothing, as when the overlay has the
        // digest from before the ledger began.
        let isRecord = try plan.edits.isEmpty || session.forge(planned.snapshot.policy) == nil
        let decision = try RequestPromotion(
            release.id, from: planned.origin, into: environment.name,
            PromotionContent(
                branch: branch, base: base, head: commit.id, rendered: plan.rendered, files: blobs,
                renderer: plan.manifests.program, bases: plan.manifests.repositories),
            emergency: planned.emergency, rollback: planned.rollbackReason,
            pullRequest: isRecord ? PullRequest(number: number, url: nil, title: text.title, body: text.body) : nil
        ).decide(planned.snapshot.facts(state))
        return Proposal(
            decision, commits: [commit],
            refs: try await refs(of: planned, superseding: open) + [
                // A branch of this name can only be left over from a ledger that lost its events; it is taken over, with a lease.
                RefUpdate(branch, from: try await session.workspace.remote.head(of: branch), to: commit.id)
            ]
        ) { number, _ in .opened(number, plan, superseded: open?.number) }
    }

    /// What moves beside the new branch: the branch of the promotion that is superseded.
    private func refs(of planned: PlannedPromotion, superseding open: Promotion?) async throws -> [RefUpdate] {
        guard let open else { return [] }
        var refs: [RefUpdate] = []
        if let head = try await session.workspace.remote.head(of: open.content.branch) {
            refs.append(RefUpdate(open.content.branch, from: head, to: nil))
        }
        // The same again is proposed because the branch is where it is, which has to be so still.
        if open.release == planned.release.id {
            refs.append(RefUpdate(session.branch(of: planned.environment), from: planned.base, to: planned.base))
        }
        return refs
    }
}

/// What is asked for without a person is done already, or not to be done any more.
struct WishSettled: Error {}
