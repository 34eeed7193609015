import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Merges a promotion, here or on its forge.
struct MergePromotion: Sendable {
    let session: Session

    /// Merges a promotion into its target branch with a real merge commit, once every check passes.
    func merge(_ text: String) async throws -> PromotionReport {
        try await merge(text, from: session.refresh(identifying: true)).report
    }

    /// - Parameter snapshot: the world as it was just seen, with the actor.
    /// - Returns: what was done, and the world with that.
    func merge(
        _ text: String, from snapshot: Snapshot
    ) async throws -> (report: PromotionReport, snapshot: Snapshot) {
        let id = try snapshot.policy.promotionID(named: text)
        if let forge = try session.forge(snapshot.policy), try await isHosted(id, snapshot) {
            let done = try await ForgeMerge(session: session, forge: forge).merge(id, snapshot)
            return (try await ShowQuery(session: session).show(text, done.action, done.snapshot), done.snapshot)
        }
        var start = snapshot
        switch try await presence(of: id, snapshot) {
        case .none: break
        case .content, .commit: start = try await SyncBranches(session: session).sync(from: snapshot).snapshot
        }
        let done = try await session.transact(on: { try $0.promotionID(named: text).application }, from: start) {
            snapshot, ledger, _ in try await mergeProposal(text, snapshot, ledger)
        }
        return (try await ShowQuery(session: session).show(text, done.outcome, done.snapshot), done.snapshot)
    }

    /// Whether a promotion's pull request is on a forge, or is still to be opened there.
    private func isHosted(_ id: PromotionID, _ snapshot: Snapshot) async throws -> Bool {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        return promotion.hostedNumber != nil || promotion.state == .requested
    }

    /// What the branch of an open promotion's environment has of it before it is recorded as merged.
    private enum Presence {
        case none
        /// What it plans, by another commit: squashed or rebased, or brought for another application.
        case content
        /// Its own commit, merged with another program.
        case commit
    }

    private func presence(of id: PromotionID, _ snapshot: Snapshot) async throws -> Presence {
        let promotion = try requirePromotion(id, in: try await session.ledger(of: id.application, snapshot).state)
        guard promotion.isOpen, let environment = snapshot.policy.environment(promotion.environment) else { return .none }
        let (tip, content) = (try await session.tip(of: environment), promotion.content)
        return try await session.workspace.repository.scratch { objects in
            guard try objects.has(content.head), try objects.has(content.base) else { return .none }
            if try objects.isCommit(tip, atOrAfter: content.head) { return .commit }
            let (present, before) = (try objects.tree(of: tip), try objects.tree(of: content.base))
            func isPlanned(in tree: TreeID) throws -> Bool {
                try (content.files ?? [:]).allSatisfy { path, blob in
                    guard let path = RepositoryPath(path), case .blob(let found)? = try objects.entry(at: path, in: tree) else {
                        return false
                    }
                    return found.hex == blob
                }
            }
            return try isPlanned(in: present) && !isPlanned(in: before) ? .content : .none
        }
    }

    private func mergeProposal(
        _ text: String, _ snapshot: Snapshot, _ ledger: LedgerView
    ) async throws -> Proposal<PromotionReport.Action> {
        let id = try snapshot.policy.promotionID(named: text)
        let promotion = try requirePromotion(id, in: ledger.state)
        if case .merged = promotion.state { return Proposal { _ in .alreadyMerged } }
        if case .commit = try await presence(of: id, snapshot) {
            throw Refusal(
                .mergeable, "\(id) is on its branch already, merged with another program; merging it again would hide that",
                hint: "promote sync records it, or says what is wrong with it")
        }
        let application = try snapshot.policy.application(named: id.application.text)
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, in: ApplicationView(application, ledger.state, snapshot), .init(merger: snapshot.actor))
        if let refusal = checks.refusal(of: "\(id) is not merged", allowPending: false) { throw refusal }
        guard let environment = snapshot.policy.environment(promotion.environment) else {
            throw EngineError.configuration("there is no environment \(promotion.environment) any more", hint: nil)
        }
        let tip = try await session.tip(of: environment)
        let head = promotion.content.head
        try await requireWholeChange(id, promotion, environment, checks, snapshot)
        let merged: MergedTree
        switch try await session.workspace.repository.merge(ours: tip, theirs: head) {
        case .merged(let tree): merged = tree
        case .conflict(let paths):
            throw Refusal(
                .mergeable, "\(id) conflicts with the target branch in \(paths.map(\.displayable).joined(separator: ", "))")
        case .unrelated: throw Refusal(.mergeable, "\(id) has no history in common with the target branch")
        }
        let recipe = CommitRecipe(
            parents: [tip, head], by: session.committer(at: snapshot.time), message: PullRequestText.mergeMessage(id, promotion)
        ) { try $0.write(merged) }
        let commit = try await CommitFactory(repository: session.workspace.repository, signer: session.identity.signer).prepare(
            recipe)
        let decision = try RecordMerge(promotion, by: commit.id).decide(snapshot.facts(ledger.state))
        var refs = [
            RefUpdate(session.branch(of: environment), from: tip, to: commit.id),
            RefUpdate(promotion.content.branch, from: head, to: nil),
        ]
        // With a lease on the freezes as they were seen: one that is placed meanwhile comes first.
        if let seen = snapshot.freezesHead {
            refs.append(RefUpdate(session.workspace.ledgers.branch(of: .environments), from: seen, to: seen))
        }
        return Proposal(decision, commits: [commit], refs: refs) { _, _ in .merged }
    }

    /// That merging a promotion is permitted for everything that it changes on its branch, as the gate judges it: another
    /// application may read what it edits.
    ///
    /// - Parameter checks: of the promotion itself.
    /// - Throws: `Refusal`.
    func requireWholeChange(
        _ id: PromotionID, _ promotion: Promotion, _ environment: Environment, _ checks: [Check], _ snapshot: Snapshot
    ) async throws {
        guard try await session.workspace.repository.scratch({ try $0.has(promotion.content.head) }) else { return }
        let report = try await ChangeGate(session: session).judge(
            from: try await session.tip(of: environment), to: promotion.content.head, on: session.branch(of: environment),
            snapshot,
            merger: .actor(snapshot.actor), settled: (id, checks))
        guard let obstacle = report.obstacle else { return }
        throw Refusal(
            obstacle.rule, "\(id) is not merged: \(obstacle.detail)",
            hint: obstacle.clearedBy.isEmpty ? nil : "who can clear it: \(obstacle.clearedBy.joined(separator: ", "))",
            checks: report.entries.filter(\.isChanged).map(\.check), isPending: obstacle.status == .pending)
    }
}
