import GitOpsTypes
import GitStore
public import PromotionDomain

/// What an operator did to an environment of an application, or to a release.
public struct InterventionReport: Sendable {
    public let application: ApplicationName
    public let action: Action
    /// False when it was so already, and nothing was recorded.
    public let isNew: Bool

    public enum Action: Sendable {
        case held(EnvironmentName, Hold)
        case resumed(EnvironmentName)
        case yanked(ReleaseID, Yank, runningIn: [EnvironmentName])
        /// With what the environment has now; nil where nothing was to be accepted.
        case accepted(EnvironmentName, [Violation], GitContent?)
    }
}

/// Holds and yanks.
struct OperateEnvironment: Sendable {
    let session: Session

    /// Stops an environment for one application: only a rollback moves there until it is resumed.
    func hold(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try requireReason(reason)
        return try await intervene(application) { snapshot, state in
            PlaceHold(try snapshot.policy.environment(named: environment, of: state.application).name, reason: reason)
        } reporting: { command, hold, _, _ in
            .held(command.environment, hold)
        }
    }

    /// Takes a hold back.
    func resume(_ environment: String, application: String?) async throws -> InterventionReport {
        try await intervene(application) { snapshot, state in
            LiftHold(try snapshot.policy.environment(named: environment, of: state.application).name)
        } reporting: { command, _, _, _ in
            .resumed(command.environment)
        }
    }

    /// Quarantines a release everywhere, for good.
    func yank(_ release: String, reason: String) async throws -> InterventionReport {
        try requireReason(reason)
        return try await intervene { policy in
            try policy.application(ofReleaseNamed: release).name
        } _: { snapshot, state in
            YankRelease(try requireRelease(named: release, in: state).id, reason: reason)
        } reporting: { command, yank, state, policy in
            let running = policy.environments.map(\.name).filter { state.deployment(in: $0)?.release == command.release }
            return .yanked(command.release, yank, runningIn: running)
        }
    }

    private func intervene<Command: LedgerCommand>(
        _ application: String?, _ command: (Snapshot, ApplicationState) throws -> Command,
        reporting: @escaping @Sendable (Command, Command.Answer, ApplicationState, Policy) -> InterventionReport.Action
    ) async throws -> InterventionReport {
        try await intervene({ try $0.application(named: application).name }, command, reporting: reporting)
    }

    /// Carries out a command on an application's ledger alone.
    private func intervene<Command: LedgerCommand>(
        _ application: (Policy) throws -> ApplicationName, _ command: (Snapshot, ApplicationState) throws -> Command,
        reporting: @escaping @Sendable (Command, Command.Answer, ApplicationState, Policy) -> InterventionReport.Action
    ) async throws -> InterventionReport {
        try await session.transact(on: application) { snapshot, ledger, _ in
            let command = try command(snapshot, ledger.state)
            let decision = try command.decide(snapshot.facts(ledger.state))
            return Proposal(decision) { answer, state in
                InterventionReport(
                    application: state.application, action: reporting(command, answer, state, snapshot.policy),
                    isNew: decision.isNew)
            }
        }.outcome
    }
}
