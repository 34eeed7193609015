import GitOpsTypes
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// What the ledgers tell, event by event.
struct HistoryQuery: Sendable {
    let session: Session

    /// What happened, newest first.
    func history(application: String?, environment: String?, limit: Int) async throws -> [HistoryEntry] {
        let snapshot = try await session.refresh()
        let applications = try application.map { [try snapshot.policy.application(named: $0)] } ?? snapshot.policy.applications
        let environment = try environment.map { try snapshot.policy.environment(named: $0).name }
        for application in applications { _ = try await session.ledger(of: application.name, snapshot) }
        // What was done to an environment was done to all applications.
        return try session.workspace.store.history(
            of: applications.map(\.name) + [.environments], environment: environment, limit: limit)
    }

    /// Forgets the state store and reads every ledger again.
    ///
    /// - Returns: how many events each application has.
    func rebuild() async throws -> [(application: ApplicationName, events: Int)] {
        try session.workspace.store.clear()
        let snapshot = try await session.refresh()
        var result: [(application: ApplicationName, events: Int)] = []
        for application in snapshot.policy.applications {
            _ = try await session.ledger(of: application.name, snapshot)
            result.append((application.name, try session.workspace.store.position(of: application.name)?.count ?? 0))
        }
        return result
    }
}
