import GitOpsTypes
import GitStore
public import PromotionDomain
public import PromotionLedger

/// An event that is dated ahead, and that readers go on past.
public struct SkipReport: Sendable {
    public let application: ApplicationName
    public let event: FutureDatedEvent
    /// False when it was passed over before already.
    public let isNew: Bool
}

/// The way past an event that is dated ahead of every clock.
struct SkipEvent: Sendable {
    let session: Session

    /// An event dated further ahead than this is no matter of clocks that differ: an operator's command passes over it by itself.
    private static let absurdSeconds: Int64 = 30 * 86_400
    /// A ledger that was left alone for so long is looked at before it is written to: the clock may be wrong.
    private static let idleSeconds: Int64 = 366 * 86_400
    private static let maximumSkipTries = 5

    /// Says, signed, that the event of `commit` does not count, so that every reader goes on past it.
    ///
    /// - Parameter commit: the ledger's commit, or how it begins.
    /// - Returns: the ledger's application, the event, and whether it was passed over just now, and not before already.
    /// - Throws: `Refusal` where the actor may not, `EngineError.usage` where reading does not stop in front of that event.
    func skip(
        _ commit: String, application: String?, reason: String
    ) async throws -> SkipReport {
        for _ in 0..<Self.maximumSkipTries {
            let snapshot = try await session.refresh(identifying: true)
            let name = try snapshot.policy.ledger(named: application)
            let ledger = try await session.ledger(of: name, snapshot)
            guard let early = ledger.early, Self.isName(commit, of: early.commit) else {
                if let skipped = try await passedOver(commit, name, snapshot) {
                    return SkipReport(application: name, event: skipped, isNew: false)
                }
                throw EngineError.usage(
                    "the ledger of \(name) \(ledger.early.map { "stops in front of \($0.commit.hex)" } ?? "stops in front of no event")",
                    hint: ledger.early == nil ? "see `promote audit verify`" : "name that one")
            }
            if try await write(.init(commit: early.commit, reason: reason), on: early, name, snapshot, ledger) {
                return SkipReport(application: name, event: early, isNew: true)
            }
        }
        throw EngineError.raced("the ledger moved meanwhile", hint: "run the same command again")
    }

    private static func isName(_ text: String, of commit: CommitID) -> Bool {
        text.utf8.count >= 7 && commit.hex.hasPrefix(text.lowercased())
    }

    /// The event that people call `text`, where an operator's word that counts passed over it before.
    private func passedOver(
        _ text: String, _ application: ApplicationName, _ snapshot: Snapshot
    ) async throws -> FutureDatedEvent? {
        guard let head = try await session.workspace.remote.head(of: session.workspace.ledgers.branch(of: application)),
            let records = try await session.workspace.repository.scratch({ try LedgerReader($0).records(after: nil, to: head) })
        else { return nil }
        let folded = try await session.ledgerJudge(of: application, snapshot).judge(
            records, from: ApplicationState(application: application), after: nil, seenIDs: [])
        for record in folded.records where record.rejection?.isPassedOver == true && Self.isName(text, of: record.commit) {
            if case .event(let event, _) = record.content { return FutureDatedEvent(commit: record.commit, event: event) }
        }
        return nil
    }

    /// Passes over an event that is absurdly far ahead, where the actor may say so.
    ///
    /// - Throws: `Refusal` in all other cases: then the clock, or an operator, has to be asked.
    func passOver(
        _ early: FutureDatedEvent, _ application: ApplicationName, _ snapshot: Snapshot, _ ledger: LedgerView
    ) async throws {
        let tip = try await session.workspace.repository.scratch { try $0.commit(snapshot.tip).committer.time }
        let isAbsurd = early.event.time.seconds > snapshot.time.seconds + Self.absurdSeconds
        // A clock that is behind the target branch is the one that is wrong.
        let isBehind = tip.seconds > snapshot.time.seconds + LedgerReplay.toleranceSeconds
        let reason = "it is dated more than 30 days ahead"
        guard isAbsurd, !isBehind else { throw refusal(of: early, application, at: snapshot.time) }
        do {
            _ = try await write(.init(commit: early.commit, reason: reason), on: early, application, snapshot, ledger)
        } catch is Refusal {
            // For an operator to say.
            throw refusal(of: early, application, at: snapshot.time)
        }
    }

    func refusal(of early: FutureDatedEvent, _ application: ApplicationName, at now: Timestamp) -> Refusal {
        Refusal(
            .ledgerIntact,
            "the event \(early.commit.short) of \(early.event.actor) is dated \(early.event.time), and here it is \(now)",
            hint: "set the clock that is wrong; if it was that of \(early.event.actor), an operator goes on past the event: "
                + "promote audit skip \(early.commit.hex) --app \(application) --reason <why>")
    }

    /// Pushes the word on top of all that the ledger has.
    ///
    /// - Returns: false when the ledger moved meanwhile.
    private func write(
        _ skip: Event.EventSkipped, on early: FutureDatedEvent, _ application: ApplicationName, _ snapshot: Snapshot,
        _ ledger: LedgerView
    ) async throws -> Bool {
        let event = session.event(
            .eventSkipped(skip), of: ledger.state.application, after: ledger.position?.lastTime, snapshot)
        try EventAdmission(state: ledger.state, policy: snapshot.policy, freezes: []).admit(event, by: snapshot.actor)
        let branch = session.workspace.ledgers.branch(of: application)
        let parent = try await session.workspace.remote.head(of: branch)
        let factory = CommitFactory(
            repository: session.workspace.repository, signer: session.identity.signer, faults: session.workspace.faults)
        let commits = try await LedgerWriter(factory).prepare(
            [event], on: parent, from: ledger.state, committer: session.committer(at: snapshot.time))
        guard let head = commits.last?.id else { return false }
        try await requirePassedOver(early, by: head, application, snapshot, ledger)
        try await factory.keep(commits)
        switch try await session.push([RefUpdate(branch, from: parent, to: head)]) {
        case .done: return true
        case .moved: return false
        case .refused(let reasons):
            throw EngineError.remoteRefused(
                reasons: reasons,
                unmet: try await session.workspace.remote.reception(session.workspace.targetBranch, snapshot.tip)?.unmet ?? [])
        }
    }

    /// That every reader will go on past the event, read as they will read it.
    private func requirePassedOver(
        _ early: FutureDatedEvent, by head: CommitID, _ application: ApplicationName, _ snapshot: Snapshot, _ ledger: LedgerView
    ) async throws {
        let start = ledger.head
        let records =
            try await session.workspace.repository.scratch { try LedgerReader($0).records(after: start, to: head) } ?? []
        let judge = try await session.ledgerJudge(of: application, snapshot)
        let folded = try await judge.judge(
            records, from: ledger.state, after: ledger.position, seenIDs: [], skips: ledger.skips)
        let word = folded.records.first { $0.commit == head }
        guard folded.early?.commit != early.commit, word?.rejection == nil else {
            throw Refusal(
                .ledgerIntact, "the word on \(early.commit.short) would not count: \(word?.rejection?.reason ?? "see the clock")",
                hint: "check user.signingkey, the clock, and your line in environments/allowed_signers")
        }
    }

    // MARK: The clock

    /// So many tips of the target branch are asked for a time that is not long ago.
    private static let maximumDatedTips = 1000

    /// The newest time that the target branch and the ledger tell, ahead or not.
    ///
    /// A tip may carry a date of long ago, as after `git rebase --committer-date-is-author-date`: then those before it are asked.
    func newestTime(_ snapshot: Snapshot, _ ledger: LedgerView? = nil) async throws -> Timestamp {
        let long = snapshot.time.seconds - Self.idleSeconds
        let tip = snapshot.tip
        let found = try await session.workspace.repository.scratch { objects in
            var newest = try objects.commit(tip).committer.time
            var next = try objects.firstParent(of: tip)
            for _ in 0..<Self.maximumDatedTips {
                guard newest.seconds < long, let id = next else { break }
                newest = max(newest, try objects.commit(id).committer.time)
                next = try objects.firstParent(of: id)
            }
            return newest
        }
        return max(found, ledger?.position?.lastTime ?? found)
    }

    /// - Throws: `EngineError.configuration` when this machine's clock is far ahead of everything that is known of the repository.
    func requireClock(_ snapshot: Snapshot, _ newest: Timestamp) throws {
        guard let problem = clockProblem(snapshot, newest) else { return }
        throw EngineError.configuration(
            problem, hint: "set this machine's clock; if it is right, push a commit to \(session.workspace.targetBranch) first")
    }

    func clockProblem(_ snapshot: Snapshot, _ newest: Timestamp) -> String? {
        guard snapshot.time.seconds > newest.seconds + Self.idleSeconds else { return nil }
        return
            "here it is \(snapshot.time), and the newest that \(session.workspace.targetBranch) and the ledger tell is of \(newest), more than a year before"
    }
}
