public import GitOpsTypes
import GitStore
import PromotionGates
import PromotionLedger
public import PromotionModel
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

/// Why a push is refused, and at which ref.
public struct ReceiveRefusal: Sendable {
    public let ref: String
    public let refusal: Refusal
}

extension PromotionEngine {
    /// Judges a push before any of it lands: changes of branches with desired state as `gate` does, events as every reader will,
    /// and branches of promotions by the ledger. Other refs are nobody's business here.
    ///
    /// - Returns: what stands against it; the push lands whole or not at all.
    public func receive(_ updates: [ReceivedUpdate]) async throws -> [ReceiveRefusal] {
        if let refusal = unexaminedRefusal() { return updates.map { ReceiveRefusal(ref: $0.ref, refusal: refusal) } }
        let targetRef = workspace.targetBranch.ref
        // A repository whose target branch does not exist is only being set up.
        guard try await workspace.remote.head(of: workspace.targetBranch) != nil else { return [] }
        let situation: Situation
        do {
            situation = try await look()
        } catch EngineError.configuration where updates.allSatisfy({ $0.ref == targetRef && $0.new != nil }) {
            // There is no policy yet that could be asked, and this may bring it.
            return []
        }
        var proposed: [BranchName: CommitID] = [:]
        for update in updates {
            if let branch = BranchName(ref: update.ref), let new = update.new { proposed[branch] = new }
        }
        var states: [ApplicationName: ApplicationState] = [:]
        var refusals: [ReceiveRefusal] = []
        func refuse(_ update: ReceivedUpdate, _ refusal: Refusal) {
            refusals.append(ReceiveRefusal(ref: update.ref, refusal: refusal))
        }
        let branches = updates.compactMap { update in BranchName(ref: update.ref).map { (update, $0) } }
        for (update, branch) in branches {
            do throws(Refusal) {
                if let name = ledgerName(of: branch) {
                    states[name] = try await receive(update, ofLedger: name, situation, proposed)
                } else if desiredStateBranches(situation.policy).contains(branch) {
                    try await receive(update, of: branch, situation)
                }
            } catch {
                refuse(update, error)
            }
        }
        // Branches of promotions, by what the ledgers say after the push.
        for (update, branch) in branches {
            guard let id = Self.promotion(ofBranch: branch), situation.policy.application(id.application) != nil else { continue }
            let state: ApplicationState
            if let known = states[id.application] {
                state = known
            } else {
                state = try await ledger(of: id.application, situation).state
            }
            if let refusal = Self.refusal(of: update, branch, id, state) { refuse(update, refusal) }
        }
        return refusals
    }

    private func desiredStateBranches(_ policy: Policy) -> Set<BranchName> {
        Set(policy.environments.map { branch(of: $0) }).union([workspace.targetBranch])
    }

    private func ledgerName(of branch: BranchName) -> ApplicationName? {
        guard branch.text.hasPrefix(workspace.ledgers.prefix) else { return nil }
        let name = branch.text.dropFirst(workspace.ledgers.prefix.count)
        if name == ApplicationName.environments.text { return .environments }
        return ApplicationName(String(name))
    }

    // MARK: Branches with desired state

    private func receive(_ update: ReceivedUpdate, of branch: BranchName, _ situation: Situation) async throws(Refusal) {
        guard let new = update.new else {
            throw Refusal(.scope, "\(branch) holds what environments run and is not deleted")
        }
        // Made for an environment that is only being set up: there is nothing to compare with.
        guard let old = update.old else { return }
        let report = try await judged {
            guard try await workspace.repository.scratch({ try $0.isCommit(new, atOrAfter: old) }) else {
                throw Refusal(
                    .ledgerIntact, "\(new.short) does not follow from \(old.short): what was merged would be taken away",
                    hint: "git pull --rebase, or git revert what is wrong, and push that")
            }
            return try await judge(
                from: old, to: new, on: branch, situation,
                merger: try await committer(of: new))
        }
        guard let obstacle = report.obstacle else { return }
        let checks = ([report.policy].compactMap(\.self) + report.entries.filter(\.isChanged).map(\.check)).filter {
            $0.status != .pass
        }
        throw Refusal(
            obstacle.rule, obstacle.detail,
            hint: obstacle.clearedBy.isEmpty ? nil : "can be cleared by \(obstacle.clearedBy.joined(separator: ", "))",
            checks: checks.count > 1 ? checks : [])
    }

    // MARK: Ledgers

    private func receive(
        _ update: ReceivedUpdate, ofLedger name: ApplicationName, _ situation: Situation, _ proposed: [BranchName: CommitID]
    ) async throws(Refusal) -> ApplicationState {
        guard let new = update.new else {
            throw Refusal(.ledgerIntact, "the ledger of \(name) is the record of what happened and is not deleted")
        }
        let old = update.old
        return try await judged {
            let view = try await ledger(of: name, situation)
            guard view.head == old,
                let records = try await workspace.repository.scratch({ try LedgerReader($0).records(after: old, to: new) })
            else {
                throw Refusal(
                    .ledgerIntact, "the ledger of \(name) only grows, and \(new.short) does not follow from its head",
                    hint: "nothing was changed; run the command again")
            }
            let knowledge = try await LedgerKnowledge(
                workspace, lines, situation.policy, tip: situation.tip, freezes: situation.freezes, proposed: proposed)
            let seen = try workspace.store.eventIDs(
                of: name,
                among: records.compactMap { if case .event(let event, _) = $0.content { event.id } else { nil } })
            let folded = try await knowledge.judge(records, policies, from: view.state, after: view.position, seenIDs: seen)
            if let early = folded.early {
                throw Refusal(
                    .ledgerIntact,
                    "the event \(early.commit.short) is dated \(early.event.time), and here it is \(situation.time)",
                    hint: "set the clock that is wrong")
            }
            for record in folded.records {
                if let rejection = record.rejection {
                    throw Refusal(.ledgerIntact, "the event \(record.commit.short) would count for nobody: \(rejection.reason)")
                }
                guard case .event(let event, _) = record.content else { continue }
                if case .promotionMerged(let merge) = event.payload {
                    try await requireProposed(merge, folded.state, situation)
                }
                // Only here, where it arrives, can a time be told to be made up.
                guard event.time.adding(seconds: LedgerReplay.toleranceSeconds) >= situation.time else {
                    throw Refusal(
                        .ledgerIntact,
                        "the event \(record.commit.short) of \(event.actor) is dated \(event.time), and it comes at \(situation.time)",
                        hint: "set the clock that is wrong, and run the command again")
                }
            }
            return folded.state
        }
    }

    // MARK: Branches of promotions

    /// `promotion/<application>/<environment>/<number>`; nil for any other name.
    private static func promotion(ofBranch branch: BranchName) -> PromotionID? {
        guard branch.text.hasPrefix(PromotionID.branchPrefix) else { return nil }
        let parts = branch.text.split(separator: "/")
        guard parts.count == 4, let environment = EnvironmentName(String(parts[2])) else { return nil }
        let id = PromotionID("\(parts[1])-\(parts[3])")
        return id?.branch(into: environment) == branch ? id : nil
    }

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
    private func judged<Result>(_ body: () async throws -> Result) async throws(Refusal) -> Result {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.scope, "it cannot be judged: \(error)")
        }
    }
}
