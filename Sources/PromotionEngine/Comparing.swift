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
}

extension PromotionEngine {
    /// Compares what two environments render to on the tips of their target branches.
    ///
    /// - Parameter application: nil for all.
    public func compare(_ from: String, _ to: String, application: String?) async throws -> ComparisonReport {
        let situation = try await look()
        let policy = situation.policy
        let (one, other) = (try environment(from, policy), try environment(to, policy))
        let (left, right) = (try await tip(of: one), try await tip(of: other))
        let applications = try application.map { [try self.application($0, policy)] } ?? policy.applications
        var result: [ComparisonReport.ApplicationComparison] = []
        for application in applications {
            let diff = RenderedDiff(
                between: try await manifests(of: application, in: one.name, at: left),
                and: try await manifests(of: application, in: other.name, at: right))
            result.append(.init(name: application.name, diff: diff))
        }
        return ComparisonReport(from: one.name, to: other.name, applications: result)
    }
}
