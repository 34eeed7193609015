import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Tells the policy that counts at a commit of the target branch's history.
struct PolicyTimeline: Sendable {
    let line: PolicyLine
    let history: PolicyHistory
    let judgement: PolicyStepJudgement

    private var lines: FirstParentHistories { judgement.lines }

    /// The policy that counts at `commit`; nil where none does, or the commit is not of the branch's history.
    func policy(at commit: CommitID, _ objects: GitObjects) throws -> Policy? {
        guard let version = try version(at: commit, objects),
            case .success(let policy) = try judgement.reader.policy(ofVersion: version, objects)
        else { return nil }
        return policy
    }

    func version(at commit: CommitID, _ objects: GitObjects) throws -> TreeID? {
        guard try objects.has(commit) else { return nil }
        if try lines.with(line.tip, { try $0.distance(of: commit, objects) }) != nil {
            return try lines.step(history.steps, at: commit, onLineOf: line.tip, objects)?.version
        }
        // A tip of before a merge the other way round, as `git pull` makes them, is off the line.
        guard try objects.isCommit(line.tip, atOrAfter: commit) else { return nil }
        return try PolicyHistoryBuilder(judgement, line).version(offLine: commit, history, objects)
    }

    /// The changes that do not count and stand at `base`, which a change comes onto; nil where there is nothing of the kind.
    func carried(onto base: CommitID, _ objects: GitObjects) throws -> CarriedChanges? {
        let last = try lines.with(line.tip) { known in
            guard try known.distance(of: base, objects) ?? 0 > 0 else { return history.standing.indices.last }
            return try history.standing.indices.last { try known.isOnLine(base, atOrAfter: line.entries[$0].commit, objects) }
        }
        return last.flatMap { history.standing[$0] }
    }

    /// The same with other approvals.
    func judged(with approvals: [ChangeApproval], _ objects: GitObjects) throws -> PolicyTimeline {
        guard approvals != judgement.approvals else { return self }
        let judgement = judgement.with(approvals)
        return PolicyTimeline(
            line: line, history: try PolicyHistoryBuilder(judgement, line).history(objects), judgement: judgement)
    }
}
