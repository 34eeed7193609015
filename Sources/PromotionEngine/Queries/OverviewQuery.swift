public import PromotionDomain

/// The policy that counts and everything that the ledgers say, as one session reads them.
public struct LedgerOverview: Sendable {
    public let policy: Policy
    /// Changes of the policy that do not count and that no operator has accepted, oldest first.
    public let openPolicyViolations: [PolicyViolation]
    /// Of every application of the policy, in its order.
    public let states: [ApplicationState]
}

/// Reads all ledgers whole.
struct OverviewQuery: Sendable {
    let session: Session

    func overview() async throws -> LedgerOverview {
        let snapshot = try await session.refresh()
        var states: [ApplicationState] = []
        for application in snapshot.policy.applications {
            states.append(try await session.ledger(of: application.name, snapshot).state)
        }
        return LedgerOverview(
            policy: snapshot.policy, openPolicyViolations: snapshot.openPolicyViolations, states: states)
    }
}
