import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionPlanning

/// Where and when a change came onto its branch: what it is judged by afterwards.
struct MergePoint: Sendable {
    /// The commit before it.
    let base: CommitID
    /// The policy of that commit.
    let policy: Policy
    /// When it was made, by its own word, and no later than now.
    let time: Timestamp
    /// The commit that brought it.
    let commit: CommitID
}

/// Asks all rules about a promotion, with the evidence that they need.
struct PromotionChecks: Sendable {
    let session: Session

    /// In which circumstances a promotion is judged.
    struct Circumstances: Sendable {
        /// Who is about to merge; nil while no merge is asked for.
        var merger: Actor?
        /// Where it was merged, to judge it as it was then; nil for now.
        var mergePoint: MergePoint?
        /// Whether programs of the policy are run; false for queries.
        var asksGates = true
        /// What was read of those who object on a forge.
        var reviews = PromotionFacts.ReviewReading.notAsked
    }

    /// The checks of a promotion that exists, on the world as it is now.
    ///
    func checks(
        of promotion: Promotion, in view: ApplicationView, _ circumstances: Circumstances = Circumstances()
    ) async throws -> [Check] {
        let (application, state, snapshot, mergePoint) = (view.application, view.state, view.snapshot, circumstances.mergePoint)
        let policy = mergePoint?.policy ?? snapshot.policy
        guard let environment = policy.environment(promotion.environment, of: application) else {
            return [
                Check(
                    .authorized, .fail,
                    "the configuration has no environment \(promotion.environment) of \(application.name) any more")
            ]
        }
        guard let release = state.release(promotion.release) else {
            return [Check(.builtOnce, .fail, "\(promotion.release) is not registered")]
        }
        var judged = promotion
        if let mergePoint {
            judged = promotion.judged(until: mergePoint.time, besides: try await late(promotion, mergePoint, snapshot))
        }
        var facts = PromotionFacts(
            policy: policy, state: state, environment: environment, release: promotion.release,
            origin: promotion.origin, promotion: judged,
            time: mergePoint?.time ?? snapshot.time, freezes: snapshot.freezes)
        facts.reviews = circumstances.reviews
        if mergePoint != nil, let zone = environment.windows.unknownTimeZone {
            throw UnjudgeableHere(
                reason: "this machine's time zone database has no \(zone), which windows of \(environment.name) are in")
        }
        facts.revocations = try await Revocations(session: session).revocations(of: facts.revokedKeys, policy, snapshot)
        guard promotion.isOpen else { return PromotionJudgement(facts).ledgerChecks() }
        let inspection = session.inspection(of: application, in: environment.name)
        let base = if let mergePoint { mergePoint.base } else { try await session.tip(of: environment) }
        var (evidence, manifests) = try await inspection.evidence(
            for: promotion, of: release,
            branchHead: mergePoint == nil ? session.workspace.remote.head(of: promotion.content.branch) : promotion.content.head,
            tip: base,
            besides: neighbours(of: environment, policy))
        if circumstances.asksGates, let manifests {
            var question = EvidenceQuestion(release, application.name, in: environment, manifests, under: policy, snapshot)
            question.head = promotion.content.head
            if let mergePoint { question.settle(at: mergePoint) }
            evidence.verdicts = try await ExternalGates(session: session).verdicts(question)
            evidence.provenance = try await RegistryChecks(session: session).provenance(question)
        }
        return PromotionJudgement(facts).checks(evidence, merger: circumstances.merger)
    }

    /// The tips at which approvals were given that had the merge already.
    private func late(_ promotion: Promotion, _ mergePoint: MergePoint, _ snapshot: Snapshot) async throws -> Set<CommitID> {
        let tips = Set(promotion.approvals.map(\.policyCommit))
        return try await session.workspace.repository.scratch { [lines = session.lines] objects in
            try tips.filter { tip in
                try lines.with(snapshot.tip) { try $0.isCommit(tip, atOrAfter: mergePoint.commit, objects) }
            }
        }
    }

    /// The other environments whose desired state is on the same branch.
    func neighbours(of environment: Environment, _ policy: Policy) -> [EnvironmentName] {
        policy.environments.filter { $0.name != environment.name && session.branch(of: $0) == session.branch(of: environment) }
            .map(\.name)
    }

    /// A report on a promotion as the ledger has it now.
    func report(
        _ number: Int, in view: ApplicationView, _ action: PromotionReport.Action,
        _ circumstances: Circumstances = Circumstances()
    ) async throws -> PromotionReport {
        let promotion = try requirePromotion(PromotionID(view.name, number), in: view.state)
        // What is decided is judged no more.
        let checks =
            promotion.isOpen
            ? try await checks(of: promotion, in: view, circumstances) : []
        return try Self.report(promotion, in: view.state, checks, action)
    }

    static func report(
        _ promotion: Promotion, in state: ApplicationState, _ checks: [Check], _ action: PromotionReport.Action
    ) throws -> PromotionReport {
        guard let release = state.release(promotion.release) else {
            throw Refusal(.builtOnce, "\(promotion.release) is not registered")
        }
        return PromotionReport(
            application: state.application, promotion: promotion, phase: .recorded(state.phase(of: promotion)),
            environment: promotion.environment, origin: promotion.origin, release: release, checks: checks, plan: nil,
            action: action)
    }
}
