import FaultInjection
import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// What a command wants done, decided on one view of the world.
struct Proposal<Outcome: Sendable>: Sendable {
    /// Events to append; none when there is nothing to do.
    var events: [Event.Payload] = []
    /// Commits, other than the ledger's, that the refs move to.
    var commits: [PreparedCommit] = []
    /// Refs to move in the same push.
    var refs: [RefUpdate] = []
    /// What the command answers, given the state afterwards.
    var outcome: @Sendable (LedgerView) -> Outcome
}

extension Proposal {
    /// What was decided on the ledger alone, with what moves in the same push.
    init<Answer>(
        _ decision: Decision<Answer>, commits: [PreparedCommit] = [], refs: [RefUpdate] = [],
        outcome: @escaping @Sendable (Answer, ApplicationState) -> Outcome
    ) {
        self.init(events: decision.events, commits: commits, refs: refs) { outcome(decision.answer($0.state), $0.state) }
    }
}

/// What a transaction came to, and the world after it.
struct Completed<Outcome: Sendable>: Sendable {
    let outcome: Outcome
    let snapshot: Snapshot
    let ledger: LedgerView
}

extension Session {
    /// Tries so often before giving way. Each lost try means that another writer got something done.
    private static let maximumTries = 12

    /// Decides and pushes, again and again as long as another writer is faster.
    ///
    /// - Parameters:
    ///   - start: the world as it was just seen, with the actor; nil to look first.
    ///   - decide: what to do in a world; its `hasLost` says that an earlier try lost, so that what is found done now was done by
    ///     another writer meanwhile.
    /// - Throws: `Refusal`, `EngineError`, `GitError`; nothing was changed then.
    func transact<Outcome: Sendable>(
        on application: (Policy) throws -> ApplicationName, from start: Snapshot? = nil,
        _ decide: (Snapshot, LedgerView, _ hasLost: Bool) async throws -> Proposal<Outcome>
    ) async throws -> Completed<Outcome> {
        guard !workspace.isOffline else {
            throw EngineError.usage("--offline only looks; this command changes something", hint: "run it without --offline")
        }
        guard identity.user != nil else {
            throw EngineError.configuration(
                "Git does not know who you are", hint: "git config user.email <you>, or set PROMOTE_ACTOR")
        }
        if let problem = workspace.writingProblem { throw EngineError.configuration(problem.what, hint: problem.hint) }
        var winner = ""
        var hasLost = false
        var next = start
        for attempt in 0..<Self.maximumTries {
            if attempt > 0 {
                try await workspace.clock.pause(milliseconds: workspace.identifiers.jitter(upTo: 40 << min(attempt, 5)))
            }
            let snapshot = if let next { try await current(next) } else { try await refresh(identifying: true) }
            next = nil
            do {
                switch try await self.attempt(on: application, snapshot, hasLost: hasLost, decide) {
                case .done(let completed): return completed
                case .passedOver: continue
                case .lost(let faster): winner = faster
                }
            } catch let refusal as Refusal {
                throw KeyAdvice(session: self).explained(refusal, snapshot)
            }
            hasLost = true
        }
        throw EngineError.raced(
            "gave up after \(Self.maximumTries) push conflicts, the last with \(winner)", hint: "run the same command again")
    }

    private enum Attempt<Outcome: Sendable>: Sendable {
        case done(Completed<Outcome>)
        /// Another writer moved a branch first: who, and with what.
        case lost(to: String)
        /// An event that is dated ahead was in the way, and is no more.
        case passedOver
    }

    /// Decides once, and pushes what was decided.
    private func attempt<Outcome: Sendable>(
        on application: (Policy) throws -> ApplicationName, _ snapshot: Snapshot, hasLost: Bool,
        _ decide: (Snapshot, LedgerView, _ hasLost: Bool) async throws -> Proposal<Outcome>
    ) async throws -> Attempt<Outcome> {
        let name = try application(snapshot.policy)
        let ledger = try await self.ledger(of: name, snapshot)
        reach(.ledgerRead)
        if let newer = ledger.position?.newerEvent {
            throw Refusal(
                .ledgerIntact, "the event \(newer.short) was written by a newer promote, and what it means is not known here",
                hint: "update promote; see `promote history --app \(name)`")
        }
        try SkipEvent(session: self).requireClock(snapshot, try await SkipEvent(session: self).newestTime(snapshot, ledger))
        if let early = ledger.early {
            try await SkipEvent(session: self).passOver(early, name, snapshot, ledger)
            return .passedOver
        }
        let proposal = try await decide(snapshot, ledger, hasLost)
        reach(.decided)
        func unchanged() -> Attempt<Outcome> {
            .done(Completed(outcome: proposal.outcome(ledger), snapshot: snapshot, ledger: ledger))
        }
        guard !proposal.events.isEmpty else { return unchanged() }
        let events = try await admitted(proposal.events, snapshot, ledger)
        reach(.eventsAdmitted)
        let factory = CommitFactory(repository: workspace.repository, signer: identity.signer, faults: workspace.faults)
        let commits = try await LedgerWriter(factory).prepare(
            events, on: ledger.head, from: ledger.state, committer: committer(at: snapshot.time))
        guard let head = commits.last?.id else { return unchanged() }
        reach(.commitsPrepared)
        try await requireAccepted(commits, merges: Set(proposal.commits.map(\.id)), name, snapshot, ledger)
        reach(.commitsJudged)
        try await factory.keep(proposal.commits + commits)
        reach(.objectsKept)
        let updates = [RefUpdate(workspace.ledgers.branch(of: name), from: ledger.head, to: head)] + proposal.refs
        switch try await push(updates) {
        case .done:
            reach(.pushed)
            let later = try await current(snapshot)
            let written = try await self.ledger(of: name, later)
            reach(.ledgerReadAgain)
            return .done(Completed(outcome: proposal.outcome(written), snapshot: later, ledger: written))
        case .moved(let branch): return .lost(to: try await winner(of: branch, name, snapshot))
        case .refused(let reasons):
            // A server takes events of the policy of now only, and that may be another by now.
            let target = workspace.targetBranch
            if try await workspace.remote.head(of: target) != snapshot.tip {
                return .lost(to: try await winner(of: target, name, snapshot))
            }
            try await BlockingBranches(session: self).requireUnblocked(updates)
            throw EngineError.remoteRefused(
                reasons: reasons,
                unmet: try await workspace.remote.reception(workspace.targetBranch, snapshot.tip)?.unmet ?? [])
        }
    }

    /// The events with their ids and times, each judged as every reader will judge it.
    private func admitted(
        _ payloads: [Event.Payload], _ snapshot: Snapshot, _ ledger: LedgerView
    ) async throws -> [Event] {
        var state = ledger.state
        var events: [Event] = []
        for payload in payloads {
            let event = event(payload, of: state.application, after: ledger.position?.lastTime, snapshot)
            try EventAdmission(state: state, policy: snapshot.policy, freezes: snapshot.freezes).admit(
                event, by: snapshot.actor, observed: try await observed(payload, state, snapshot))
            state.apply(event, key: snapshot.actor.keyFingerprint)
            events.append(event)
        }
        return events
    }

    private func observed(
        _ payload: Event.Payload, _ state: ApplicationState, _ snapshot: Snapshot
    ) async throws -> ObservedMerge? {
        guard case .promotionMerged(let merge) = payload, merge.merger != nil else { return nil }
        let tips = Set(state.promotion(merge.promotion)?.approvals.map(\.policyCommit) ?? [])
        return try await workspace.repository.scratch { [lines] objects in
            var observed = try LedgerReader(objects).observed(merge.commit)
            observed?.late = try tips.filter { tip in
                try lines.with(snapshot.tip) { try $0.isCommit(tip, atOrAfter: merge.commit, objects) }
            }
            return observed
        }
    }

    /// Reads the prepared commits as every reader will, before they are pushed: a key that signs otherwise than it says, or a
    /// signature that cannot be verified, is found here and not after the push.
    private func requireAccepted(
        _ commits: [PreparedCommit], merges: Set<CommitID>, _ application: ApplicationName, _ snapshot: Snapshot,
        _ ledger: LedgerView
    ) async throws {
        guard let last = commits.last?.id else { return }
        let start = ledger.head
        let records = try await workspace.repository.scratch { try LedgerReader($0).records(after: start, to: last) } ?? []
        let judge = try await ledgerJudge(of: application, snapshot)
        let folded = try await judge.judge(
            records, from: ledger.state, after: ledger.position, seenIDs: [], pending: merges)
        for record in folded.records {
            if let rejection = record.rejection {
                throw Refusal(
                    .authorized, "every reader would refuse this: \(rejection.reason)",
                    hint: "check user.signingkey, gpg.ssh.program and your line in environments/allowed_signers")
            }
        }
    }

    /// Who moved a branch of the remote, and with what.
    private func winner(of branch: BranchName, _ application: ApplicationName, _ snapshot: Snapshot) async throws -> String {
        if branch == workspace.ledgers.branch(of: application) {
            _ = try await ledger(of: application, snapshot, extent: .present)
            let last = try workspace.store.history(of: [application], environment: nil, limit: 1).first
            return last.map { "\($0.actor ?? "an unknown actor") with “\($0.summary)”" } ?? "on \(branch)"
        }
        guard let head = try await workspace.remote.head(of: branch) else { return "deleting \(branch)" }
        let commit = try await workspace.repository.scratch { try $0.commit(head) }
        return "\(commit.committer.name.displayable) on \(branch) with \(head.short)"
    }
}
