import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// How a pull request came to be merged.
enum MergeCause: Sendable {
    /// This command asked for it.
    case thisCommand
    /// It was merged there.
    case theForge
}

/// Records what a forge merged.
struct ForgeMergeRecord: Sendable {
    let session: Session
    let forge: any Forge

    /// Records that a promotion was merged on the forge, once the branch shows it, or what is wrong with what came there.
    ///
    /// - Parameter first: the world as it was just seen; the remote is asked again only where that lacks the merge.
    /// - Returns: what was recorded, and the world with that.
    func record(
        _ id: PromotionID, of pullRequest: ForgePullRequest, by cause: MergeCause, _ first: Snapshot
    ) async throws -> (steps: [SyncStep], snapshot: Snapshot) {
        guard let merge = pullRequest.merge else { return ([], first) }
        var snapshot = first
        guard let open = try await openPromotion(id, snapshot) else { return ([], snapshot) }
        var commit = try await mergeCommit(of: open, merge, snapshot)
        if commit == nil {
            snapshot = try await session.refresh(identifying: true)
            commit = try await mergeCommit(of: open, merge, snapshot)
        }
        if cause == .theForge {
            let reviews = try await ForgeReviews(session: session, forge: forge).readReviews(of: pullRequest)
            snapshot = try await HostedPromotion(session: session, forge: forge).record(reviews, of: id, pullRequest, snapshot)
        }
        guard let promotion = try await openPromotion(id, snapshot) else { return ([], snapshot) }
        guard let commit, let environment = snapshot.policy.environment(promotion.environment) else {
            throw EngineError.raced(
                "\(forge.kind.name) says that #\(pullRequest.number) is merged, and its branch does not have it yet",
                hint: "promote sync")
        }
        let merger = try await merger(of: pullRequest, merge, by: cause, snapshot)
        var steps = try await SyncBranches(session: session).land(
            commit, on: session.branch(of: environment), merger, snapshot)
        if steps.isEmpty, try await recordUnchanged(id, merger, commit, snapshot) {
            steps = [
                SyncStep(
                    action: .merged, application: id.application, environment: promotion.environment, promotion: id,
                    commit: commit, detail: "by \(merger.actor.principal), \(merger.means)")
            ]
        }
        session.reach(.forgeMergeRecorded)
        return (steps, try await session.current(snapshot))
    }

    /// The promotion, where it is open and its environment is one of the policy.
    private func openPromotion(_ id: PromotionID, _ snapshot: Snapshot) async throws -> Promotion? {
        let promotion = try requirePromotion(id, in: try await session.ledger(of: id.application, snapshot).state)
        return promotion.isOpen && snapshot.policy.environment(promotion.environment) != nil ? promotion : nil
    }

    private func merger(
        of pullRequest: ForgePullRequest, _ merge: ForgePullRequest.Merge, by cause: MergeCause,
        _ snapshot: Snapshot
    ) async throws -> Merger {
        let word = merge.login.flatMap { login in
            snapshot.policy.forge.settings?.principal(of: login).map {
                ForgeWord(
                    forge: forge.kind, pullRequest: pullRequest.number, principal: $0, login: login, review: nil, at: merge.at)
            }
        }
        if cause == .thisCommand || word?.principal == snapshot.actor.principal { return .actor(snapshot.actor) }
        if let word { return .onForge(word) }
        // With the token that is used here, by a command that could not record it any more: who finishes it, answers.
        if try await isOwnAccount(merge.login) { return .actor(snapshot.actor) }
        return .unknown(merge.login?.displayable ?? "an unknown account")
    }

    /// Records a merge that changed nothing, as when the same edit was brought before: what it proposes is there.
    private func recordUnchanged(
        _ id: PromotionID, _ merger: Merger, _ commit: CommitID, _ snapshot: Snapshot
    ) async throws -> Bool {
        try await session.transact(on: { _ in id.application }, from: snapshot) { snapshot, ledger, _ -> Proposal<Bool> in
            let promotion = try requirePromotion(id, in: ledger.state)
            guard promotion.isOpen,
                let parent = try await session.workspace.repository.scratch({ try $0.firstParent(of: commit) })
            else { return Proposal { _ in false } }
            let application = try snapshot.policy.application(named: id.application.text)
            let mergePoint = MergePoint(base: parent, policy: snapshot.policy, time: snapshot.time, commit: commit)
            let checks = try await PromotionChecks(session: session).checks(
                of: promotion, in: ApplicationView(application, ledger.state, snapshot),
                .init(merger: merger.actor, mergePoint: mergePoint))
            if let refusal = checks.refusal(of: "\(id) is not recorded as merged", allowPending: false) { throw refusal }
            return try await SyncBranches(session: session).foundMerge(
                of: promotion, commit, merger, snapshot.facts(ledger.state), answer: true)
        }.outcome
    }

    /// Whether an account is the one whose token is used here.
    private func isOwnAccount(_ login: String?) async throws -> Bool {
        guard let login else { return false }
        do throws(ForgeError) {
            return try await forge.account().login.lowercased() == login.lowercased()
        } catch {
            switch error {
            case .unavailable, .rateLimited: throw error
            // Tokens of machines have no account; then none is assumed.
            case .unauthorized, .notFound, .alreadyOpen, .rejected, .malformed: return false
            }
        }
    }

    /// What a merge made of the branch: as the forge says, or as the branch itself shows; nil while it does not.
    private func mergeCommit(
        of promotion: Promotion, _ merge: ForgePullRequest.Merge, _ snapshot: Snapshot
    ) async throws -> CommitID? {
        guard let environment = snapshot.policy.environment(promotion.environment),
            let tip = try await session.workspace.remote.head(of: session.branch(of: environment))
        else { return nil }
        return try await session.workspace.repository.scratch { objects in
            if let commit = merge.commit, try objects.has(commit), try objects.isCommit(tip, atOrAfter: commit) { return commit }
            var next: CommitID? = tip
            var looked = 0
            while let commit = next, commit != promotion.content.base, looked < 1000 {
                looked += 1
                let parents = try objects.lineage(of: commit)?.parents ?? []
                if parents.contains(promotion.content.head) || commit == promotion.content.head { return commit }
                next = parents.first
            }
            return nil
        }
    }
}
