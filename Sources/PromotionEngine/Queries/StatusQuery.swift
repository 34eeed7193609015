public import GitOpsTypes
public import PromotionDomain
import PromotionLedger
import PromotionProjection

/// The matrix of applications and environments.
public struct StatusReport: Sendable {
    public struct ApplicationStatus: Sendable {
        public let name: ApplicationName
        public let environments: [EnvironmentStatus]
        /// The newest registered release.
        public let newest: Release?
    }

    public struct EnvironmentStatus: Sendable {
        public let name: EnvironmentName
        /// The release that the environment runs; nil before the first promotion, and where what it runs is none.
        public let release: Release?
        public let phase: RunningPhase?
        /// What it runs by an acceptance, where that is no release.
        public let unregistered: UnregisteredContent?
        /// What Git has there, where that is something else than the ledger says.
        public let git: GitContent?
        public let since: Timestamp?
        public let open: PromotionReport?
        public let source: PromotionSource
        /// The promotion that brought the release there.
        public let promotion: Promotion?
        public let hold: Hold?
        /// Set when the release it runs is quarantined.
        public let yank: Yank?
        /// What came there without a promotion and is not accepted yet.
        public let violations: [Violation]
        /// What freezes it, now.
        public let freeze: Freeze?
    }

    /// What is known of what an environment runs.
    public enum RunningPhase: String, Sendable {
        /// A promotion brought it, and it is not verified there yet.
        case merged
        case verified
        case failed
        /// It ran there when promotions began.
        case adopted
        /// It was found there, and accepted.
        case accepted
        /// It was found there and accepted, and is no release.
        case unregistered
    }

    public let applications: [ApplicationStatus]
    /// The moment it is of; nil for the present.
    public let time: Timestamp?
    /// Changes of the policy that do not count and that no operator has accepted, oldest first.
    public var policyViolations: [PolicyViolation] = []
    /// What the target branch has lost that ledgers, or this clone, have seen on it.
    public var rewrittenHistory: [RewrittenHistory] = []
    /// Why what follows in a ledger is not read: it stops at an event that is dated ahead.
    public var stops: [Refusal] = []
}

/// Who runs what now, and what is open.
struct StatusQuery: Sendable {
    let session: Session

    /// Who runs what, and what is open.
    func status(application: String?, environment: String?) async throws -> StatusReport {
        let snapshot = try await session.refresh()
        let policy = snapshot.policy
        let applications = try application.map { [try policy.application(named: $0)] } ?? policy.applications
        let named = try environment.map { try policy.environment(named: $0).name }
        var result: [StatusReport.ApplicationStatus] = []
        var stops: [Refusal] = []
        if let early = try await session.ledger(of: .environments, snapshot, extent: .present).early {
            stops.append(SkipEvent(session: session).refusal(of: early, .environments, at: snapshot.time))
        }
        for application in applications {
            let view = try await session.ledger(of: application.name, snapshot, extent: .present)
            let state = view.state
            if let early = view.early {
                stops.append(SkipEvent(session: session).refusal(of: early, application.name, at: snapshot.time))
            }
            var statuses: [StatusReport.EnvironmentStatus] = []
            for environment in policy.environments(of: application, named: named) {
                statuses.append(try await status(of: environment, application, state, snapshot))
            }
            result.append(.init(name: application.name, environments: statuses, newest: state.newestBuild))
        }
        return StatusReport(
            applications: result, time: nil, policyViolations: snapshot.openPolicyViolations,
            rewrittenHistory: try await HistoryWatch(session: session).rewrittenHistory(
                snapshot, of: application == nil ? nil : applications.first?.name),
            stops: stops)
    }

    private func status(
        of environment: Environment, _ application: Application, _ state: ApplicationState, _ snapshot: Snapshot
    ) async throws -> StatusReport.EnvironmentStatus {
        var open: PromotionReport?
        if let promotion = state.openPromotion(into: environment.name) {
            open = try await PromotionChecks(session: session).report(
                promotion.number, in: ApplicationView(application, state, snapshot), .shown, .init(asksGates: false))
        }
        return Self.status(
            of: environment, state, open: open, freezes: snapshot.freezes.filter { $0.isActive(at: snapshot.time) },
            git: try await divergence(of: application, in: environment, state, snapshot))
    }

    /// What Git has in an environment, where it may have something else than the ledger says, and has.
    func divergence(
        of application: Application, in environment: Environment, _ state: ApplicationState, _ snapshot: Snapshot
    ) async throws -> GitContent? {
        guard !state.unsettledViolations(in: environment.name).isEmpty else { return nil }
        let everything = try await session.ledger(of: application.name, snapshot).state
        let content = GitContent(
            try await FoundContentReader(session: session).found(application, in: environment), in: environment.name, everything)
        return content.isAsRecorded ? nil : content
    }

    static func status(
        of environment: Environment, _ state: ApplicationState, open: PromotionReport?, freezes: [Freeze],
        git: GitContent? = nil
    ) -> StatusReport.EnvironmentStatus {
        let deployment = state.deployment(in: environment.name)
        let promotion = deployment.flatMap { $0.promotion.flatMap(state.promotion) }
        let unregistered = state.unregistered[environment.name]
        return StatusReport.EnvironmentStatus(
            name: environment.name, release: deployment.flatMap { state.release($0.release) },
            phase: deployment.map { phase(of: $0, in: environment.name, state) } ?? unregistered.map { _ in .unregistered },
            unregistered: unregistered, git: git, since: deployment?.since ?? unregistered?.since, open: open,
            source: environment.source, promotion: promotion,
            hold: state.holds[environment.name], yank: deployment.flatMap { state.yanks[$0.release] },
            violations: state.openViolations(in: environment.name),
            freeze: freezes.first { $0.environment == environment.name })
    }

    private static func phase(
        of deployment: Deployment, in environment: EnvironmentName, _ state: ApplicationState
    ) -> StatusReport.RunningPhase {
        let latest = state.verification(of: deployment.release, in: environment)?.latest
        switch latest.flatMap({ $0.at >= deployment.since ? $0.result : nil }) {
        case .passed?: return .verified
        case .failed?: return .failed
        case nil:
            if deployment.promotion != nil { return .merged }
            return deployment.baseline == nil ? .accepted : .adopted
        }
    }
}
