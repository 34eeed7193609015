import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge

/// Merging through a forge: judged here, pinned to what was judged, and read again afterwards whatever the answer was.
struct ForgeMerge: Sendable {
    let session: Session

    /// A head that moves, and a forge that is still thinking, are looked at so often.
    private static let maximumLooks = 8

    func merge(_ id: PromotionID, on forge: any Forge) async throws -> PromotionReport.Action {
        for look in 0..<Self.maximumLooks {
            if look > 0 {
                try await session.workspace.clock.pause(milliseconds: 100 << min(look, 5))
            }
            if let action = try await mergeOnce(
                id, on: forge, isFirst: look == 0, isLast: look == Self.maximumLooks - 1)
            {
                return action
            }
        }
        throw EngineError.raced("\(forge.kind.name) has not merged \(id) yet", hint: "run the same command again")
    }

    /// One look and one try; nil to look again.
    ///
    /// - Parameter isFirst: whether the remote was asked just now.
    private func mergeOnce(_ id: PromotionID, on forge: any Forge, isFirst: Bool, isLast: Bool) async throws -> PromotionReport
        .Action?
    {
        let before = try await session.refresh(identifying: true, fetching: isFirst == false)
        let first = try await session.ledger(of: id.application, before)
        var promotion = try requirePromotion(id, in: first.state)
        if case .merged = promotion.state { return .alreadyMerged }
        if promotion.state == .requested {
            try await PullRequests(session: session).openPullRequest(id, on: forge, isFresh: false)
            promotion = try requirePromotion(id, in: try await session.ledger(of: id.application, before).state)
        }
        guard promotion.isOpen, let number = promotion.hostedNumber else {
            throw Refusal(.oneOpenPromotion, "\(id) is \(first.state.phase(of: promotion).rawValue), not open")
        }
        let pullRequest = try await forge.pullRequest(number)
        switch pullRequest.state {
        case .merged:
            try Self.requireMerged(try await recordMerge(id, of: pullRequest, on: forge), id)
            return .merged
        case .closed:
            throw Refusal(
                .oneOpenPromotion, "the pull request #\(number) of \(id) was closed on \(forge.kind.name): \(pullRequest.url)",
                hint: "reopen it there, or `promote close \(id) --reason …` and promote again")
        case .open: break
        }
        let reviews = try await ForgeReviews(session: session).readReviews(of: pullRequest, on: forge)
        try await record(reviews, of: id, pullRequest, before)
        let snapshot = try await session.refresh(identifying: true, fetching: false)
        let (checks, problem) = try await judge(id, pullRequest, reviews, snapshot)
        if let problem { throw problem }
        let action = "\(id) is not merged"
        if let refusal = checks.refusal(of: action, allowPending: false) {
            try await publishAgain(id, checks, on: forge, number: number, snapshot)
            throw refusal
        }
        if let environment = snapshot.policy.environment(promotion.environment) {
            try await MergePromotion(session: session).requireWholeChange(id, promotion, environment, checks, snapshot)
        }
        if pullRequest.isDraft, let text = promotion.pullRequest {
            try await forge.update(number, title: text.title, body: text.body)
        }
        try await PullRequests(session: session).publish(id, checks, on: forge, number: number, promotion.content, text: nil)
        session.reach(.forgeMerging)
        let message = MergeMessage(
            title: "Merge promotion \(id): \(promotion.release) into \(promotion.environment)",
            body: "Promotion: \(id)\nRelease: \(promotion.release)\nEnvironment: \(promotion.environment)\n")
        let outcome: ForgeMergeOutcome
        do throws(ForgeError) {
            outcome = try await forge.merge(number, pinnedTo: promotion.content.head, message)
        } catch {
            session.reach(.forgeMerged)
            // Whatever the answer was, or that there was none: the pull request tells.
            let now = try await forge.pullRequest(number)
            guard now.merge != nil else {
                // It did not merge, and will not: what is pinned to a head can be asked for again.
                if case .unavailable = error, !isLast { return nil }
                throw error
            }
            try Self.requireMerged(try await recordMerge(id, of: now, on: forge, byActor: true), id)
            return .merged
        }
        session.reach(.forgeMerged)
        return try await conclude(outcome, id, number, on: forge, isLast: isLast)
    }

    private static func requireMerged(_ steps: [SyncStep], _ id: PromotionID) throws {
        guard let violation = steps.first(where: { $0.action == .violation }) else { return }
        let place = violation.environment.map { "promote explain \($0) --app \(id.application)" }
        throw Refusal(
            .authorizedMerge, "what was merged for \(id) is not what was approved: \(violation.detail)",
            hint: place ?? "git show \(violation.commit?.hex ?? "")")
    }

    private func conclude(
        _ outcome: ForgeMergeOutcome, _ id: PromotionID, _ number: Int, on forge: any Forge, isLast: Bool
    ) async throws -> PromotionReport.Action? {
        let now = try await forge.pullRequest(number)
        if now.merge != nil {
            try Self.requireMerged(try await recordMerge(id, of: now, on: forge, byActor: true), id)
            return .merged
        }
        switch outcome {
        // It says so, and does not show it yet.
        case .merged, .scheduled: return nil
        case .headMoved: return nil
        case .conflict(let words):
            throw Refusal(
                .mergeable, "\(forge.kind.name) cannot merge #\(number): \(words)",
                hint: "promote the release again: a new pull request is made on the branch as it is now")
        case .notNow(let words):
            guard isLast else { return nil }
            throw Refusal(
                .mergeable, "\(forge.kind.name) does not merge #\(number) now: \(words)",
                hint: "see what its branch protection asks for: \(now.url)", isPending: true)
        case .notPermitted(let words):
            throw Refusal(
                .authorizedMerge, "\(forge.kind.name) does not let this token merge #\(number): \(words)",
                hint: "use a token of somebody who may merge into \(now.target)")
        case .isClosed: throw Refusal(.oneOpenPromotion, "the pull request #\(number) of \(id) is closed: \(now.url)")
        }
    }

    /// Brings the ledger up to date with what people said, before it is asked.
    ///
    /// - Parameter snapshot: the world as it was just seen.
    func record(
        _ reviews: ReadReviews, of id: PromotionID, _ pullRequest: ForgePullRequest, _ snapshot: Snapshot
    ) async throws {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        let found = ForgeReviews(session: session).findings(promotion, of: id.application, pullRequest, reviews, snapshot.policy)
        guard promotion.isOpen, !ForgeReviews(session: session).recordable(found.events, snapshot, state).isEmpty else { return }
        try await session.transact { _ in
            id.application
        } _: { snapshot, ledger, _ -> Proposal<Void> in
            let promotion = try requirePromotion(id, in: ledger.state)
            guard promotion.isOpen else { return Proposal { _ in } }
            let found = ForgeReviews(session: session).findings(
                promotion, of: id.application, pullRequest, reviews, snapshot.policy)
            return Proposal(events: ForgeReviews(session: session).recordable(found.events, snapshot, ledger.state)) { _ in }
        }
    }

    /// The checks of a promotion with a pull request, and what is wrong with that itself.
    func judge(
        _ id: PromotionID, _ pullRequest: ForgePullRequest, _ reviews: ReadReviews, _ snapshot: Snapshot,
        isMerging: Bool = true
    ) async throws -> (checks: [Check], problem: Refusal?) {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        let application = try snapshot.policy.application(named: id.application.text)
        let found = ForgeReviews(session: session).findings(promotion, of: id.application, pullRequest, reviews, snapshot.policy)
        let checks = try await PromotionChecks(session: session).checks(
            of: promotion, application, state, snapshot, merger: isMerging ? snapshot.actor : nil, reviews: found.reading)
        return (checks, problem(of: pullRequest, id, promotion, snapshot.policy))
    }

    /// Why a pull request is not, or is no longer, that of the promotion; nil when it is.
    func problem(
        of pullRequest: ForgePullRequest, _ id: PromotionID, _ promotion: Promotion, _ policy: Policy
    ) -> Refusal? {
        let hint = "promote the release again, or `promote close \(id) --reason …`"
        guard let environment = policy.environment(promotion.environment) else { return nil }
        let target = session.branch(of: environment)
        if pullRequest.target != target.text {
            return Refusal(
                .scope, "#\(pullRequest.number) of \(id) goes into \(pullRequest.target.displayable) now, not into \(target)",
                hint: hint)
        }
        if pullRequest.branch != promotion.content.branch.text {
            return Refusal(
                .scope, "#\(pullRequest.number) of \(id) is of another branch than \(promotion.content.branch)", hint: hint)
        }
        if let head = pullRequest.head, head != promotion.content.head {
            return Refusal(
                .scope,
                "somebody pushed to \(promotion.content.branch): its head is \(head.short), not \(promotion.content.head.short)",
                hint: hint)
        }
        return nil
    }

    func publishAgain(
        _ id: PromotionID, _ checks: [Check], on forge: any Forge, number: Int, _ snapshot: Snapshot
    ) async throws {
        let state = try await session.ledger(of: id.application, snapshot).state
        let promotion = try requirePromotion(id, in: state)
        guard promotion.isOpen, let environment = snapshot.policy.environment(promotion.environment) else { return }
        let application = try snapshot.policy.application(named: id.application.text)
        let text = try await PullRequests(session: session).pullRequestText(
            of: promotion, environment, application, state, checks)
        try await PullRequests(session: session).publish(id, checks, on: forge, number: number, promotion.content, text: text)
    }

    /// Records that a promotion was merged on the forge, once the branch shows it, or what is wrong with what came there.
    ///
    /// - Parameter byActor: whether this command merged it.
    /// - Returns: what was recorded.
    @discardableResult
    func recordMerge(
        _ id: PromotionID, of pullRequest: ForgePullRequest, on forge: any Forge, byActor: Bool = false
    ) async throws -> [SyncStep] {
        guard let merge = pullRequest.merge else { return [] }
        let snapshot = try await session.refresh(identifying: true)
        if !byActor {
            try await record(
                try await ForgeReviews(session: session).readReviews(of: pullRequest, on: forge), of: id, pullRequest, snapshot)
        }
        let promotion = try requirePromotion(id, in: try await session.ledger(of: id.application, snapshot).state)
        guard promotion.isOpen, let environment = snapshot.policy.environment(promotion.environment) else { return [] }
        let target = session.branch(of: environment)
        guard let commit = try await mergeCommit(of: promotion, merge, on: target) else {
            throw EngineError.raced(
                "\(forge.kind.name) says that #\(pullRequest.number) is merged, and \(target) does not have it yet",
                hint: "promote sync")
        }
        let word = merge.login.flatMap { login in
            snapshot.policy.forge.settings?.principal(of: login).map {
                ForgeWord(
                    forge: forge.kind, pullRequest: pullRequest.number, principal: $0, login: login, review: nil, at: merge.at)
            }
        }
        let merger: Merger
        if byActor || word?.principal == snapshot.actor.principal {
            merger = .actor(snapshot.actor)
        } else if let word {
            merger = .onForge(word)
        } else if try await isOwnAccount(merge.login, on: forge) {
            // With the token that is used here, and by somebody who could not record it any more: whoever finishes it, answers.
            merger = .actor(snapshot.actor)
        } else {
            merger = .unknown(merge.login?.displayable ?? "somebody")
        }
        var steps = try await SyncBranches(session: session).land(commit, on: target, merger, snapshot)
        if steps.isEmpty, try await recordUnchanged(id, merger, commit) {
            steps = [
                SyncStep(
                    action: .merged, application: id.application, environment: promotion.environment, promotion: id,
                    commit: commit, detail: "by \(merger.actor.principal), \(merger.means)")
            ]
        }
        session.reach(.forgeMergeRecorded)
        return steps
    }

    /// Records a merge that changed nothing, as when somebody brought the same edit before: what it proposes is there.
    private func recordUnchanged(_ id: PromotionID, _ merger: Merger, _ commit: CommitID) async throws -> Bool {
        try await session.transact { _ in
            id.application
        } _: { snapshot, ledger, _ -> Proposal<Bool> in
            let promotion = try requirePromotion(id, in: ledger.state)
            guard promotion.isOpen,
                let parent = try await session.workspace.repository.scratch({ try $0.firstParent(of: commit) })
            else { return Proposal { _ in false } }
            let application = try snapshot.policy.application(named: id.application.text)
            let mergePoint = MergePoint(base: parent, policy: snapshot.policy, time: snapshot.time, commit: commit)
            let checks = try await PromotionChecks(session: session).checks(
                of: promotion, application, ledger.state, snapshot, merger: merger.actor, mergePoint: mergePoint)
            if let refusal = checks.refusal(of: "\(id) is not recorded as merged", allowPending: false) { throw refusal }
            return try await SyncBranches(session: session).foundMerge(of: promotion, commit, merger, answer: true)
        }
    }

    /// Whether an account is the one whose token is used here.
    private func isOwnAccount(_ login: String?, on forge: any Forge) async throws -> Bool {
        guard let login else { return false }
        do throws(ForgeError) {
            return try await forge.account().login.lowercased() == login.lowercased()
        } catch {
            switch error {
            case .unavailable, .rateLimited: throw error
            // Tokens of machines have no account; then nobody is assumed.
            case .unauthorized, .notFound, .alreadyOpen, .rejected, .malformed: return false
            }
        }
    }

    /// What a merge made of the branch: as the forge says, or as the branch itself shows; nil while it does not.
    private func mergeCommit(
        of promotion: Promotion, _ merge: ForgePullRequest.Merge, on branch: BranchName
    ) async throws -> CommitID? {
        guard let tip = try await session.workspace.remote.head(of: branch) else { return nil }
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
