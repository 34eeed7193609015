import GitOpsTypes

/// Records whether a release works in an environment. The same word again is recorded only where the last one does not count, or
/// was of an earlier deployment.
public struct RecordVerification: LedgerCommand {
    public let environment: EnvironmentName
    public let release: ReleaseID
    public let result: Verification.Result
    public let evidence: String?

    public init(_ release: ReleaseID, in environment: EnvironmentName, _ result: Verification.Result, evidence: String?) {
        self.release = release
        self.environment = environment
        self.result = result
        self.evidence = evidence
    }

    public func decide(_ facts: DecisionFacts) throws(Refusal) -> Decision<Verification> {
        if let known = known(facts) { return .settled(known) }
        let event = Event.VerificationRecorded(
            environment: environment, release: release, result: result, evidence: evidence)
        let verification = Verification(
            environment: environment, release: release, result: result, evidence: evidence, by: facts.actor.principal,
            at: facts.time, key: facts.actor.keyFingerprint)
        return Decision([.verificationRecorded(event)]) { [release, environment] in
            $0.verification(of: release, in: environment)?.latest ?? verification
        }
    }

    /// The last word that counts, where it says the same of what the environment runs.
    private func known(_ facts: DecisionFacts) -> Verification? {
        let counting = facts.state.verification(of: release, in: environment) { !facts.isEnded($0.key, of: $0.by) }
        guard let latest = counting?.latest, latest.result == result, evidence == nil || latest.evidence == evidence else {
            return nil
        }
        let since = facts.state.deployments[environment]?.last { $0.release == release }?.since
        return since.map { latest.at >= $0 } ?? true ? latest : nil
    }
}
