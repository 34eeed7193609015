import GitOpsTypes
import GitStore
public import PromotionDomain

/// Accepts what came into an environment without a promotion.
struct AcceptViolations: Sendable {
    let session: Session

    /// Accepts what came into an environment without a promotion, so that releases may move on from there: from then on the
    /// environment runs, by the ledger too, what Git has there.
    func accept(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try requireReason(reason)
        return try await session.transact(on: { policy in try policy.application(named: application).name }) {
            snapshot, ledger, _ in
            let application = try snapshot.policy.application(named: application)
            let environment = try snapshot.policy.environment(named: environment, of: application)
            let found = try await FoundContentReader(session: session).found(application, in: environment)
            let decision = try AcceptFound(
                found, in: environment.name,
                isAsRecorded: GitContent(found, in: environment.name, ledger.state).isAsRecorded, reason: reason
            ).decide(snapshot.facts(ledger.state))
            // With a lease on the branch: what is recorded is what is there, and not what was there a moment ago.
            let branch = RefUpdate(session.branch(of: environment), from: found.commit, to: found.commit)
            return Proposal(decision, refs: [branch]) { violations, after in
                let content = violations.isEmpty ? nil : GitContent(found, in: environment.name, after)
                return InterventionReport(
                    application: application.name, action: .accepted(environment.name, violations, content),
                    isNew: decision.isNew)
            }
        }.outcome
    }
}

extension AcceptViolations {
    /// That the ledger's word of an environment may be built on: what was accepted without a record of what was there is compared
    /// with Git.
    func requireRecorded(
        _ name: EnvironmentName, _ application: Application, _ state: ApplicationState, _ policy: Policy
    ) async throws {
        // What taints it still is told by `not-tainted`.
        guard let environment = policy.environment(name, of: application), state.openViolations(in: name).isEmpty,
            let violation = state.unsettledViolations(in: name).last
        else { return }
        let content = GitContent(
            try await FoundContentReader(session: session).found(application, in: environment), in: name, state)
        guard !content.isAsRecorded else { return }
        throw Refusal(
            .notTainted,
            "\(name) has \(content.description) since \(violation.commit.short) was accepted, and the ledger says \(content.recorded)",
            hint: VerifyRelease.recordingGit(in: name, of: application.name, state))
    }
}

/// What an environment has in Git, beside what the ledger says.
public struct GitContent: Sendable {
    public let found: FoundContent
    /// The registered release that it is; nil where it is none.
    public let release: Release?
    /// Whether the ledger says the same.
    public let isAsRecorded: Bool
    /// What the ledger says, in words.
    public let recorded: String

    init(_ found: FoundContent, in environment: EnvironmentName, _ state: ApplicationState) {
        self.found = found
        release = state.release(in: environment, found: found)
        if let deployment = state.deployment(in: environment), let deployed = state.release(deployment.release) {
            isAsRecorded = found.isContent(of: deployed) || deployment.isContent(found)
            recorded = deployed.id.text
        } else if let unregistered = state.unregistered[environment] {
            isAsRecorded = unregistered.content.images == found.images
            recorded = unregistered.description
        } else {
            isAsRecorded = found.images?.isEmpty == true || state.latestDeployment(in: environment) == nil
            recorded = "nothing"
        }
    }

    /// `web-1a2b3c4d5e6f`, or the digests and that they are not registered.
    public var description: String {
        if let release { return release.id.text }
        guard let images = found.images else { return "what does not render" }
        guard !images.isEmpty else { return "nothing" }
        return images.map(\.reference.displayable).joined(separator: ", ") + " (not registered)"
    }
}
