import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

extension PromotionEngine {
    /// Merges a promotion into its target branch with a real merge commit, once every check passes.
    public func merge(_ text: String) async throws -> PromotionReport {
        let situation = try await look()
        let policy = situation.policy
        if let forge = try forge(policy), try await isHosted(promotion(text, policy), policy) {
            return try await show(text, merge(promotion(text, policy), on: forge), fetching: false)
        }
        switch try await presence(of: promotion(text, policy), situation) {
        case .none: break
        case .content, .commit: _ = try await sync()
        }
        let action = try await transact { policy in
            try promotion(text, policy).application
        } _: { situation, ledger, _ in
            try await mergeProposal(text, situation, ledger)
        }
        return try await show(text, action, fetching: false)
    }

    /// Whether a promotion's pull request is on a forge, or is still to be opened there.
    private func isHosted(_ id: PromotionID, _ policy: Policy) async throws -> Bool {
        let state = try await ledger(of: id.application, look(fetching: false)).state
        let promotion = try promotion(id, in: state)
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

    private func presence(of id: PromotionID, _ situation: Situation) async throws -> Presence {
        let promotion = try promotion(id, in: try await ledger(of: id.application, situation).state)
        guard promotion.isOpen, let environment = situation.policy.environment(promotion.environment) else { return .none }
        let (tip, content) = (try await tip(of: environment), promotion.content)
        return try await workspace.repository.scratch { objects in
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
        _ text: String, _ situation: Situation, _ ledger: LedgerView
    ) async throws -> Proposal<PromotionReport.Action> {
        let id = try promotion(text, situation.policy)
        let promotion = try promotion(id, in: ledger.state)
        if case .merged = promotion.state { return Proposal { _ in .alreadyMerged } }
        if case .commit = try await presence(of: id, situation) {
            throw Refusal(
                .mergeable, "\(id) is on its branch already, merged with another program; merging it again would hide that",
                hint: "promote sync records it, or says what is wrong with it")
        }
        let application = try application(id.application.text, situation.policy)
        let checks = try await checks(of: promotion, application, ledger.state, situation, merger: situation.actor)
        if let refusal = checks.refusal(of: "\(id) is not merged", allowPending: false) { throw refusal }
        guard let environment = situation.policy.environment(promotion.environment) else {
            throw EngineError.configuration("there is no environment \(promotion.environment) any more", hint: nil)
        }
        let tip = try await tip(of: environment)
        let head = promotion.content.head
        try await requireWholeChange(id, promotion, environment, checks, situation)
        let merged: MergedTree
        switch try await workspace.repository.merge(ours: tip, theirs: head) {
        case .merged(let tree): merged = tree
        case .conflict(let paths):
            throw Refusal(
                .mergeable, "\(id) conflicts with the target branch in \(paths.map(\.displayable).joined(separator: ", "))")
        case .unrelated: throw Refusal(.mergeable, "\(id) has no history in common with the target branch")
        }
        let recipe = CommitRecipe(
            parents: [tip, head], by: committer(at: situation.time), message: PullRequestText.mergeMessage(id, promotion)
        ) { try $0.write(merged) }
        let commit = try await CommitFactory(repository: workspace.repository, signer: workspace.signer).prepare(recipe)
        let event = Event.PromotionMerged(
            promotion: promotion.number, environment: promotion.environment, release: promotion.release, head: head,
            commit: commit.id)
        var refs = [
            RefUpdate(branch(of: environment), from: tip, to: commit.id),
            RefUpdate(promotion.content.branch, from: head, to: nil),
        ]
        // With a lease on the freezes as they were seen: one that is placed meanwhile comes first.
        if let seen = situation.freezesHead {
            refs.append(RefUpdate(workspace.ledgers.branch(of: .environments), from: seen, to: seen))
        }
        return Proposal(events: [.promotionMerged(event)], commits: [commit], refs: refs) { _ in .merged }
    }

    /// That merging a promotion is permitted for everything that it changes on its branch, as the gate judges it: another
    /// application may read what it edits.
    ///
    /// - Parameter checks: of the promotion itself.
    /// - Throws: `Refusal`.
    func requireWholeChange(
        _ id: PromotionID, _ promotion: Promotion, _ environment: Environment, _ checks: [Check], _ situation: Situation
    ) async throws {
        guard try await workspace.repository.scratch({ try $0.has(promotion.content.head) }) else { return }
        let report = try await judge(
            from: try await tip(of: environment), to: promotion.content.head, on: branch(of: environment), situation,
            merger: .actor(situation.actor), settled: (id, checks))
        guard let obstacle = report.obstacle else { return }
        throw Refusal(
            obstacle.rule, "\(id) is not merged: \(obstacle.detail)",
            hint: obstacle.clearedBy.isEmpty ? nil : "who can clear it: \(obstacle.clearedBy.joined(separator: ", "))",
            checks: report.entries.filter(\.isChanged).map(\.check), isPending: obstacle.status == .pending)
    }

    /// Closes a promotion without merging it, and deletes its branch.
    public func close(_ text: String, reason: String) async throws -> PromotionReport {
        try await close(text, reason: reason, onForge: nil)
    }

    /// - Parameter closing: that its pull request was closed on its forge: what an attestor may record who may not close it.
    func close(_ text: String, reason: String, onForge closing: ForgeClosing?) async throws -> PromotionReport {
        try Self.requireReason(reason)
        let action = try await transact { policy in
            try promotion(text, policy).application
        } _: { situation, ledger, _ -> Proposal<PromotionReport.Action> in
            let id = try promotion(text, situation.policy)
            let promotion = try promotion(id, in: ledger.state)
            switch promotion.state {
            case .closed, .superseded: return Proposal { _ in .alreadyClosed }
            case .requested, .open, .merged: break
            }
            let head = try await workspace.remote.head(of: promotion.content.branch)
            let own = Event.Payload.promotionClosed(.init(promotion: promotion.number, reason: reason))
            let isOwn = closing == nil || !recordable([own], situation, ledger.state).isEmpty
            return Proposal(
                events: isOwn
                    ? [own]
                    : [.promotionClosed(.init(promotion: promotion.number, reason: reason, onForge: closing))],
                refs: head.map { [RefUpdate(promotion.content.branch, from: $0, to: nil)] } ?? []
            ) { _ in .closed }
        }
        let situation = try await look(fetching: false)
        if let forge = try forge(situation.policy) {
            let id = try promotion(text, situation.policy)
            let state = try await ledger(of: id.application, situation).state
            try await closePullRequest(id.number, of: id.application, in: state, on: forge)
        }
        return try await show(text, action, fetching: false)
    }
}
