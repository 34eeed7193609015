import GitOpsTypes
import GitStore
import PromotionLedger
import PromotionModel
import PromotionProjection

/// Brings the state store up to date with a ledger branch, and refuses a branch that was rewound or replaced.
struct LedgerFollower {
    let workspace: Workspace
    let policies: PolicySource

    func follow(_ application: ApplicationName, tip: CommitID) async throws -> LedgerView {
        // Another process may move the store on between reading and writing; then what it wrote is read.
        while true {
            if let view = try await step(application, tip: tip) { return view }
        }
    }

    private func step(_ application: ApplicationName, tip: CommitID) async throws -> LedgerView? {
        let head = try await intactHead(of: application)
        let position = try workspace.store.position(of: application)
        let old = try workspace.store.state(of: application)
        guard let head, head != position?.head else {
            return LedgerView(state: old, head: head, lastTime: position?.lastTime)
        }
        let records = try await workspace.repository.scratch { try LedgerReader($0).records(after: position?.head, to: head) }
        guard let records else {
            throw rewound(application, "its head \(head.short) does not descend from \(position?.head.short ?? "")")
        }
        let commits = Set(
            records.compactMap { record in
                if case .event(let event, _) = record.content { event.policyCommit } else { nil }
            })
        let known = try await policies.policies(at: commits, on: tip)
        var replay = LedgerReplay(
            state: old, lastTime: position?.lastTime, seenIDs: try workspace.store.eventIDs(of: application))
        let judged = records.map { replay.add($0) { known[$0] } }
        let next = StateStore.Position(head: head, count: (position?.count ?? 0) + records.count, lastTime: replay.lastTime)
        guard try workspace.store.append(judged, from: old, to: replay.state, previous: position, next: next) else { return nil }
        return LedgerView(state: replay.state, head: head, lastTime: replay.lastTime)
    }

    /// The head of the ledger branch, once it is known to descend from the head that was seen last.
    private func intactHead(of application: ApplicationName) async throws -> CommitID? {
        let branch = workspace.ledgers.branch(of: application)
        let head = try await workspace.remote.head(of: branch)
        guard !workspace.remote.isItself else { return head }
        let seenRef = "refs/promote/\(workspace.remote.name)/seen/\(application)"
        let seen = try await workspace.repository.scratch { try $0.commit(atRef: seenRef) }
        guard let head else {
            if let seen { throw rewound(application, "the branch \(branch) is gone; its last known head is \(seen.short)") }
            return nil
        }
        if head == seen { return head }
        if let seen {
            let descends = try await workspace.repository.scratch { try $0.isCommit(head, atOrAfter: seen) }
            guard descends else {
                throw rewound(application, "its head \(head.short) does not descend from \(seen.short), which was seen before")
            }
        }
        do {
            try await workspace.repository.durable { try $0.moveRef(seenRef, from: seen, to: head, reason: "promote: seen") }
        } catch let error as GitError where error.code == .refMoved {
            // Another process of ours noted a head at the same moment; the next look compares with that.
        }
        return head
    }

    private func rewound(_ application: ApplicationName, _ what: String) -> Refusal {
        Refusal(
            .ledgerIntact, "the ledger of \(application) was rewound or replaced: \(what)",
            hint:
                "restore the branch from a clone that has it: `git push <remote> refs/promote/\(workspace.remote.name)/seen/\(application):\(workspace.ledgers.branch(of: application).ref)`"
        )
    }
}
