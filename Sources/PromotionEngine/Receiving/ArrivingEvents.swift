import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger
import PromotionProjection

/// What can be told of an event only where it arrives: whether the policy that it names is of now, and whether it was anywhere
/// before. Once it is in the ledger, every reader has to take it as it is.
struct ArrivingEvents: Sendable {
    let session: Session

    /// - Throws: `Refusal`.
    func requireOfNow(
        _ event: Event, by actor: Actor, _ commit: CommitID, in ledger: ApplicationName, _ snapshot: Snapshot
    ) async throws {
        guard try await isOfNow(event.policyCommit, snapshot) else {
            throw Refusal(
                .policyFromTarget,
                "the event \(commit.short) of \(event.actor) names the policy of \(event.policyCommit.hex), and "
                    + "\(session.workspace.targetBranch) is at \(snapshot.tip.hex): what counts is the policy of now",
                hint: "git fetch, and run the command again")
        }
        if let key = actor.keyFingerprint, snapshot.policy.hasEnded(key, of: actor.principal, at: snapshot.time) {
            throw Refusal(
                .authorized,
                "the event \(commit.short) of \(event.actor) is signed with the key \(key), which the policy of \(snapshot.tip.hex) "
                    + "revokes, or which has expired",
                hint:
                    "sign with another key that environments/allowed_signers lists: git config user.signingkey <key>; where there is "
                    + "none, add the line of a new one, by a change that its approvers consent to")
        }
        // What names its ledger is of no other; of what does not, its id tells.
        if event.application == nil { try await requireNew(event, commit, in: ledger, snapshot) }
        if case .changeApproved(let payload) = event.payload { try await requireNewToBase(payload.head, snapshot) }
    }

    /// Whether a commit is the tip of the target branch, or was within the last minutes, by the clock of what came after it.
    private func isOfNow(_ commit: CommitID, _ snapshot: Snapshot) async throws -> Bool {
        let (tip, now, tolerance) = (snapshot.tip, snapshot.time.seconds, LedgerReplay.toleranceSeconds)
        return try await session.workspace.repository.scratch { objects in
            var next: CommitID? = tip
            while let id = next {
                if id == commit { return true }
                // A date that is ahead tells nothing of when the commit before it was left.
                guard abs(now - (try objects.commit(id).committer.time.seconds)) <= tolerance else { return false }
                next = try objects.firstParent(of: id)
            }
            return false
        }
    }

    private func requireNew(
        _ event: Event, _ commit: CommitID, in ledger: ApplicationName, _ snapshot: Snapshot
    ) async throws {
        for other in snapshot.policy.applications.map(\.name) where other != ledger {
            _ = try await session.ledger(of: other, snapshot, extent: .present)
        }
        guard let other = try session.workspace.store.otherLedger(than: ledger, having: event.id) else { return }
        throw Refusal(
            .ledgerIntact, "the event \(commit.short) has the id \(event.id), which an event of the ledger of \(other) has",
            hint: "an event is written once, for one ledger; run the command itself for \(ledger)")
    }

    private func requireNewToBase(_ head: CommitID, _ snapshot: Snapshot) async throws {
        let tip = snapshot.tip
        let isKnown = try await session.workspace.repository.scratch { objects in
            try objects.has(head) && objects.isCommit(tip, atOrAfter: head)
        }
        guard isKnown else { return }
        throw Refusal(
            .approved, "\(head.hex) is in \(session.workspace.targetBranch) already, so that there is nothing to approve in it",
            hint: "approve the head of a change that is not merged yet")
    }
}
