import GitOpsTypes
public import PromotionDomain

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

/// What `verify` came to.
public struct VerificationReport: Sendable {
    public let application: ApplicationName
    public let verification: Verification
    /// False when the same was recorded before.
    public let created: Bool
    /// Environments that take releases from this one.
    public let next: [EnvironmentName]
}

/// Records verifications.
struct VerifyRelease: Sendable {
    let session: Session

    /// Records a verification.
    func verify(_ request: VerificationRequest) async throws -> VerificationReport {
        try await session.transact(on: { policy in try policy.application(named: request.application).name }) {
            snapshot, ledger, _ in
            let application = try snapshot.policy.application(named: request.application)
            let environment = try snapshot.policy.environment(named: request.environment, of: application)
            let release = try await verified(request, application, in: environment, ledger.state)
            let next = snapshot.policy.environments(of: application).filter { $0.source.environments.contains(environment.name) }
                .map(\.name)
            let decision = try RecordVerification(
                release, in: environment.name, request.result, evidence: request.evidence
            ).decide(snapshot.facts(ledger.state))
            return Proposal(decision) { verification, _ in
                VerificationReport(
                    application: application.name, verification: verification, created: decision.isNew, next: next)
            }
        }.outcome
    }

    /// The release that is verified: the one that is named, or the one that the environment runs.
    private func verified(
        _ request: VerificationRequest, _ application: Application, in environment: Environment, _ state: ApplicationState
    ) async throws -> ReleaseID {
        let present = state.deployment(in: environment.name)?.release
        let named = try request.release.map { try requireRelease(named: $0, in: state).id }
        // That an earlier one failed may be found out at any time; what passed has to have been there.
        if let named, named != present || request.result == .failed { return named }
        let content = GitContent(
            try await FoundContentReader(session: session).found(application, in: environment), in: environment.name, state)
        guard let present else {
            throw Refusal(
                .verifiedUpstream,
                state.unregistered[environment.name] != nil
                    ? "\(environment.name) runs \(content.description), and a release is what is verified"
                    : "there is nothing to verify: no release of \(state.application) was promoted into \(environment.name)",
                hint: "see `promote status`")
        }
        guard content.isAsRecorded else {
            throw Refusal(
                .verifiedUpstream,
                "\(environment.name) has \(content.description) at \(content.found.commit.short), and the ledger says \(present): a verification proves what is there",
                hint: Self.recordingGit(in: environment.name, of: application.name, state))
        }
        return present
    }

    /// How the ledger comes to say what Git has.
    static func recordingGit(
        in environment: EnvironmentName, of application: ApplicationName, _ state: ApplicationState
    ) -> String {
        let accept = "promote accept \(environment) --app \(application) --reason <why>, which records what is there"
        return state.unsettledViolations(in: environment).isEmpty ? "promote sync; then \(accept)" : accept
    }
}
