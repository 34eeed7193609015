public import GitOpsTypes
public import PromotionDomain
import PromotionLedger
public import PromotionProjection

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

/// What `show` finds under a name.
public enum ShownItem: Sendable {
    case promotion(PromotionReport)
    case release(ReleaseReport)
}

public struct ReleaseReport: Sendable {
    public let application: ApplicationName
    public let release: Release
    /// Where it is or was the desired state, oldest first.
    public let deployments: [(environment: EnvironmentName, deployment: Deployment)]
    public let verifications: [Verification]
    public let yank: Yank?
}

extension PromotionEngine {
    /// Who runs what, and what is open.
    public func status(application: String?, environment: String?) async throws -> StatusReport {
        let situation = try await look()
        let policy = situation.policy
        let applications = try application.map { [try self.application($0, policy)] } ?? policy.applications
        let environments = try environment.map { [try self.environment($0, policy)] } ?? policy.environments
        var result: [StatusReport.ApplicationStatus] = []
        var stops: [Refusal] = []
        if let early = try await ledger(of: .environments, situation, extent: .present).early {
            stops.append(refusal(of: early, .environments, at: situation.time))
        }
        for application in applications {
            let view = try await ledger(of: application.name, situation, extent: .present)
            let state = view.state
            if let early = view.early { stops.append(refusal(of: early, application.name, at: situation.time)) }
            var statuses: [StatusReport.EnvironmentStatus] = []
            for environment in environments {
                statuses.append(try await status(of: environment, application, state, situation))
            }
            result.append(.init(name: application.name, environments: statuses, newest: state.releases.last))
        }
        return StatusReport(
            applications: result, time: nil, policyViolations: situation.openPolicyViolations,
            rewrittenHistory: try await rewrittenHistory(situation, of: application == nil ? nil : applications.first?.name),
            stops: stops)
    }

    private func status(
        of environment: Environment, _ application: Application, _ state: ApplicationState, _ situation: Situation
    ) async throws -> StatusReport.EnvironmentStatus {
        var open: PromotionReport?
        if let promotion = state.openPromotion(into: environment.name) {
            open = try await report(promotion.number, of: application, state, situation, .shown, askingGates: false)
        }
        return Self.status(
            of: environment, state, open: open, freezes: situation.freezes.filter { $0.isActive(at: situation.time) },
            git: try await divergence(of: application, in: environment, state, situation))
    }

    /// What Git has in an environment, where it may have something else than the ledger says, and has.
    func divergence(
        of application: Application, in environment: Environment, _ state: ApplicationState, _ situation: Situation
    ) async throws -> GitContent? {
        guard !state.unsettledViolations(in: environment.name).isEmpty else { return nil }
        let everything = try await ledger(of: application.name, situation).state
        let content = GitContent(try await found(application, in: environment), in: environment.name, everything)
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
        case nil: return deployment.promotion == nil ? .accepted : .merged
        }
    }

    /// What happened, newest first.
    public func history(application: String?, environment: String?, limit: Int) async throws -> [HistoryEntry] {
        let situation = try await look()
        let applications = try application.map { [try self.application($0, situation.policy)] } ?? situation.policy.applications
        let environment = try environment.map { try self.environment($0, situation.policy).name }
        for application in applications { _ = try await ledger(of: application.name, situation) }
        // What was done to an environment was done to all applications.
        return try workspace.store.history(of: applications.map(\.name) + [.environments], environment: environment, limit: limit)
    }

    /// A promotion or a release, by its id.
    public func show(_ text: String) async throws -> ShownItem {
        // Twelve digits may be all decimal, so a release's id can look like a promotion's.
        if ReleaseID(text) == nil, PromotionID(text) != nil { return .promotion(try await show(text, .shown, fetching: true)) }
        let situation = try await look()
        guard let id = ReleaseID(text), let dash = text.lastIndex(of: "-"),
            let application = ApplicationName(String(text[..<dash])).flatMap(situation.policy.application)
        else {
            throw EngineError.usage(
                "“\(text.displayable)” is neither a promotion nor a release",
                hint: "promotions are called <application>-<number>, releases <application>-<12 hex digits>")
        }
        let state = try await ledger(of: application.name, situation).state
        guard let release = state.release(id) else {
            if PromotionID(text) != nil { return .promotion(try await show(text, .shown, fetching: true)) }
            throw EngineError.usage(
                "\(application.name) has no release “\(text)”",
                hint: Self.suggestion(text, state.releases.suffix(5).map(\.id.text)))
        }
        let deployments = situation.policy.environments.flatMap { environment in
            (state.deployments[environment.name] ?? []).filter { $0.release == id }.map { (environment.name, $0) }
        }
        return .release(
            ReleaseReport(
                application: application.name, release: release,
                deployments: deployments.map { (environment: $0.0, deployment: $0.1) },
                verifications: state.verifications.filter { $0.release == id }, yank: state.yanks[id]))
    }

    /// Forgets the state store and reads every ledger again.
    ///
    /// - Returns: how many events each application has.
    public func rebuild() async throws -> [(application: ApplicationName, events: Int)] {
        try workspace.store.clear()
        let situation = try await look()
        var result: [(application: ApplicationName, events: Int)] = []
        for application in situation.policy.applications {
            _ = try await ledger(of: application.name, situation)
            result.append((application.name, try workspace.store.position(of: application.name)?.count ?? 0))
        }
        return result
    }
}
