import Kustomize
public import PromotionDomain
public import PromotionPlanning

/// What two environments render to, side by side.
public struct ComparisonReport: Sendable {
    public struct ApplicationComparison: Sendable {
        public let name: ApplicationName
        public let diff: RenderedDiff
    }

    public let from: EnvironmentName
    public let to: EnvironmentName
    /// Every application that was compared, also those without a difference.
    public let applications: [ApplicationComparison]
    /// Where releases go from one of the two to the other: from where, and into which; nil where neither takes them from the other.
    public let step: (from: EnvironmentName, to: EnvironmentName)?
}

/// Compares two environments.
struct EnvironmentComparison: Sendable {
    let session: Session

    /// Compares what two environments render to on the tips of their target branches.
    ///
    /// - Parameter application: nil for all.
    func compare(_ from: String, _ to: String, application: String?) async throws -> ComparisonReport {
        let snapshot = try await session.refresh()
        let policy = snapshot.policy
        let (one, other) = (try policy.environment(named: from), try policy.environment(named: to))
        let (left, right) = (try await session.tip(of: one), try await session.tip(of: other))
        let applications = try application.map { [try policy.application(named: $0)] } ?? policy.applications
        var result: [ComparisonReport.ApplicationComparison] = []
        for application in applications where application.has(one.name) || application.has(other.name) {
            let diff = RenderedDiff(
                between: try await RenderQuery(session: session).manifests(of: application, in: one.name, at: left),
                and: try await RenderQuery(session: session).manifests(of: application, in: other.name, at: right))
            result.append(.init(name: application.name, diff: diff))
        }
        return ComparisonReport(from: one.name, to: other.name, applications: result, step: Self.step(one, other))
    }

    private static func step(_ one: Environment, _ other: Environment) -> (from: EnvironmentName, to: EnvironmentName)? {
        if other.source.environments.contains(one.name) { return (one.name, other.name) }
        return one.source.environments.contains(other.name) ? (other.name, one.name) : nil
    }
}
