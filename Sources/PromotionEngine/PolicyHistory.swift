public import GitOpsTypes
import PromotionLedger

/// Which policy counts from which commit of the target branch on, as every reader finds it.
///
/// A change of `environments/` counts from its commit on when the policy that counted before it permits it, by approvals that
/// were in the ledger before the change was on the branch. Else the earlier policy goes on counting, until the change is approved
/// afterwards: then it counts from the next commit on.
struct PolicyHistory: Hashable, Sendable {
    typealias Step = PolicyStep

    /// Oldest first; the first is where the configuration was adopted.
    var steps: [Step] = []
    /// The changes that do not count, oldest first.
    var violations: [PolicyViolation] = []
    /// A merge that joins two histories, each with a policy of its own; nil for the ordinary case that there is none.
    var conflict: CommitID?

    /// Whether everything that was judged with `earlier`, when the branch had an earlier tip, is judged alike with this.
    ///
    /// - Parameter isBefore: whether a commit is at or before that tip.
    func continues(_ earlier: [Step], _ isBefore: (CommitID) throws -> Bool) rethrows -> Bool {
        guard steps.starts(with: earlier) else { return false }
        return try steps.dropFirst(earlier.count).first.map { try !isBefore($0.commit) } ?? true
    }
}

/// A change of the policy that does not count.
public struct PolicyViolation: Hashable, Sendable {
    /// The commit of the target branch that brought it.
    public let commit: CommitID
    /// Why it does not count.
    public let detail: String
}
