import GitOpsTypes

extension Event {
    /// A release works in an environment, or does not.
    public struct VerificationRecorded: LedgerEvent {
        public let environment: EnvironmentName
        public let release: ReleaseID
        public let result: Verification.Result
        public let evidence: String?

        public init(environment: EnvironmentName, release: ReleaseID, result: Verification.Result, evidence: String?) {
            self.environment = environment
            self.release = release
            self.result = result
            self.evidence = evidence
        }

        private enum CodingKeys: String, CodingKey {
            case environment, release, result, evidence
        }
    }
}

extension Event.VerificationRecorded {
    public static var type: EventType { .verificationRecorded }
    public static var ledger: EventLedger { .application }
    public var subject: EventSubject { EventSubject(release: release, environment: environment) }
    public var payload: Event.Payload { .verificationRecorded(self) }

    public func summary(of application: ApplicationName) -> String {
        "verify \(release) in \(environment): \(result.rawValue)"
    }

    /// A verification is of what the environment has, or had: what was found to be gone from there by hand proves nothing any more.
    public func admit(_ context: AdmissionContext) throws(Refusal) {
        try context.require(context.environment(environment).verifiers, "verifiers of \(environment)")
        let state = context.state
        guard let last = state.deployments[environment]?.last(where: { $0.release == release }) else {
            throw Refusal(
                .verifiedUpstream,
                "\(release) was never deployed in \(environment), so that it cannot have been verified there")
        }
        guard result == .failed || !last.isDisplaced else {
            let present =
                state.unregistered[environment]?.description ?? state.deployment(in: environment)?.release.text ?? "nothing"
            throw Refusal(
                .verifiedUpstream,
                "\(release) does not run in \(environment) any more: since \(last.until ?? last.since) it is accepted that \(present) does",
                hint: "promote it there again first")
        }
    }

    public func apply(to state: inout ApplicationState, _ origin: EventOrigin) {
        state.add(
            Verification(
                environment: environment, release: release, result: result, evidence: evidence, by: origin.actor,
                at: origin.time, policyCommit: origin.policyCommit, key: origin.key))
    }
}
