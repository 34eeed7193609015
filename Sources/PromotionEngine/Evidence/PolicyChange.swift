import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain

/// What a change makes of `environments/`.
struct PolicyChange {
    /// What it leads to, as a Git tree; nil where it leaves it alone, or takes it away.
    var tree: String?
    /// Why that is no policy; nil where it is one.
    var problem: String?
    /// Whether it has to be permitted: false where it is left alone, and where what counts anyway is put back.
    var asksApproval = false
    var isRestored = false
    /// Who takes trust away from keys, where the change does nothing else.
    var revoker: Principal?
    /// What it keeps of changes that do not count; nil where there is nothing of the kind.
    var carried: CarriedChanges?
    /// The policy that counts after the change, where it is another one.
    var later: Policy?

    func check(_ judgement: ChangeJudgement) -> Check? {
        if isRestored { return Check(.policyFromTarget, .pass, "the policy that counts is put back") }
        if let revoker {
            return Check(.policyFromTarget, .pass, "keys are revoked, and nothing else of the policy changes: by \(revoker)")
        }
        return asksApproval ? judgement.policyCheck(tree: tree, problem: problem, carried: carried) : nil
    }
}

/// Reads what a change of the configuration repository makes of its policy.
struct PolicyChangeReader: Sendable {
    let session: Session

    func policyChange(
        _ trees: ChangeInspection.Trees, on branch: BranchName, _ timeline: PolicyTimeline, base: CommitID,
        _ mergePoint: MergePoint?
    ) async throws -> PolicyChange {
        guard branch == session.workspace.targetBranch else { return PolicyChange() }
        let (before, after, counting) = try await session.workspace.repository.scratch { objects in
            (
                try objects.entry(at: PolicyReader.directory(objects), in: trees.before),
                try objects.entry(at: PolicyReader.directory(objects), in: trees.after),
                try timeline.version(at: base, objects) ?? timeline.version(at: timeline.line.tip, objects)
            )
        }
        guard before != after else { return PolicyChange() }
        guard case .tree(let tree)? = after else {
            return PolicyChange(problem: after == nil ? nil : "it is no directory", asksApproval: true)
        }
        if tree == counting { return PolicyChange(tree: tree.description, isRestored: true) }
        let (carried, revoker) = try await session.workspace.repository.scratch { objects in
            let carried = try timeline.carried(onto: base, objects)
            let revoker = try counting.flatMap {
                try KeyRevocation(reader: timeline.judgement.reader, objects: objects).actor(
                    from: $0, to: tree, head: trees.changeHead)
            }
            return (carried, carried == nil ? revoker : nil)
        }
        let (later, problem) = try await session.workspace.repository.scratch { objects -> (Policy?, String?) in
            switch try timeline.judgement.reader.presentPolicy(ofVersion: tree, objects) {
            case .failure(let error): (nil, error.description)
            // Of what landed, only what counts since then says where things are.
            case .success(let policy):
                (try mergePoint.map { try timeline.version(at: $0.commit, objects) == tree } ?? true ? policy : nil, nil)
            }
        }
        return PolicyChange(
            tree: tree.description, problem: problem, asksApproval: revoker == nil, revoker: revoker,
            carried: carried, later: later)
    }
}
