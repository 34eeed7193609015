public import GitOpsTypes
import GitStore
public import PromotionDomain
import PromotionLedger
import PromotionProjection

/// What a push asks of one ref, as Git's pre-receive hook is told.
///
/// Source: githooks(5), pre-receive.
public struct ReceivedUpdate: Hashable, Sendable {
    public let ref: String
    /// Nil when it is made.
    public let old: CommitID?
    /// Nil when it is deleted.
    public let new: CommitID?

    public init(ref: String, old: CommitID?, new: CommitID?) {
        self.ref = ref
        self.old = old
        self.new = new
    }

    /// Reads `<old> <new> <ref>`; nil for anything else.
    public init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3 else { return nil }
        func commit(_ text: Substring.SubSequence) -> (isRead: Bool, commit: CommitID?) {
            if !text.isEmpty, text.allSatisfy({ $0 == "0" }) { return (true, nil) }
            let commit = CommitID(String(text))
            return (commit != nil, commit)
        }
        let (old, new) = (commit(Substring(parts[0])), commit(Substring(parts[1])))
        guard old.isRead, new.isRead else { return nil }
        self.init(ref: String(parts[2]), old: old.commit, new: new.commit)
    }
}

/// One of the tips that a push gives a branch, as it is judged.
struct PushedStep: Sendable {
    /// The policy that counts before it.
    let policy: Policy
    /// Which policy counts from where on, up to where the push leads.
    let timeline: PolicyTimeline
}

/// Why a push is refused, and at which ref.
public struct ReceiveRefusal: Sendable {
    /// As it was pushed.
    public let ref: String
    public let refusal: Refusal
}

/// Judges a push for the hook, before any of it lands.
struct ReceivePush: Sendable {
    let session: Session

    /// Judges a push before any of it lands: changes of branches with desired state as `gate` does, events as every reader will,
    /// and branches of promotions by the ledger. Names that would stand in the way of those, or be taken for them, are refused;
    /// other refs are let through.
    ///
    /// - Returns: what stands against it; the push lands whole or not at all.
    func receive(_ updates: [ReceivedUpdate]) async throws -> [ReceiveRefusal] {
        if let refusal = Doctor(session: session).unexaminedRefusal() {
            return updates.map { ReceiveRefusal(ref: $0.ref, refusal: refusal) }
        }
        let updates = try await resolved(updates)
        guard try await session.workspace.remote.head(of: session.workspace.targetBranch) != nil else {
            return try await receiveFirst(updates)
        }
        let snapshot: Snapshot
        do {
            snapshot = try await session.refresh(mayBeUnreadable: true)
        } catch EngineError.configuration
            where updates.allSatisfy({ $0.update.ref == session.workspace.targetBranch.ref && $0.update.new != nil })
        {
            // There is no policy yet that could be asked, and this may bring it.
            return []
        }
        let guarded = try await guardedBranches(snapshot.policy)
        let refs = GuardedRefs(desiredState: guarded.keys, ledgers: session.workspace.ledgers)
        var proposed: [BranchName: CommitID] = [:]
        for update in updates {
            guard let branch = BranchName(ref: update.update.ref), let new = update.update.new else { continue }
            for name in guarded[branch] ?? [branch] { proposed[name] = new }
        }
        let isTold = updates.contains { if case .ledger = refs.meaning(of: $0.update.ref) { true } else { false } }
        var states: [ApplicationName: ApplicationState] = [:]
        var refusals: [ReceiveRefusal] = []
        for item in updates {
            do throws(Refusal) {
                switch refs.meaning(of: item.update.ref) {
                case .ledger(let name):
                    states[name] = try await receive(item.update, ofLedger: name, snapshot, proposed)
                case .desiredState(let branch):
                    for name in guarded[branch] ?? [branch] {
                        try await receive(item.update, of: name, isTold: isTold, snapshot)
                    }
                case .promotion: break
                case .unguarded: try await receiveUnguarded(item.update, refs)
                }
            } catch {
                refusals.append(item.refused(error))
            }
        }
        // Branches of promotions, by what the ledgers say after the push.
        for item in updates {
            guard case .promotion(let id, let branch) = refs.meaning(of: item.update.ref) else { continue }
            do throws(Refusal) {
                let state = try await state(of: id.application, among: &states, snapshot)
                if let refusal = Self.refusal(of: item.update, branch, id, state) { throw refusal }
            } catch {
                refusals.append(item.refused(error))
            }
        }
        return refusals
    }

    /// The state of an application after the push, read once; without events where the policy does not know it.
    private func state(
        of application: ApplicationName, among known: inout [ApplicationName: ApplicationState], _ snapshot: Snapshot
    ) async throws(Refusal) -> ApplicationState {
        if let state = known[application] { return state }
        guard snapshot.policy.anyApplication(application) != nil else { return ApplicationState(application: application) }
        let state = try await judged { try await session.ledger(of: application, snapshot).state }
        known[application] = state
        return state
    }

    private func receiveUnguarded(_ update: ReceivedUpdate, _ refs: GuardedRefs) async throws(Refusal) {
        guard update.new != nil else { return }
        if let problem = refs.problem(with: update.ref) { throw problem }
        guard let word = update.ref.split(separator: "/").last, update.old == nil,
            try await judged({ try await session.workspace.repository.scratch { try $0.hasObject(abbreviated: String(word)) } })
        else { return }
        throw Refusal(
            .scope, "\(word) is how Git and people abbreviate an object of this repository", hint: "choose another name")
    }

    // MARK: Branches with desired state

    /// - Parameter isTold: whether events come with it, which say what was merged.
    private func receive(
        _ update: ReceivedUpdate, of branch: BranchName, isTold: Bool, _ snapshot: Snapshot
    ) async throws(Refusal) {
        guard let new = update.new else {
            throw Refusal(.scope, "\(branch) holds what environments run and is not deleted")
        }
        try await judged {
            let isTarget = branch == session.workspace.targetBranch
            var timeline = snapshot.timeline
            if isTarget {
                let proposed = try await session.policies.timeline(tip: new, isKept: false)
                timeline = try await session.policies.timeline(proposed, with: snapshot.timeline.judgement.approvals)
            }
            // What a new branch brings was not judged on it before: it is compared with nothing at all.
            let old =
                if let old = update.old { old } else { try await session.workspace.repository.scratch { try $0.emptyCommit() } }
            let line = update.old == nil ? [new] : try await line(of: branch, from: old, to: new)
            var base = old
            // Each tip that the branch would have had is judged, as it is later: a policy of a moment would count for ever.
            for commit in line {
                let policy = isTarget ? try await session.policies.policy(at: base, timeline) : nil
                let step = PushedStep(policy: policy ?? snapshot.policy, timeline: timeline)
                let report = try await ChangeGate(session: session).judge(
                    from: base, to: commit, on: branch, snapshot,
                    merger: try await SyncBranches(session: session).committer(of: commit), step: step)
                try require(report, of: commit, isOnlyOne: line.count == 1)
                if report.entries.contains(where: \.isChanged) {
                    try await requireByItsDate(from: base, to: commit, on: branch, step, isTold: isTold, snapshot)
                }
                base = commit
            }
        }
    }

    /// The tips that a push gives a branch one after another, oldest first.
    private func line(of branch: BranchName, from old: CommitID, to new: CommitID) async throws -> [CommitID] {
        let (isAncestor, line) = try await session.workspace.repository.scratch { objects -> (Bool, [CommitID]?) in
            guard try objects.isCommit(new, atOrAfter: old) else { return (false, nil) }
            var line: [CommitID] = []
            var next: CommitID? = new
            while let commit = next, commit != old {
                line.append(commit)
                next = try objects.firstParent(of: commit)
            }
            return (true, next == old ? line.reversed() : nil)
        }
        guard isAncestor else {
            throw Refusal(
                .ledgerIntact, "\(new.short) does not follow from \(old.short): what was merged would be taken away",
                hint: "git pull --rebase, or git revert what is wrong, and push that")
        }
        guard let line else {
            throw Refusal(
                .ledgerIntact,
                "the first parents of \(new.short) do not lead to \(old.short), which \(branch) is at: what the branch was would be replaced by what was merged into it",
                hint:
                    "git fetch origin && git rebase origin/\(branch), and push that; or merge yours into a checkout of origin/\(branch), as git pull does not"
            )
        }
        return line
    }

    private func require(_ report: ChangeReport, of commit: CommitID, isOnlyOne: Bool) throws(Refusal) {
        let checks = report.placedChecks.filter { $0.status != .pass }
        guard let obstacle = checks.first(where: { $0.status == .fail }) ?? checks.first else { return }
        let place = isOnlyOne ? "" : "commit \(commit.short) of the push: "
        let remedy =
            isOnlyOne
            ? "" : "; each commit of a push is judged: what was approved as a whole is merged with `git merge --no-ff`"
        throw Refusal(
            obstacle.rule, place + obstacle.detail,
            hint: obstacle.clearedBy.isEmpty
                ? isOnlyOne ? nil : "git merge --no-ff, and push that"
                : "who can clear it: \(obstacle.clearedBy.joined(separator: ", "))\(remedy)",
            checks: checks.count > 1 ? checks : [])
    }

    // MARK: Ledgers

    private func receive(
        _ update: ReceivedUpdate, ofLedger name: ApplicationName, _ snapshot: Snapshot, _ proposed: [BranchName: CommitID]
    ) async throws(Refusal) -> ApplicationState {
        guard let new = update.new else {
            throw Refusal(.ledgerIntact, "the ledger of \(name) is the record of what happened and is not deleted")
        }
        guard name == .environments || snapshot.policy.anyApplication(name) != nil else {
            let known = snapshot.policy.applications.map(\.name.text).joined(separator: ", ")
            throw Refusal(
                .ledgerIntact,
                "the policy of \(session.workspace.targetBranch) has no application \(name), so that nothing belongs into its ledger",
                hint: "applications are added in environments/ first; known: \(known.isEmpty ? "none" : known)")
        }
        let old = update.old
        return try await judged {
            let view = try await session.ledger(of: name, snapshot)
            // Reading may have stopped in front of an event that is dated ahead: what follows may be an operator's word on it.
            let head = view.head
            guard try await session.workspace.remote.head(of: session.workspace.ledgers.branch(of: name)) == old,
                let records = try await session.workspace.repository.scratch({
                    try LedgerReader($0).records(after: head, to: new)
                }),
                head == old || records.contains(where: { $0.commit == old })
            else {
                throw Refusal(
                    .ledgerIntact, "the ledger of \(name) only grows, and \(new.short) does not follow from its head",
                    hint: "nothing was changed; run the command again")
            }
            let judge = try await session.ledgerJudge(of: name, snapshot, proposed: proposed)
            let seen = try session.workspace.store.eventIDs(
                of: name,
                among: records.compactMap { if case .event(let event, _) = $0.content { event.id } else { nil } })
            let folded = try await judge.judge(
                records, from: view.state, after: view.position, seenIDs: seen, skips: view.skips,
                isArriving: true)
            if let early = folded.early, !Self.passesOver(view.early, early, records, after: old) {
                throw Refusal(
                    .ledgerIntact,
                    "the event \(early.commit.short) is dated \(early.event.time), and here it is \(snapshot.time)",
                    hint: view.early?.commit == early.commit
                        ? "set the clock that is wrong, or: promote audit skip \(early.commit.hex) --app \(name) --reason <why>"
                        : "it did not land: set the clock that is wrong, and run the command again")
            }
            let known = head == old ? 0 : (folded.records.firstIndex { $0.commit == old } ?? -1) + 1
            for record in folded.early == nil ? folded.records.dropFirst(known) : [] {
                if let rejection = record.rejection {
                    throw Refusal(
                        .ledgerIntact, "the event \(record.commit.short) would count for no reader: \(rejection.reason)")
                }
                guard case .event(let event, let actor) = record.content else { continue }
                try await ArrivingEvents(session: session).requireOfNow(event, by: actor, record.commit, in: name, snapshot)
                if case .promotionMerged(let merge) = event.payload {
                    try await requireProposed(merge, folded.state, snapshot)
                }
                // Only here, where it arrives, can a time be told to be made up.
                guard event.time.adding(seconds: LedgerReplay.toleranceSeconds) >= snapshot.time else {
                    throw Refusal(
                        .ledgerIntact,
                        "the event \(record.commit.short) of \(event.actor) is dated \(event.time), and it comes at \(snapshot.time)",
                        hint: "set the clock that is wrong, and run the command again")
                }
            }
            return folded.state
        }
    }

    /// Whether a push is one word on the event in front of which reading stopped, and reading now stops at a later one, which was
    /// there before: that is for the next word.
    private static func passesOver(
        _ first: FutureDatedEvent?, _ next: FutureDatedEvent, _ records: [LedgerRecord], after old: CommitID?
    ) -> Bool {
        guard let first, let word = records.last, records.dropLast().last?.commit == old else { return false }
        return word.skipped == first.commit && next.commit != first.commit && next.commit != word.commit
    }

    // MARK: Branches of promotions

    private static func refusal(
        of update: ReceivedUpdate, _ branch: BranchName, _ id: PromotionID, _ state: ApplicationState
    ) -> Refusal? {
        let promotion = state.promotion(id.number).flatMap { $0.content.branch == branch ? $0 : nil }
        guard let new = update.new else {
            guard let promotion, promotion.isOpen else { return nil }
            return Refusal(
                .scope, "\(branch) is what \(id) proposes, and that is open", hint: "promote close \(id) --reason <why>")
        }
        guard let promotion, promotion.isOpen, promotion.content.head == new else {
            return Refusal(
                .scope, "\(new.short) is not what the ledger says that \(id) proposes",
                hint: "promotions are made with `promote <from> <to>`, and changed by promoting again")
        }
        return nil
    }

    /// What goes wrong while judging stands against a push as much as a rule does.
    func judged<Result>(_ body: () async throws -> Result) async throws(Refusal) -> Result {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.scope, "it cannot be judged: \(error)")
        }
    }
}
