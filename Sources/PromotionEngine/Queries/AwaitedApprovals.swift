import GitOpsTypes
import PromotionDomain

/// What waits for an approval of the caller's.
struct AwaitedApprovals: Sendable {
    let session: Session

    func promotions() async throws -> [PromotionID] {
        guard let principal = session.identity.user?.principal.text else { return [] }
        let report = try await StatusQuery(session: session).status(application: nil, environment: nil)
        let open = report.applications.flatMap(\.environments).compactMap(\.open)
        return open.filter { promotion in
            promotion.checks.contains { $0.rule == .approved && $0.status == .pending && $0.clearedBy.contains(principal) }
        }.compactMap(\.id)
    }
}
