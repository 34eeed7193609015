import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

/// Who made a change of `environments/`, as far as its commits tell.
struct PolicyAuthors {
    private let objects: GitObjects
    private let policy: Policy
    private let time: Timestamp
    /// The versions that have counted.
    private let counted: Set<TreeID>

    /// So many commits of a change are looked at; one with more counts as made by all approvers.
    private static let maximumCommits = 2000
    /// The same of commits that are part of the branch already: only what a merge left out, or a revert took back, is there.
    private static let maximumSettled = 200

    init(_ objects: GitObjects, policy: Policy, time: Timestamp, counted: Set<TreeID>) {
        self.counted = counted
        self.objects = objects
        self.policy = policy
        self.time = time
    }

    /// Where the change itself ends: the merged branch, where the commit is nothing but a merge of it into what was there before. A
    /// merge of something else brings two branches, and is itself what has to be signed.
    func head(of change: PolicyStepJudgement.Change) throws -> CommitID {
        guard let merged = try mergedBranch(of: change.commit), let base = change.base,
            let ours = try objects.lineage(of: change.commit)?.parents.first, try isOfBase(ours, base)
        else { return change.commit }
        return merged
    }

    func authors(of change: PolicyStepJudgement.Change, _ approved: [CommitID]) throws -> ChangeAuthors {
        let heads = [try head(of: change)] + (try approved.filter(objects.has))
        var principals: Set<Principal> = []
        var seen: Set<CommitID> = []
        var settled = 0
        var next = heads
        while let id = next.popLast() {
            guard seen.insert(id).inserted else { continue }
            // What stands there is carried with the change.
            if id == change.base { continue }
            let isOfBase = try isOfBase(id, change.base)
            if isOfBase {
                if try Self.isSettled(id, counted, objects) { continue }
                settled += 1
            }
            guard seen.count <= Self.maximumCommits, settled <= Self.maximumSettled else {
                return ChangeAuthors(principals: everyApprover, keys: [], unsignedHeads: Set(heads + [change.commit]))
            }
            let commit = try objects.commit(id)
            // A commit that only merges makes nothing of it, nor does one of the branch that leaves it alone.
            if try mergedBranch(of: id) == nil, try !isOfBase || Self.makesPolicy(commit, objects) {
                principals.formUnion([commit.author, commit.committer].compactMap { Principal($0.email) })
            }
            next += commit.parents
        }
        let keys = try heads.map { (head: $0, key: try signingKey(of: $0)) }
        var unsigned = Set(keys.filter { $0.key == nil }.map(\.head))
        // A merge that makes nothing of it is as well known as what it merges.
        if keys.first?.key == nil { unsigned.insert(change.commit) }
        return ChangeAuthors(principals: principals, keys: Set(keys.compactMap(\.key)), unsignedHeads: unsigned)
    }

    /// Whether a commit that is part of the branch is nothing to be consented to with a change: what it has of `environments/` has
    /// counted. That it was merged says nothing: a merge may have left out what it merges, and a revert taken it back.
    static func isSettled(_ commit: CommitID, _ counted: Set<TreeID>, _ objects: GitObjects) throws -> Bool {
        try PolicyReader.version(at: commit, objects).map(counted.contains) ?? true
    }

    /// Whether a commit has `environments/` as none of its parents has it.
    static func makesPolicy(_ commit: CommitRecord, _ objects: GitObjects) throws -> Bool {
        let version = try PolicyReader.version(at: commit.id, objects)
        return try commit.parents.allSatisfy { try PolicyReader.version(at: $0, objects) != version }
    }

    private func isOfBase(_ commit: CommitID, _ base: CommitID?) throws -> Bool {
        guard let base else { return false }
        return try objects.isCommit(base, atOrAfter: commit)
    }

    private var everyApprover: Set<Principal> {
        Set(policy.environments.flatMap(\.approvals.from.principals))
    }

    /// The key that signed a commit, where it is its committer's.
    private func signingKey(of commit: CommitID) throws -> String? {
        guard let principal = Principal(try objects.commit(commit).committer.email) else { return nil }
        let actor = Actor(principal, try LedgerReader(objects).proof(of: commit))
        return Authorization(actor, under: policy, at: time).isProven ? actor.keyFingerprint : nil
    }

    /// The second parent of a commit that makes nothing of `environments/` but what merging its parents makes, file by file.
    ///
    /// A merge that takes a file as one side had it, against what the other side made of it since, makes something: it would
    /// bring back what was undone.
    private func mergedBranch(of commit: CommitID) throws -> CommitID? {
        guard let (tree, parents) = try objects.lineage(of: commit), parents.count == 2 else { return nil }
        func files(_ version: TreeID?) throws(GitError) -> PolicyReader.Entries {
            try PolicyReader.entries(ofVersion: version, objects)
        }
        let merged = try files(PolicyReader.version(in: tree, objects))
        let (ours, theirs) = try (
            files(PolicyReader.version(at: parents[0], objects)), files(PolicyReader.version(at: parents[1], objects))
        )
        let bases = try objects.mergeBases(parents[0], parents[1]).map { try files(PolicyReader.version(at: $0, objects)) }
        let names = Set(merged.keys).union(ours.keys).union(theirs.keys)
        let isPure = (bases.isEmpty ? [[:]] : bases).allSatisfy { base in
            names.allSatisfy { name in
                if ours[name] == theirs[name] || theirs[name] == base[name] { return merged[name] == ours[name] }
                return ours[name] == base[name] && merged[name] == theirs[name]
            }
        }
        return isPure ? parents[1] : nil
    }
}
