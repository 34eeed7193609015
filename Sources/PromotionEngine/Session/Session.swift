import FaultInjection
import Foundation
import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionDomain
import PromotionForge
import PromotionLedger
import PromotionProjection
import SSHSignatures

/// One caller at work on a workspace: what every use case and query reads and writes through.
struct Session: Sendable {
    let workspace: Workspace
    /// Who acts, and what their commits are signed with.
    let identity: Identity
    let policies: PolicySource
    let lines = FirstParentHistories()
    let renderings: RenderCache

    init(_ workspace: Workspace, _ identity: Identity) {
        self.workspace = workspace
        self.identity = identity
        policies = PolicySource(
            workspace.repository, store: workspace.store, lines: lines, zones: workspace.timeZones)
        renderings = RenderCache(
            store: workspace.store,
            renderers: SourceRenderers(programs: workspace.programs) { [trust = workspace.trust] place, files in
                ProgramVersion(of: place, files: files).map(trust.permits) ?? false
            }, repositories: workspace.repositories, faults: workspace.faults)
    }

    /// Passes a place where a test may cut the command off.
    func reach(_ point: FaultPoint) { workspace.faults.reach(point) }

    // MARK: Looking

    /// Fetches, unless offline, and reads the policy at the tip of the target branch.
    ///
    /// - Parameters:
    ///   - identifying: whether it matters which key will sign; finding that out may ask for a passphrase.
    ///   - mayBeUnreadable: whether it is enough that the policy that counts can be read, whatever is at the tip.
    func refresh(identifying: Bool = false, mayBeUnreadable: Bool = false) async throws -> Snapshot {
        if let problem = workspace.historyProblem {
            throw EngineError.configuration(problem.what, hint: problem.hint)
        }
        if !workspace.isOffline {
            reach(.fetching)
            try await workspace.remote.fetch(
                branches: [workspace.targetBranch], prefixes: [workspace.ledgers.prefix, PromotionID.branchPrefix])
            reach(.fetched)
        }
        let tip = try await targetTip()
        try await HistoryWatch(session: self).noteTarget(tip)
        let snapshot = try await read(tip, acting: identifying ? try await actor() : .onlooker, mayBeUnreadable: mayBeUnreadable)
        let others = Set(snapshot.policy.environments.compactMap(\.branch)).subtracting([workspace.targetBranch])
        if !workspace.isOffline, !others.isEmpty {
            try await workspace.remote.fetch(branches: others.sorted(), prefixes: [])
        }
        return snapshot
    }

    /// What is known after a push, which told all there is to know: the remote is not asked again.
    ///
    /// - Parameter snapshot: what was known before it.
    func advance(_ snapshot: Snapshot) async throws -> Snapshot {
        try await read(try await targetTip(), acting: snapshot.actor, mayBeUnreadable: snapshot.mayBeUnreadable)
    }

    /// The same world, or that of now where something that was fetched meanwhile moved what it is known by: events that name a
    /// later policy would not count in an earlier world.
    func current(_ snapshot: Snapshot) async throws -> Snapshot {
        let tip = try await workspace.remote.head(of: workspace.targetBranch)
        let head = try await workspace.remote.head(of: workspace.ledgers.branch(of: .environments))
        return tip == snapshot.tip && head == snapshot.environmentsHead ? snapshot : try await advance(snapshot)
    }

    private func targetTip() async throws -> CommitID {
        guard let tip = try await workspace.remote.head(of: workspace.targetBranch) else {
            throw try await unknownTarget()
        }
        return tip
    }

    /// Reads what is here of the remote.
    private func read(_ tip: CommitID, acting actor: Actor, mayBeUnreadable: Bool) async throws -> Snapshot {
        let head = try await workspace.remote.head(of: workspace.ledgers.branch(of: .environments))
        let first = try await policies.timeline(tip: tip, isKept: true)
        let environments = try await LedgerFollower(workspace: workspace, lines: lines, timeline: first, freezes: []).follow(
            .environments, nil, extent: .present)
        let timeline = try await policies.timeline(first, with: environments.state.policyApprovals)
        // Whether or not the rest of what is at the tip counts: a key that may be stolen is not used until approvers have met.
        let counting = try await countingPolicy(at: tip, timeline, mayBeUnreadable: mayBeUnreadable).revoking(
            Revocations(session: self).revokedKeys(at: tip))
        let policy = try await ApplicationFinder(session: self).found(counting, targetAt: tip)
        reach(.policyRead)
        return Snapshot(
            tip: tip, policy: policy, actor: actor, time: workspace.clock.now(), freezes: environments.state.freezes,
            freezesHead: environments.head, environmentsHead: head, timeline: timeline,
            recordedPolicyViolations: environments.state.policyViolations, mayBeUnreadable: mayBeUnreadable)
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
        if !mayBeUnreadable { try await requireReadable(at: tip) }
        guard let policy = try await policies.presentPolicy(timeline) else {
            try await requireReadable(at: tip)
            throw EngineError.configuration(
                "the history of \(workspace.targetBranch) has no policy",
                hint: "`promote init` writes one from what the repository has; then commit it, and push it to that branch")
        }
        return policy
    }

    /// Who acts, with the key that will sign.
    private func actor() async throws -> Actor {
        guard let principal = identity.user?.principal else { return .onlooker }
        guard let signer = identity.signer else { return Actor(principal, .unsigned) }
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
    func ledger(
        of application: ApplicationName, _ snapshot: Snapshot, extent: LedgerExtent = .everything
    ) async throws -> LedgerView {
        let snapshot = try await current(snapshot)
        let (policy, timeline) = try await law(of: application, snapshot)
        return try await LedgerFollower(
            workspace: workspace, lines: lines, timeline: timeline, freezes: snapshot.freezes
        ).follow(application, policy, extent: extent)
    }

    /// What the ledger of `application` is judged with.
    ///
    /// - Parameter proposed: where a push that is judged would move branches.
    func ledgerJudge(
        of application: ApplicationName, _ snapshot: Snapshot, proposed: [BranchName: CommitID] = [:]
    ) async throws -> LedgerJudge {
        let (policy, timeline) = try await law(of: application, snapshot)
        return try await LedgerJudge(
            workspace, lines, policy, timeline: timeline, freezes: snapshot.freezes, proposed: proposed)
    }

    /// The policies that a ledger is read under. The one that says which policy counts is read without what it says.
    private func law(
        of application: ApplicationName, _ snapshot: Snapshot
    ) async throws -> (policy: Policy?, timeline: PolicyTimeline) {
        guard application == .environments else { return (snapshot.policy, snapshot.timeline) }
        return (nil, try await policies.timeline(snapshot.timeline, with: []))
    }

    /// Looks into the Git trees of an application in an environment.
    func inspection(of application: Application, in environment: EnvironmentName) -> ContentInspection {
        ContentInspection(
            repository: workspace.repository, renderings: renderings, application: application, environment: environment)
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

    /// The forge of a policy; nil where pull requests are records in the ledger, and offline.
    func forge(_ policy: Policy) throws -> (any Forge)? {
        workspace.isOffline ? nil : try workspace.forges.forge(for: policy.forge)
    }

    /// What commits of this session are made by, at a time.
    func committer(at time: Timestamp) -> CommitIdentity {
        // Only a known user gets as far as making commits.
        CommitIdentity(name: identity.user?.name ?? "", email: identity.user?.email ?? "", time: time)
    }
}
