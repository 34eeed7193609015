import GitOpsTypes
public import PromotionDomain

/// A build, and where it is and was.
public struct ListedRelease: Sendable {
    public let application: ApplicationName
    public let release: Release
    /// In the order of the policy; where it was several times, the last time.
    public let places: [(environment: EnvironmentName, deployment: Deployment)]
    public let yank: Yank?
}

/// The builds of applications, newest first.
struct ReleaseList: Sendable {
    let session: Session

    /// - Parameter limit: at most so many.
    func releases(application: String?, limit: Int) async throws -> [ListedRelease] {
        let snapshot = try await session.refresh()
        var found: [(application: Application, release: Release, state: ApplicationState)] = []
        for application in try snapshot.policy.applications(named: application) {
            let state = try await session.ledger(of: application.name, snapshot).state
            found += state.releases.reversed().prefix(limit).map { (application, $0, state) }
        }
        // Times of one ledger never go back: what is equal stays in its order.
        let sorted = found.enumerated().sorted { left, right in
            (right.element.release.registered, left.offset) < (left.element.release.registered, right.offset)
        }
        return sorted.prefix(limit).map { _, entry in
            let places = snapshot.policy.environments(of: entry.application).compactMap { environment in
                (entry.state.deployments[environment.name] ?? []).last { $0.release == entry.release.id }.map {
                    (environment: environment.name, deployment: $0)
                }
            }
            return ListedRelease(
                application: entry.application.name, release: entry.release, places: places,
                yank: entry.state.yanks[entry.release.id])
        }
    }
}
