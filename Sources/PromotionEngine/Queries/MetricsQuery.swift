public import GitOpsTypes
public import PromotionDomain

/// Figures of applications in environments over a period.
public struct MetricsReport: Sendable {
    public struct ApplicationMetrics: Sendable {
        public let name: ApplicationName
        public let environments: [(name: EnvironmentName, figures: DeploymentFigures)]
    }

    public let since: Timestamp
    public let until: Timestamp
    public let applications: [ApplicationMetrics]
}

/// Reads figures off the ledgers.
struct MetricsQuery: Sendable {
    let session: Session

    /// So long a period without another word: thirty days.
    private static let usualPeriod: Int64 = 30 * 86_400

    /// - Parameter start: a time, a day or how long ago; nil for thirty days.
    func metrics(application: String?, environment: String?, since start: String?) async throws -> MetricsReport {
        let snapshot = try await session.refresh()
        let named = try environment.map { try snapshot.policy.environment(named: $0).name }
        let since = try start.map { try beginning($0, snapshot.time) } ?? snapshot.time.adding(seconds: -Self.usualPeriod)
        var applications: [MetricsReport.ApplicationMetrics] = []
        for application in try snapshot.policy.applications(named: application) {
            let state = try await session.ledger(of: application.name, snapshot).state
            applications.append(
                .init(
                    name: application.name,
                    environments: snapshot.policy.environments(of: application, named: named).map {
                        (name: $0.name, figures: DeploymentFigures(of: state, in: $0.name, during: since...snapshot.time))
                    }))
        }
        return MetricsReport(since: since, until: snapshot.time, applications: applications)
    }

    private func beginning(_ text: String, _ now: Timestamp) throws -> Timestamp {
        guard let moment = Moment(text, now: now) else {
            throw EngineError.usage(
                "“\(text.displayable)” is not a time", hint: "write 2026-11-21, 2026-11-21T07:42:00Z, or 30d for that long ago")
        }
        guard moment.first <= now else {
            throw EngineError.usage("\(moment.first) is not past: here it is \(now)", hint: "name an earlier time with --since")
        }
        return moment.first
    }
}
