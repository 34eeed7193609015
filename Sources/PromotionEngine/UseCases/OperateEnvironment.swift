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

struct OperateEnvironment: Sendable {
    let session: Session

    /// Stops an environment for one application: only a rollback moves there until it is resumed.
    func hold(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try requireReason(reason)
        return try await intervene(application) { snapshot, state in
            let name = try snapshot.policy.environment(named: environment).name
            if let hold = state.holds[name] { return ([], { _ in .held(name, hold) }) }
            let new = Hold(reason: reason, by: snapshot.actor.principal, at: snapshot.time)
            return ([.holdPlaced(.init(environment: name, reason: reason))], { .held(name, $0.holds[name] ?? new) })
        }
    }

    /// Takes a hold back.
    func resume(_ environment: String, application: String?) async throws -> InterventionReport {
        try await intervene(application) { snapshot, state in
            let name = try snapshot.policy.environment(named: environment).name
            let isHeld = state.holds[name] != nil
            return (isHeld ? [.holdLifted(.init(environment: name))] : [], { _ in .resumed(name) })
        }
    }

    /// Quarantines a release everywhere, for good.
    func yank(_ release: String, reason: String) async throws -> InterventionReport {
        try requireReason(reason)
        guard let id = ReleaseID(release), let dash = release.lastIndex(of: "-") else {
            throw EngineError.usage(
                "“\(release.displayable)” is not a release", hint: "releases are called <application>-<12 hex digits>")
        }
        return try await intervene(String(release[..<dash])) { snapshot, state in
            guard state.release(id) != nil else {
                throw EngineError.usage(
                    "\(state.application) has no release “\(release)”",
                    hint: suggestion(release, state.releases.suffix(5).map(\.id.text)))
            }
            let running = snapshot.policy.environments.map(\.name).filter { state.deployment(in: $0)?.release == id }
            if let yank = state.yanks[id] { return ([], { _ in .yanked(id, yank, runningIn: running) }) }
            let new = Yank(reason: reason, by: snapshot.actor.principal, at: snapshot.time)
            return (
                [.releaseYanked(.init(release: id, reason: reason))],
                { .yanked(id, $0.yanks[id] ?? new, runningIn: running) }
            )
        }
    }

    private func intervene(
        _ application: String?,
        _ decide: (Snapshot, ApplicationState) throws -> (
            [Event.Payload], @Sendable (ApplicationState) -> InterventionReport.Action
        )
    ) async throws -> InterventionReport {
        try await session.transact(on: { policy in try policy.application(named: application).name }) { snapshot, ledger, _ in
            let (events, action) = try decide(snapshot, ledger.state)
            return Proposal(events: events) { after in
                InterventionReport(
                    application: after.state.application, action: action(after.state), isNew: !events.isEmpty)
            }
        }.outcome
    }
}
