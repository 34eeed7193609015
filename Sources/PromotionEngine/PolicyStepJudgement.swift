import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionGates
import PromotionLedger
import PromotionModel
import SSHSignatures

/// Whether one change of `environments/` is permitted by the policy that counted before it.
struct PolicyStepJudgement: Sendable {
    let reader: PolicyReader
    let lines: TargetLines
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
        /// The commit before which approvals have to be given.
        var seen: CommitID

        init(version: TreeID?, commit: CommitID, base: CommitID?) {
            self.version = version
            self.commit = commit
            self.base = base
            seen = commit
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
    ) throws -> String? {
        guard let version = change.version else { return "\(PolicyLoader.directory)/ is gone" }
        if case .failure(let error) = try reader.policy(ofVersion: version, objects) { return "it cannot be read: \(error)" }
        guard case .success(let policy) = try reader.policy(ofVersion: counting.version, objects) else {
            return "the policy before it cannot be read"
        }
        let isGuarded = policy.environments.contains { $0.approvals.required > 0 }
        if isDetour, !isGuarded { return "it was never the branch's" }
        // Where no key is listed, no consent can be proven: the configuration is still being set up.
        if policy.allowedSigners.entries.isEmpty { return isDetour ? "it was never the branch's" : nil }
        guard isGuarded else { return nil }
        let head = try PolicyAuthors(objects, policy: policy, time: .init(seconds: 0)).head(of: change)
        if try KeyRevocation(reader: reader, objects: objects).actor(from: counting.version, to: version, head: head) != nil {
            return nil
        }
        let given = try approvals.filter { try isGiven($0, to: change, under: counting, objects) }
        let made = try objects.commit(change.commit).committer.time
        let judgement = ChangeJudgement(
            policy: policy, time: given.map(\.at).reduce(made, max), head: change.commit,
            authors: try PolicyAuthors(objects, policy: policy, time: made).authors(of: change, given.map(\.head)),
            approvals: given)
        let check = judgement.policyCheck(tree: version.hex, problem: nil)
        return check.status == .pass ? nil : check.detail
    }

    /// Whether an approval is of this very change: of its result, given while the policy counted that it replaces, before it was on
    /// the branch, and not taken back before.
    private func isGiven(
        _ approval: ChangeApproval, to change: Change, under counting: PolicyHistory.Step, _ objects: GitObjects
    ) throws -> Bool {
        guard let policy = approval.policy, policy == change.version?.hex else { return false }
        func isBefore(_ commit: CommitID) throws -> Bool {
            guard commit != change.seen, try objects.has(commit) else { return false }
            return try lines.with(tip) { try $0.isCommit(change.seen, atOrAfter: commit, objects) }
        }
        guard try isBefore(approval.policyCommit),
            try lines.with(tip, { try $0.isCommit(approval.policyCommit, atOrAfter: counting.commit, objects) })
        else { return false }
        return try approval.withdrawn.map { try !isBefore($0) } ?? true
    }
}

/// Who made a change of `environments/`, as far as its commits tell.
struct PolicyAuthors {
    private let objects: GitObjects
    private let policy: Policy
    private let time: Timestamp

    /// So many commits of a change are looked at; one with more counts as made by all approvers.
    private static let maximumCommits = 2000

    init(_ objects: GitObjects, policy: Policy, time: Timestamp) {
        self.objects = objects
        self.policy = policy
        self.time = time
    }

    /// Where the change itself ends: the merged branch, where the commit is nothing but a merge of it.
    func head(of change: PolicyStepJudgement.Change) throws -> CommitID {
        try mergedBranch(of: change.commit) ?? change.commit
    }

    func authors(of change: PolicyStepJudgement.Change, _ approved: [CommitID]) throws -> ChangeAuthors {
        let heads = [try head(of: change)] + (try approved.filter(objects.has))
        var principals: Set<Principal> = []
        var seen: Set<CommitID> = []
        var next = heads
        while let id = next.popLast() {
            guard seen.insert(id).inserted, try !isOfBase(id, change.base) else { continue }
            guard seen.count <= Self.maximumCommits else {
                return ChangeAuthors(principals: everyApprover, keys: [], unsignedHeads: Set(heads + [change.commit]))
            }
            let commit = try objects.commit(id)
            // A commit that only merges makes nothing of it.
            if try mergedBranch(of: id) == nil {
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

    /// The second parent of a commit that makes nothing of `environments/` but what its parents have.
    private func mergedBranch(of commit: CommitID) throws -> CommitID? {
        guard let (tree, parents) = try objects.lineage(of: commit), parents.count == 2 else { return nil }
        let merged = try files(PolicyReader.version(in: tree, objects))
        let sides = try parents.map { try files(PolicyReader.version(at: $0, objects)) }
        let isPure =
            merged.allSatisfy { name, entry in sides.contains { $0[name] == entry } }
            && Set(sides[0].keys).intersection(sides[1].keys).isSubset(of: merged.keys)
        return isPure ? parents[1] : nil
    }

    private func files(_ version: TreeID?) throws -> [[UInt8]: TreeEntry] {
        guard let version else { return [:] }
        return Dictionary(
            try objects.entries(of: .root, in: version)?.map { (Array($0.name.utf8), $0.entry) } ?? [],
            uniquingKeysWith: { first, _ in first })
    }
}
