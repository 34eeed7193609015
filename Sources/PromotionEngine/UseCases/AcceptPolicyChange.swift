public import GitOpsTypes
import GitStore
import PromotionDomain

/// The changes of the policy that do not count and that an operator has seen.
public struct PolicyAcceptance: Sendable {
    public let violations: [PolicyViolation]
    /// The tip of the target branch, whose policy does not count; nil where it counts, or counts again.
    public let uncountedTip: CommitID?
    /// The change by which it does not; nil where it counts.
    public let uncounted: PolicyViolation?
}

/// Accepts changes of the policy that do not count.
struct AcceptPolicyChange: Sendable {
    let session: Session

    /// Records that an operator has seen the changes of the policy that do not count, so that they are shown no more.
    ///
    /// Which policy counts stays as it is: what its approvers have not approved, an operator alone cannot make count.
    func acceptPolicy(reason: String) async throws -> PolicyAcceptance {
        try requireReason(reason)
        return try await session.transact(on: { _ in .environments }) { snapshot, ledger, _ in
            let open = snapshot.openPolicyViolations
            let decision = try AcceptPolicyViolations(
                open.map { RecordPolicyViolation($0.detail, at: $0.commit) }, reason: reason
            ).decide(snapshot.facts(ledger.state))
            let uncounted = try await isTipUncounted(snapshot) ? snapshot.tip : nil
            return Proposal(decision) { _, _ in
                PolicyAcceptance(
                    violations: open, uncountedTip: uncounted, uncounted: uncounted.flatMap { _ in snapshot.uncountedChange })
            }
        }.outcome
    }

    /// Whether `environments/` at the tip of the target branch is another version than the one that counts.
    func isTipUncounted(_ snapshot: Snapshot) async throws -> Bool {
        try await session.workspace.repository.scratch { objects in
            try PolicyReader.version(at: snapshot.tip, objects) != snapshot.timeline.version(at: snapshot.tip, objects)
        }
    }
}
