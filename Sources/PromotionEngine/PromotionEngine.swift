public import FaultInjection
import Foundation
import GitOpsTypes
import GitStore
public import PromotionDomain
import PromotionLedger
import PromotionProjection
import SSHSignatures

/// Carries out the commands: looks at the world, asks the pure core what follows, and performs it.
///
/// Every command that changes something does so in one atomic push with leases, decided on what was just fetched; when
/// somebody else was faster it looks and decides again.
public struct PromotionEngine: Sendable {
    let workspace: Workspace
    let policies: PolicySource
    let lines = TargetLines()
    let renderings: RenderCache

    public init(_ workspace: Workspace) {
        self.workspace = workspace
        policies = PolicySource(
            workspace.repository, store: workspace.store, lines: lines, zones: workspace.timeZones)
        renderings = RenderCache(store: workspace.store, faults: workspace.faults)
    }

    /// Passes a place where a test may cut the command off.
    public func reach(_ point: FaultPoint) { workspace.faults.reach(point) }

    /// Waits, on the workspace's clock.
    public func pause(seconds: Int) async throws {
        try await workspace.clock.pause(milliseconds: seconds * 1000)
    }

    // MARK: Looking

    /// Fetches, unless offline, and reads the policy at the tip of the target branch.
    ///
    /// - Parameters:
    ///   - identifying: whether it matters which key will sign; finding that out may ask for a passphrase.
    ///   - fetching: false right after a push, which told all there is to know.
    ///   - mayBeUnreadable: whether it is enough that the policy that counts can be read, whatever is at the tip.
    public func look(
        identifying: Bool = false, fetching: Bool = true, mayBeUnreadable: Bool = false
    ) async throws -> Situation {
        if let problem = workspace.historyProblem {
            throw EngineError.configuration(problem.what, hint: problem.hint)
        }
        if fetching, !workspace.isOffline {
            reach(.fetching)
            try await workspace.remote.fetch(
                branches: [workspace.targetBranch], prefixes: [workspace.ledgers.prefix, PromotionID.branchPrefix])
            reach(.fetched)
        }
        guard let tip = try await workspace.remote.head(of: workspace.targetBranch) else {
            throw EngineError.configuration(
                "the branch \(workspace.targetBranch) of \(workspace.remote.name) is not known here",
                hint: workspace.isOffline
                    ? "run the command once without --offline"
                    : "push it first, or name another with `git config promote.branch <name>`")
        }
        if fetching { try await noteTarget(tip) }
        let first = try await policies.timeline(tip: tip, isKept: true)
        let environments = try await LedgerFollower(workspace: workspace, lines: lines, timeline: first, freezes: []).follow(
            .environments, nil, extent: .present)
        let timeline = try await policies.timeline(first, with: environments.state.policyApprovals)
        // Whether or not the rest of what is at the tip counts: a key that may be stolen is not used until approvers have met.
        let policy = try await countingPolicy(at: tip, timeline, mayBeUnreadable: mayBeUnreadable).revoking(
            revokedKeys(at: tip))
        reach(.policyRead)
        let others = Set(policy.environments.compactMap(\.branch)).subtracting([workspace.targetBranch])
        if fetching, !workspace.isOffline, !others.isEmpty {
            try await workspace.remote.fetch(branches: others.sorted(), prefixes: [])
        }
        return Situation(
            tip: tip, policy: policy, actor: identifying ? try await actor() : .nobody, time: workspace.clock.now(),
            freezes: environments.state.freezes, freezesHead: environments.head, timeline: timeline,
            recordedPolicyViolations: environments.state.policyViolations)
    }

    /// The policy that counts at the tip, which is not always the one that is there.
    private func countingPolicy(
        at tip: CommitID, _ timeline: PolicyTimeline, mayBeUnreadable: Bool
    ) async throws -> Policy {
        if let conflict = timeline.history.conflict {
            throw Refusal(
                .policyFromTarget,
                "\(workspace.targetBranch) joins two histories at \(conflict), each with a policy of its own; which one counts cannot be told",
                hint:
                    "set \(workspace.targetBranch) back to before that commit: git push --force-with-lease \(workspace.remote.name) <commit>:\(workspace.targetBranch.ref)"
            )
        }
        if !mayBeUnreadable { try await policies.requireReadable(at: tip) }
        guard let policy = try await policies.presentPolicy(timeline) else {
            try await policies.requireReadable(at: tip)
            throw EngineError.configuration(
                "the history of \(workspace.targetBranch) has no policy", hint: "`promote init` writes a starter layout")
        }
        return policy
    }

    /// Who acts, with the key that will sign.
    private func actor() async throws -> Actor {
        guard let principal = workspace.user?.principal else { return .nobody }
        guard let signer = workspace.signer else { return Actor(principal, .unsigned) }
        if let fields = try await signer.publicKey()?.split(separator: " "), fields.count >= 2,
            let key = SSHPublicKey(base64: fields[1])
        {
            return Actor(principal, .signed(key))
        }
        // An encrypted key without its public half says what it is only by signing.
        let armored = try await signer.sign(Array("promote: which key is this?".utf8))
        do {
            return Actor(principal, .signed(try SSHSignature(armored: armored).publicKey))
        } catch {
            return Actor(principal, .invalid("the signing program gives no SSH signature"))
        }
    }

    /// The ledger of `application` as the remote has it, folded.
    ///
    /// - Parameter extent: how much of it is needed.
    /// - Throws: `Refusal` by `ledger-intact` when the ledger does not descend from what was last seen.
    public func ledger(
        of application: ApplicationName, _ situation: Situation, extent: LedgerExtent = .everything
    ) async throws -> LedgerView {
        let isOfEnvironments = application == .environments
        // The ledger that says which policy counts is read without what it says.
        let timeline = isOfEnvironments ? try await policies.timeline(situation.timeline, with: []) : situation.timeline
        return try await LedgerFollower(
            workspace: workspace, lines: lines, timeline: timeline, freezes: situation.freezes
        ).follow(application, isOfEnvironments ? nil : situation.policy, extent: extent)
    }

    /// What the ledger of `application` is judged with.
    func knowledge(
        of application: ApplicationName, _ situation: Situation, proposed: [BranchName: CommitID] = [:]
    ) async throws -> LedgerKnowledge {
        let isOfEnvironments = application == .environments
        let timeline = isOfEnvironments ? try await policies.timeline(situation.timeline, with: []) : situation.timeline
        return try await LedgerKnowledge(
            workspace, lines, isOfEnvironments ? nil : situation.policy, timeline: timeline, freezes: situation.freezes,
            proposed: proposed)
    }

    /// The branch an environment's desired state is on.
    func branch(of environment: Environment) -> BranchName {
        environment.branch ?? workspace.targetBranch
    }

    /// The tip of the branch an environment's desired state is on.
    func tip(of environment: Environment) async throws -> CommitID {
        let branch = branch(of: environment)
        guard let tip = try await workspace.remote.head(of: branch) else {
            throw EngineError.configuration("the branch \(branch) of \(environment.name) does not exist", hint: "push it first")
        }
        return tip
    }

    // MARK: Names that people type

    /// - Parameter name: nil where the configuration has one application only.
    func application(_ name: String?, _ policy: Policy) throws -> Application {
        let known = policy.applications.map(\.name.text)
        guard let name else {
            if policy.applications.count == 1 { return policy.applications[0] }
            throw EngineError.usage(
                known.isEmpty ? "the configuration has no application" : "there are several applications: name one with --app",
                hint: known.isEmpty ? nil : "known: \(known.joined(separator: ", "))")
        }
        if let application = ApplicationName(name).flatMap(policy.application) { return application }
        throw EngineError.usage("there is no application “\(name.displayable)”", hint: Self.suggestion(name, known))
    }

    /// Whose ledger is meant: that of an application, or `_environments`.
    func ledgerName(_ text: String?, _ policy: Policy) throws -> ApplicationName {
        if let text, ApplicationName(ofLedger: text) == .environments { return .environments }
        return try application(text, policy).name
    }

    func environment(_ name: String, _ policy: Policy) throws -> Environment {
        if let environment = EnvironmentName(name).flatMap(policy.environment) { return environment }
        throw EngineError.usage(
            "there is no environment “\(name.displayable)”", hint: Self.suggestion(name, policy.environments.map(\.name.text)))
    }

    func origin(_ name: String, _ policy: Policy) throws -> PromotionOrigin {
        if name == "build" { return .build }
        return .environment(try environment(name, policy).name)
    }

    /// The promotion that `text` names.
    func promotion(_ text: String, _ policy: Policy) throws -> PromotionID {
        guard let id = PromotionID(text), policy.application(id.application) != nil else {
            throw EngineError.usage(
                "there is no promotion “\(text.displayable)”",
                hint: "promotions are called <application>-<number>; see `promote status`")
        }
        return id
    }

    func promotion(_ id: PromotionID, in state: ApplicationState) throws -> Promotion {
        guard let promotion = state.promotion(id.number) else {
            throw EngineError.usage("there is no promotion \(id)", hint: "see `promote history --app \(id.application)`")
        }
        return promotion
    }

    static func suggestion(_ text: String, _ known: [String]) -> String {
        if let close = closestMatch(to: text, among: known) { return "did you mean “\(close)”?" }
        return known.isEmpty ? "none is configured" : "known: \(known.joined(separator: ", "))"
    }
}
