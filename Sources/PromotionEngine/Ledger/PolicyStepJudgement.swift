import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain
import PromotionLedger
import SSHSignatures

/// Whether one change of `environments/` is permitted by the policy that counted before it.
struct PolicyStepJudgement: Sendable {
    let reader: PolicyReader
    let lines: FirstParentHistories
    /// The tip of the branch whose history is judged.
    let tip: CommitID
    /// All approvals of changes of the policy, those that were taken back among them.
    let approvals: [ChangeApproval]

    struct Change {
        /// What the change leads to; nil where it takes `environments/` away.
        let version: TreeID?
        let commit: CommitID
        /// The tip before it.
        let base: CommitID?
        /// The changes that do not count and stand right before it: what it keeps of them comes to count with it. Nil for none.
        let carried: CarriedChanges?
        /// The versions that have counted until then.
        let counted: Set<TreeID>
        /// The commit before which approvals have to be given; nil for one that is still to come.
        var seen: CommitID?

        init(version: TreeID?, commit: CommitID, base: CommitID?, after carried: CarriedChanges?, counted: Set<TreeID>) {
            self.version = version
            self.commit = commit
            self.base = base
            self.carried = carried
            self.counted = counted
            seen = commit
        }
    }

    /// Why a change does not count.
    enum Problem {
        /// More approvals make it right.
        case open(String)
        /// No approval does.
        case final(String)

        var detail: String {
            switch self {
            case .open(let detail), .final(let detail): detail
            }
        }
    }

    func with(_ approvals: [ChangeApproval]) -> PolicyStepJudgement {
        PolicyStepJudgement(reader: reader, lines: lines, tip: tip, approvals: approvals)
    }

    /// Why a change does not count; nil when it does.
    ///
    /// - Parameter isDetour: whether the commit was on no line of tips: then only approvals make a change count.
    func problem(
        with change: Change, under counting: PolicyHistory.Step, isDetour: Bool, _ objects: GitObjects
    ) throws -> Problem? {
        guard let version = change.version else { return .final("\(PolicyLoader.directory)/ is gone") }
        if case .failure(let error) = try reader.policy(ofVersion: version, objects) {
            return .final("it cannot be read: \(error)")
        }
        guard case .success(let policy) = try reader.policy(ofVersion: counting.version, objects) else {
            return .final("the policy before it cannot be read")
        }
        guard policy.asksConsentToChanges else { return isDetour ? .final("it was never the branch's") : nil }
        let made = try objects.commit(change.commit).committer.time
        let authors = PolicyAuthors(objects, policy: policy, time: made, counted: change.counted)
        let revocation = KeyRevocation(reader: reader, objects: objects)
        if change.carried == nil,
            try revocation.actor(from: counting.version, to: version, head: authors.head(of: change)) != nil
        {
            return nil
        }
        let given = try approvals.filter { try isGiven($0, to: change, under: counting, objects) }
        let judgement = ChangeJudgement(
            policy: policy, time: given.map(\.at).reduce(made, max), head: change.commit,
            authors: try authors.authors(of: change, given.map(\.head)),
            approvals: given)
        let check = judgement.policyCheck(tree: version.hex, problem: nil, carried: change.carried)
        switch check.status {
        case .pass: return nil
        case .pending: return .open(check.detail)
        case .fail: return .final(check.detail)
        }
    }

    /// What stands once a change does not count: it, and what stood before it.
    func carried(with change: Change, under counting: PolicyHistory.Step, _ objects: GitObjects) throws -> CarriedChanges? {
        guard case .success(let policy) = try reader.policy(ofVersion: counting.version, objects), policy.asksConsentToChanges
        else {
            return nil
        }
        let made = try objects.commit(change.commit).committer.time
        let authors = try PolicyAuthors(objects, policy: policy, time: made, counted: change.counted).authors(of: change, [])
        guard var carried = change.carried else {
            return CarriedChanges(first: change.commit, authors: authors, counting: counting.commit)
        }
        carried.add(change.commit, by: authors)
        return carried
    }

    /// Whether an approval is of this very change: of its result, given while the policy counted that it replaces, before it was on
    /// the branch, and not taken back before.
    private func isGiven(
        _ approval: ChangeApproval, to change: Change, under counting: PolicyHistory.Step, _ objects: GitObjects
    ) throws -> Bool {
        guard let policy = approval.policy, policy == change.version?.hex else { return false }
        func isBefore(_ commit: CommitID) throws -> Bool {
            guard commit != change.seen, try objects.has(commit) else { return false }
            return try lines.with(tip) { try $0.isCommit(change.seen ?? tip, atOrAfter: commit, objects) }
        }
        guard try isBefore(approval.policyCommit),
            try lines.with(tip, { try $0.isCommit(approval.policyCommit, atOrAfter: counting.commit, objects) })
        else { return false }
        return try approval.withdrawn.map { try !isBefore($0) } ?? true
    }
}
