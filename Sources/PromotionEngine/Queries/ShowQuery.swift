import GitOpsTypes
public import PromotionDomain

/// What `show` finds under a name.
public enum ShownItem: Sendable {
    case promotion(PromotionReport)
    case release(ReleaseReport)
}

/// What is known of a release.
public struct ReleaseReport: Sendable {
    public let application: ApplicationName
    public let release: Release
    /// Where it is or was the desired state, oldest first.
    public let deployments: [(environment: EnvironmentName, deployment: Deployment)]
    public let verifications: [Verification]
    public let yank: Yank?
}

/// What is known of one promotion, or of one release.
struct ShowQuery: Sendable {
    let session: Session

    /// A promotion or a release, by its id.
    func show(_ text: String) async throws -> ShownItem {
        // Twelve digits may be all decimal, so a release's id can look like a promotion's.
        let snapshot = try await session.refresh()
        let application = try snapshot.policy.application(ofReleaseNamed: text)
        let state = try await session.ledger(of: application.name, snapshot).state
        let isRelease = ReleaseID(text).flatMap(state.release) != nil
        if !isRelease, let promotion = snapshot.policy.promotionID(in: text), promotion.application == application.name,
            state.promotion(promotion.number) != nil || state.releases(named: text).isEmpty
        {
            return .promotion(try await show(promotion.description, .shown, snapshot))
        }
        guard !state.releases(named: text).isEmpty || ReleaseID(text) != nil else {
            throw EngineError.usage(
                "“\(text.displayable)” is neither a promotion nor a release of \(application.name)",
                hint: "see `promote releases --app \(application.name)`, and `promote history` for promotions")
        }
        let release = try requireRelease(named: text, in: state)
        let id = release.id
        let deployments = snapshot.policy.environments.flatMap { environment in
            (state.deployments[environment.name] ?? []).filter { $0.release == id }.map { (environment.name, $0) }
        }
        return .release(
            ReleaseReport(
                application: application.name, release: release,
                deployments: deployments.map { (environment: $0.0, deployment: $0.1) },
                verifications: state.verifications.filter { $0.release == id }, yank: state.yanks[id]))
    }

    /// A fresh report on a promotion.
    ///
    /// - Parameter snapshot: the world as it was just seen, or as a push of ours left it.
    func show(_ text: String, _ action: PromotionReport.Action, _ snapshot: Snapshot) async throws -> PromotionReport {
        let id = try snapshot.policy.promotionID(named: text)
        let application = try snapshot.policy.application(named: id.application.text)
        let ledger = try await session.ledger(of: id.application, snapshot)
        if let forge = try session.forge(snapshot.policy), let number = ledger.state.promotion(id.number)?.hostedNumber,
            ledger.state.promotion(id.number)?.isOpen == true
        {
            return try await ForgeReviews(session: session, forge: forge).report(
                id, number, in: ApplicationView(application, ledger.state, snapshot), action)
        }
        return try await PromotionChecks(session: session).report(
            id.number, in: ApplicationView(application, ledger.state, snapshot), action)
    }
}
