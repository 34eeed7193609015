import GitOpsTypes
import PromotionDomain
import PromotionPlanning

/// A request resolved and planned on one view of the world.
struct PlannedPromotion: Sendable {
    let snapshot: Snapshot
    let ledger: LedgerView
    let application: Application
    let environment: Environment
    let origin: PromotionOrigin
    let release: Release
    let base: CommitID
    let plan: PromotionPlan
    let checks: [Check]
    let rollbackReason: String?
    let emergency: String?

    init(
        _ request: PromotionRequest, _ session: Session, _ snapshot: Snapshot, _ ledger: LedgerView,
        _ application: Application
    ) async throws {
        self.snapshot = snapshot
        self.ledger = ledger
        self.application = application
        rollbackReason = request.rollbackReason
        emergency = request.emergency
        guard request.from != request.to || rollbackReason != nil else {
            throw EngineError.usage(
                "a release is promoted from one environment to another, not from \(request.from) to itself",
                hint: "to go back to what it ran before: promote rollback \(request.to) --reason …")
        }
        origin = try snapshot.policy.origin(named: request.from, of: application)
        environment = try snapshot.policy.environment(named: request.to, of: application)
        let requested = RequestedRelease(policy: snapshot.policy, application: application, state: ledger.state)
        release = try requested.release(request.release, from: origin, to: environment)
        var facts = PromotionFacts(
            policy: snapshot.policy, state: ledger.state, environment: environment, release: release.id, origin: origin,
            promotion: nil, time: snapshot.time, freezes: snapshot.freezes, emergency: request.emergency)
        if rollbackReason == nil {
            let places: [EnvironmentName] =
                if case .environment(let name) = origin { [name, environment.name] } else { [environment.name] }
            for name in places {
                try await AcceptViolations(session: session).requireRecorded(name, application, ledger.state, snapshot.policy)
            }
        }
        facts.revocations = try await Revocations(session: session).revocations(
            of: facts.revokedKeys, snapshot.policy, snapshot)
        base = try await session.tip(of: environment)
        let inspection = session.inspection(of: application, in: environment.name)
        plan = try await inspection.plan(release, at: base)
        try await inspection.requireKnownMarkers(at: base, among: snapshot.policy.applications)
        let scope = try await inspection.scope(
            of: plan, at: base, besides: PromotionChecks(session: session).neighbours(of: environment, snapshot.policy))
        var evidence = inspection.evidence(for: plan, scope: scope)
        let question = EvidenceQuestion(
            release, application.name, in: environment, plan.manifests, under: snapshot.policy, snapshot)
        evidence.verdicts = try await ExternalGates(session: session).verdicts(question)
        evidence.provenance = try await RegistryChecks(session: session).provenance(question)
        checks =
            [Self.authorized(snapshot, environment, isEmergency: emergency != nil, isRollback: rollbackReason != nil)]
            + PromotionJudgement(facts).checks(evidence)
    }

    /// Whether the actor may ask for it.
    private static func authorized(
        _ snapshot: Snapshot, _ environment: Environment, isEmergency: Bool, isRollback: Bool
    ) -> Check {
        let authorization = Authorization(snapshot.actor, under: snapshot.policy, at: snapshot.time)
        let (role, kind) =
            isEmergency
            ? (environment.emergency, "emergency role")
            : isRollback ? (environment.operators, "operators") : (environment.promoters, "promoters")
        let noun = "\(kind) of \(environment.name)"
        let problem =
            authorization.problem(with: role, called: noun)
            ?? authorization.fourEyesProblem(environment.approvals(ofRollback: isRollback), into: environment.name)
        return Check(
            .authorized, problem == nil ? .pass : .fail, problem ?? "\(snapshot.actor.principal) is one of the \(noun)",
            clearedBy: problem == nil ? [] : role.principals.map(\.text))
    }

    func report(_ action: PromotionReport.Action) -> PromotionReport {
        let deployed =
            action == .alreadyThere
            ? ledger.state.deployment(in: environment.name).flatMap { $0.promotion.flatMap(ledger.state.promotion) } : nil
        return PromotionReport(
            application: application.name, promotion: deployed,
            phase: deployed.map { .recorded(ledger.state.phase(of: $0)) } ?? .planned, environment: environment.name,
            origin: origin, release: release, checks: checks, plan: plan, action: action)
    }
}
