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
    /// - Parameter end: when it ends by itself, a time, a day or `in 2h`; nil for until it is lifted.
    func freeze(_ environment: String, until end: String?, reason: String) async throws -> FreezeReport {
        let end = try end.map { text in
            guard let moment = Moment(text, now: session.workspace.clock.now()) else {
                throw EngineError.usage(
                    "“\(text.displayable)” is not a time",
                    hint: "write 2026-12-27T06:00:00Z, with an offset (+01:00), 2026-12-27 for the end of that day, or in 2h")
            }
            return moment.last
        }
        try requireReason(reason)
        return try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
            let name = try snapshot.policy.environment(named: environment).name
            if let end, end <= snapshot.time {
                throw EngineError.usage("\(end) is past: here it is \(snapshot.time)", hint: "name a later time with --until")
            }
            let decision = try PlaceFreeze(name, until: end, reason: reason).decide(snapshot.facts(ledger.state))
            // With a lease on where the target branch is: so that Git itself tells what was merged before, and what after.
            let branch = RefUpdate(session.workspace.targetBranch, from: snapshot.tip, to: snapshot.tip)
            return Proposal(decision, refs: [branch]) { freezes, _ in
                FreezeReport(environment: name, freezes: freezes, isNew: decision.isNew)
            }
        }.outcome
    }

    /// Lifts every freeze of an environment.
    func unfreeze(_ environment: String) async throws -> FreezeReport {
        try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
            let name = try snapshot.policy.environment(named: environment).name
            let decision = try LiftFreezes(of: name).decide(snapshot.facts(ledger.state))
            return Proposal(decision) { _, _ in FreezeReport(environment: name, freezes: [], isNew: decision.isNew) }
        }.outcome
    }
}
