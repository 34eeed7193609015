public import GitOpsTypes
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

/// What freezes an environment now.
public struct FreezeReport: Sendable {
    public let environment: EnvironmentName
    public let freezes: [Freeze]
    /// False when it was so already, and nothing was recorded.
    public let isNew: Bool
}

extension PromotionEngine {
    /// Stops an environment for one application: only a rollback moves there until it is resumed.
    public func hold(_ environment: String, application: String?, reason: String) async throws -> InterventionReport {
        try Self.requireReason(reason)
        return try await intervene(application) { situation, state in
            let name = try self.environment(environment, situation.policy).name
            if let hold = state.holds[name] { return ([], { _ in .held(name, hold) }) }
            let new = Hold(reason: reason, by: situation.actor.principal, at: situation.time)
            return ([.holdPlaced(.init(environment: name, reason: reason))], { .held(name, $0.holds[name] ?? new) })
        }
    }

    /// Takes a hold back.
    public func resume(_ environment: String, application: String?) async throws -> InterventionReport {
        try await intervene(application) { situation, state in
            let name = try self.environment(environment, situation.policy).name
            let isHeld = state.holds[name] != nil
            return (isHeld ? [.holdLifted(.init(environment: name))] : [], { _ in .resumed(name) })
        }
    }

    /// Quarantines a release everywhere, for good.
    public func yank(_ release: String, reason: String) async throws -> InterventionReport {
        try Self.requireReason(reason)
        guard let id = ReleaseID(release), let dash = release.lastIndex(of: "-") else {
            throw EngineError.usage(
                "“\(release.displayable)” is not a release", hint: "releases are called <application>-<12 hex digits>")
        }
        return try await intervene(String(release[..<dash])) { situation, state in
            guard state.release(id) != nil else {
                throw EngineError.usage(
                    "\(state.application) has no release “\(release)”",
                    hint: Self.suggestion(release, state.releases.suffix(5).map(\.id.text)))
            }
            let running = situation.policy.environments.map(\.name).filter { state.deployment(in: $0)?.release == id }
            if let yank = state.yanks[id] { return ([], { _ in .yanked(id, yank, runningIn: running) }) }
            let new = Yank(reason: reason, by: situation.actor.principal, at: situation.time)
            return (
                [.releaseYanked(.init(release: id, reason: reason))],
                { .yanked(id, $0.yanks[id] ?? new, runningIn: running) }
            )
        }
    }

    private func intervene(
        _ application: String?,
        _ decide: (Situation, ApplicationState) throws -> (
            [Event.Payload], @Sendable (ApplicationState) -> InterventionReport.Action
        )
    ) async throws -> InterventionReport {
        try await transact { policy in
            try self.application(application, policy).name
        } _: { situation, ledger, _ in
            let (events, action) = try decide(situation, ledger.state)
            return Proposal(events: events) { after in
                InterventionReport(
                    application: after.state.application, action: action(after.state), isNew: !events.isEmpty)
            }
        }
    }

    /// Stops all merges into an environment, of every application.
    ///
    /// - Parameter end: when it ends by itself; nil for when somebody lifts it.
    public func freeze(_ environment: String, until end: Timestamp?, reason: String) async throws -> FreezeReport {
        try Self.requireReason(reason)
        return try await transact(on: { _ in .environments }) { situation, ledger, _ in
            let name = try self.environment(environment, situation.policy).name
            if let end, end <= situation.time {
                throw EngineError.usage("\(end) is past: here it is \(situation.time)", hint: "name a later time with --until")
            }
            let known = ledger.state.freezes.first {
                $0.environment == name && $0.isActive(at: situation.time) && $0.until == end && $0.reason == reason
            }
            if let known { return Proposal { _ in FreezeReport(environment: name, freezes: [known], isNew: false) } }
            let event = Event.FreezePlaced(environment: name, reason: reason, until: end)
            // With a lease on where the target branch is: so that Git itself tells what was merged before, and what after.
            let branch = RefUpdate(workspace.targetBranch, from: situation.tip, to: situation.tip)
            return Proposal(events: [.freezePlaced(event)], refs: [branch]) { after in
                FreezeReport(
                    environment: name, freezes: after.state.freezes.suffix(1), isNew: true)
            }
        }
    }

    /// Lifts every freeze of an environment.
    public func unfreeze(_ environment: String) async throws -> FreezeReport {
        try await transact(on: { _ in .environments }) { situation, ledger, _ in
            let name = try self.environment(environment, situation.policy).name
            let isFrozen = ledger.state.freezes.contains { $0.environment == name && $0.isActive(at: situation.time) }
            return Proposal(events: isFrozen ? [.freezeLifted(.init(environment: name))] : []) { _ in
                FreezeReport(environment: name, freezes: [], isNew: isFrozen)
            }
        }
    }

    static func requireReason(_ reason: String) throws(EngineError) {
        guard EventAdmission.isReason(reason) else {
            throw EngineError.usage("a reason is a sentence of up to 1,000 bytes; it stays in the ledger", hint: nil)
        }
    }
}

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

extension PromotionEngine {
    /// Opens a promotion back to what the environment ran before, and holds the environment, so that nothing undoes it.
    public func rollback(_ request: RollbackRequest) async throws -> PromotionReport {
        try Self.requireReason(request.reason)
        return try await promote(PromotionRequest(request))
    }

    /// What a rollback would change, and every check.
    public func planRollback(_ request: RollbackRequest) async throws -> PromotionReport {
        try Self.requireReason(request.reason)
        return try await plan(PromotionRequest(request))
    }

    /// What ran before the present release and may run again, newest first.
    static func rollbackTarget(in environment: EnvironmentName, _ state: ApplicationState) -> Release? {
        let deployments = state.deployments[environment] ?? []
        let present = state.deployment(in: environment)?.release
        let candidate = deployments.last { deployment in
            deployment.release != present && state.yanks[deployment.release] == nil
                && state.verification(of: deployment.release, in: environment)?.latest.result != .failed
        }
        return candidate.flatMap { state.release($0.release) }
    }
}
