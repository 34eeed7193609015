import GitOpsTypes
public import PromotionDomain

/// Why a release is not moving into an environment, or that nothing keeps it.
public struct Explanation: Sendable {
    public let application: ApplicationName
    public let environment: EnvironmentName
    /// The open promotion, or what would be planned; nil where there is nothing that could move.
    public let report: PromotionReport?
    /// In a sentence.
    public let summary: String
    /// What taints the environment, which comes before anything else.
    public let violations: [Violation]
    /// What Git has in it, where that is something else than the ledger says.
    public let git: GitContent?
}

/// What keeps a promotion, or an environment from its next release.
struct ExplainQuery: Sendable {
    let session: Session

    /// - Parameter name: a promotion, or an environment.
    /// - Throws: as `plan`, where what could move cannot even be planned.
    func explain(_ name: String, application: String?) async throws -> Explanation {
        let snapshot = try await session.refresh(identifying: true)
        if EnvironmentName(name).flatMap(snapshot.policy.environment) == nil,
            let id = snapshot.policy.promotionID(in: name)
        {
            let report = try await ShowQuery(session: session).show(id.description, .shown, snapshot)
            return try await described(
                report.environment, try snapshot.policy.application(named: id.application.text), report,
                report.promotion?.isOpen == true
                    ? Self.summary(of: report.checks) : "it is decided: nothing of it moves any more", snapshot)
        }
        _ = try snapshot.policy.environment(named: name)
        let application = try snapshot.policy.application(named: application)
        let environment = try snapshot.policy.environment(named: name, of: application)
        let ledger = try await session.ledger(of: application.name, snapshot)
        func explanation(_ report: PromotionReport?, _ summary: String) async throws -> Explanation {
            try await described(environment.name, application, report, summary, snapshot)
        }
        if let open = ledger.state.openPromotion(into: environment.name) {
            let report = try await PromotionChecks(session: session).report(
                open.number, in: ApplicationView(application, ledger.state, snapshot), .shown)
            return try await explanation(report, Self.summary(of: report.checks))
        }
        guard let (origin, release) = ledger.state.newestRelease(for: environment) else {
            let what =
                environment.source == .build
                ? "no build of \(application.name) is registered"
                : "nothing of \(application.name) is in \(environment.source.environments.map(\.text).joined(separator: " or ")) yet"
            return try await explanation(nil, "\(what), so that there is nothing to promote")
        }
        guard ledger.state.deployment(in: environment.name)?.release != release.id else {
            return try await explanation(nil, "\(environment.name) has \(release.id), the newest that it can have")
        }
        let request = PromotionRequest(
            from: origin.description, to: environment.name.text, application: application.name.text, release: release.id.text)
        let report = try await PromoteRelease(session: session).plan(request, snapshot)
        return try await explanation(report, "no promotion is open; " + Self.summary(of: report.checks))
    }

    /// With what taints the environment, or what Git has there past the ledger.
    private func described(
        _ name: EnvironmentName, _ application: Application, _ report: PromotionReport?, _ summary: String,
        _ snapshot: Snapshot
    ) async throws -> Explanation {
        let state = try await session.ledger(of: application.name, snapshot).state
        var git: GitContent?
        if let environment = snapshot.policy.environment(name) {
            git = try await StatusQuery(session: session).divergence(of: application, in: environment, state, snapshot)
        }
        return Explanation(
            application: application.name, environment: name, report: report, summary: summary,
            violations: state.openViolations(in: name), git: git)
    }

    private static func summary(of checks: [Check]) -> String {
        if let obstacle = checks.failed.first ?? checks.pending.first { return obstacle.obstacle }
        return "nothing keeps it: every check passes"
    }
}
