import GitOpsTypes
import GitStore
public import PromotionDomain

/// What freezes an environment now.
public struct FreezeReport: Sendable {
    public let environment: EnvironmentName
    public let freezes: [Freeze]
    /// False when it was so already, and nothing was recorded.
    public let isNew: Bool
}

/// Stops of merges, of every application.
struct FreezeEnvironment: Sendable {
    let session: Session

    /// Stops all merges into an environment, of every application.
    ///
    /// - Parameter end: when it ends by itself; nil for when somebody lifts it.
    func freeze(_ environment: String, until end: Timestamp?, reason: String) async throws -> FreezeReport {
        try requireReason(reason)
        return try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
            let name = try snapshot.policy.environment(named: environment).name
            if let end, end <= snapshot.time {
                throw EngineError.usage("\(end) is past: here it is \(snapshot.time)", hint: "name a later time with --until")
            }
            let known = ledger.state.freezes.first {
                $0.environment == name && $0.isActive(at: snapshot.time) && $0.until == end && $0.reason == reason
            }
            if let known { return Proposal { _ in FreezeReport(environment: name, freezes: [known], isNew: false) } }
            let event = Event.FreezePlaced(environment: name, reason: reason, until: end)
            // With a lease on where the target branch is: so that Git itself tells what was merged before, and what after.
            let branch = RefUpdate(session.workspace.targetBranch, from: snapshot.tip, to: snapshot.tip)
            return Proposal(events: [.freezePlaced(event)], refs: [branch]) { after in
                FreezeReport(
                    environment: name, freezes: after.state.freezes.suffix(1), isNew: true)
            }
        }.outcome
    }

    /// Lifts every freeze of an environment.
    func unfreeze(_ environment: String) async throws -> FreezeReport {
        try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
            let name = try snapshot.policy.environment(named: environment).name
            let isFrozen = ledger.state.freezes.contains { $0.environment == name && $0.isActive(at: snapshot.time) }
            return Proposal(events: isFrozen ? [.freezeLifted(.init(environment: name))] : []) { _ in
                FreezeReport(environment: name, freezes: [], isNew: isFrozen)
            }
        }.outcome
    }
}
