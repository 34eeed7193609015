public import GitOpsTypes
import PromotionConfiguration
import PromotionDomain
import PromotionLedger

/// Which policy counts from which commit of the target branch on, as every reader finds it.
///
/// A change of `environments/` counts from its commit on when the policy that counted before it permits it, by approvals that
/// were in the ledger before the change was on the branch. Else the earlier policy goes on counting, until the change is approved
/// afterwards: then it counts from the next commit on.
struct PolicyHistory: Hashable, Sendable {
    typealias Step = PolicyStep

    /// Oldest first; the first is where the configuration was adopted.
    var steps: [Step] = [] {
        didSet { if let last = steps.last { countedVersions.insert(last.version) } }
    }
    /// What has counted at any time.
    private(set) var countedVersions: Set<TreeID> = []
    /// The changes that do not count, oldest first.
    var violations: [PolicyViolation] = []
    /// The changes that do not count and stand at each change of the line; nil where there are none.
    var standing: [CarriedChanges?] = []
    /// The same at the last of them.
    var carried: CarriedChanges? { standing.last ?? nil }
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
    /// What can become of it.
    public let prospect: Prospect
    /// Whether the commit is a merge, which Git reverts only when it is told against which parent.
    let isMerge: Bool

    public enum Prospect: Hashable, Sendable {
        /// It counts once its approvers consent.
        case approvable
        /// They have consented since: it counts from the next commit of the branch on.
        case awaitsCommit
        /// No approval makes it right, as of a change that no known key signed.
        case unapprovable
        /// `environments/` was changed again since.
        case replaced
    }

    /// The command that takes it back, which needs no approval.
    public var revert: String { "git revert \(isMerge ? "-m 1 " : "")\(commit)" }

    /// What to type for an end of it.
    public var nextStep: String {
        switch prospect {
        case .approvable: "promote approve --change \(commit), by its approvers; or take it back: \(revert)"
        case .awaitsCommit:
            "it is approved, and counts from the next commit of the branch on: git commit --allow-empty -m <why>, and git push"
        case .unapprovable:
            "\(revert), and git push: no approval makes it right as it is; what is wanted of it is proposed again on a branch, "
                + "signed (git commit -S), approved there (promote approve --change <its head>), and merged then"
        case .replaced: "\(PolicyLoader.directory)/ was changed again since: promote accept --policy --reason <why>"
        }
    }
}
