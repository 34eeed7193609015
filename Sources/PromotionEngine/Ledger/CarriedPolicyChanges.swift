import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Finds what a version of the policy keeps of earlier changes that do not count.
///
/// A change is looked at from what was there before it. Where that was not what counts, whoever consents to the change consents to
/// more than its own difference, and those who made the rest are authors of it as well.
struct CarriedPolicyChanges {
    private let objects: GitObjects
    /// The policy that counts.
    private let policy: Policy

    init(_ objects: GitObjects, policy: Policy) {
        self.objects = objects
        self.policy = policy
    }

    /// - Parameter uncounted: the changes that stand before the version, oldest first.
    /// - Returns: nil where the version keeps nothing of them.
    func carried(
        by version: TreeID, of uncounted: [PolicyStepJudgement.Change], _ counting: PolicyHistory.Step
    ) throws -> CarriedChanges? {
        let kept = try uncounted.filter { try isKept($0, in: version, counting) }
        guard !kept.isEmpty else { return nil }
        let authors = try kept.map { change in
            let made = try objects.commit(change.commit).committer.time
            return try PolicyAuthors(objects, policy: policy, time: made).authors(of: change, [])
        }
        return CarriedChanges(
            commits: kept.map(\.commit),
            authors: ChangeAuthors(
                principals: authors.reduce(into: []) { $0.formUnion($1.principals) },
                keys: authors.reduce(into: []) { $0.formUnion($1.keys) },
                unsignedHeads: authors.reduce(into: []) { $0.formUnion($1.unsignedHeads) }),
            counting: counting.commit)
    }

    /// Whether a file that the change touched is still another one than what counts has.
    private func isKept(
        _ change: PolicyStepJudgement.Change, in version: TreeID, _ counting: PolicyHistory.Step
    ) throws -> Bool {
        let before = try PolicyReader.entries(
            ofVersion: change.base.flatMap { base throws(GitError) in try PolicyReader.version(at: base, objects) }, objects)
        let after = try PolicyReader.entries(ofVersion: change.version, objects)
        let counting = try PolicyReader.entries(ofVersion: counting.version, objects)
        let found = try PolicyReader.entries(ofVersion: version, objects)
        return Set(before.keys).union(after.keys).contains { name in
            before[name] != after[name] && found[name] != counting[name]
        }
    }
}
