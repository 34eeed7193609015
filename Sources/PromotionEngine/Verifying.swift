import GitOpsTypes
import PromotionGates
public import PromotionModel

/// Evidence that a release works in an environment, or does not.
public struct VerificationRequest: Sendable {
    public var environment: String
    public var application: String?
    public var result: Verification.Result
    /// Nil for what the environment runs.
    public var release: String?
    /// A URL or a note.
    public var evidence: String?

    public init(environment: String, application: String?, result: Verification.Result, release: String?, evidence: String?) {
        self.environment = environment
        self.application = application
        self.result = result
        self.release = release
        self.evidence = evidence
    }
}

public struct VerificationReport: Sendable {
    public let application: ApplicationName
    public let verification: Verification
    /// False when the same was recorded before.
    public let created: Bool
    /// Environments that take releases from this one.
    public let next: [EnvironmentName]
}

extension PromotionEngine {
    /// Records a verification.
    public func verify(_ request: VerificationRequest) async throws -> VerificationReport {
        try await transact { policy in
            try application(request.application, policy).name
        } _: { situation, ledger, _ in
            let application = try self.application(request.application, situation.policy)
            let environment = try self.environment(request.environment, situation.policy)
            let release = try Self.verified(request.release, in: environment.name, ledger.state)
            let next = situation.policy.environments.filter { $0.source.environments.contains(environment.name) }.map(\.name)
            let since = ledger.state.deployments[environment.name]?.last { $0.release == release }?.since
            if let (latest, _) = ledger.state.verification(of: release, in: environment.name), latest.result == request.result,
                request.evidence == nil || latest.evidence == request.evidence, since.map({ latest.at >= $0 }) ?? true
            {
                let report = VerificationReport(application: application.name, verification: latest, created: false, next: next)
                return Proposal { _ in report }
            }
            let event = Event.VerificationRecorded(
                environment: environment.name, release: release, result: request.result, evidence: request.evidence)
            let planned = PromotionModel.Verification(
                environment: environment.name, release: release, result: request.result, evidence: request.evidence,
                by: situation.actor.principal, at: situation.time)
            return Proposal(events: [.verificationRecorded(event)]) { after in
                VerificationReport(
                    application: application.name,
                    verification: after.state.verification(of: release, in: environment.name)?.latest ?? planned, created: true,
                    next: next)
            }
        }
    }

    private static func verified(_ text: String?, in environment: EnvironmentName, _ state: ApplicationState) throws -> ReleaseID
    {
        if let text {
            if let id = ReleaseID(text), state.release(id) != nil { return id }
            throw EngineError.usage(
                "\(state.application) has no release “\(text.displayable)”",
                hint: suggestion(text, state.releases.suffix(5).map(\.id.text)))
        }
        guard let deployment = state.deployment(in: environment) else {
            throw Refusal(
                .verifiedUpstream,
                "there is nothing to verify: no release of \(state.application) was promoted into \(environment)",
                hint: "see `promote status`")
        }
        return deployment.release
    }
}
