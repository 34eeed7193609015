import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain
import PromotionLedger
import SSHSignatures

/// A change of `environments/` that takes trust away from keys and does nothing else. It counts at once: a key that was lost may be
/// that of the approver who would be asked.
struct KeyRevocation {
    let reader: PolicyReader
    let objects: GitObjects

    /// Who revokes keys with a change from one version of `environments/` to another; nil where the change is another one, or
    /// its head is not signed by one of the environments' approvers or operators.
    func actor(from counting: TreeID, to version: TreeID, head: CommitID) throws -> Principal? {
        guard try differsInRevokedKeysAlone(counting, version),
            case .success(let policy) = try reader.policy(ofVersion: counting, objects),
            case .success(let next) = try reader.policy(ofVersion: version, objects),
            next.allowedSigners.revoked.isStrictSuperset(of: policy.allowedSigners.revoked)
        else { return nil }
        let commit = try objects.commit(head)
        guard let principal = Principal(commit.committer.email) else { return nil }
        let actor = Actor(principal, try LedgerReader(objects).proof(of: head))
        let authorization = Authorization(actor, under: policy, at: commit.committer.time)
        guard authorization.isProven else { return nil }
        let lists = policy.environments.flatMap { [$0.approvals.from, $0.operators] }.filter { $0 != .anyone }
        return lists.contains { authorization.problem(with: $0, called: "") == nil } ? principal : nil
    }

    private func differsInRevokedKeysAlone(_ counting: TreeID, _ version: TreeID) throws -> Bool {
        let (before, after) = (try others(counting), try others(version))
        return before.count == after.count && zip(before, after).allSatisfy { $0.name == $1.name && $0.entry == $1.entry }
    }

    private func others(_ version: TreeID) throws -> [(name: String, entry: TreeEntry)] {
        try (objects.entries(of: .root, in: version) ?? []).filter { $0.name != PolicyLoader.revokedKeys }
    }
}
