import GitOpsTypes
import PromotionDomain

/// What to go back to, as people type it.
public struct RollbackRequest: Sendable {
    public var environment: String
    public var application: String?
    /// Nil for what ran before the present release.
    public var release: String?
    public var reason: String
    /// Whether checks that only delay are passed over, for the same reason.
    public var isEmergency: Bool

    public init(environment: String, application: String?, release: String?, reason: String, isEmergency: Bool = false) {
        self.isEmergency = isEmergency
        self.environment = environment
        self.application = application
        self.release = release
        self.reason = reason
    }
}

/// The way back to what ran before.
struct RollBack: Sendable {
    let session: Session

    /// Opens a promotion back to what the environment ran before, and holds the environment, so that nothing undoes it.
    func rollback(_ request: RollbackRequest) async throws -> PromotionReport {
        try requireReason(request.reason)
        return try await PromoteRelease(session: session).promote(PromotionRequest(request))
    }

    /// What a rollback would change, and every check.
    func plan(_ request: RollbackRequest) async throws -> PromotionReport {
        try requireReason(request.reason)
        return try await PromoteRelease(session: session).plan(PromotionRequest(request))
    }
}
