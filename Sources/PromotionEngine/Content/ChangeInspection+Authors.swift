import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionLedger

// Who made a change.
extension ChangeInspection {
    /// So many commits of a change are looked at; a change with more is refused.
    private static let maximumCommits = 2000

    /// Who made the commits that the change and the approved `heads` bring.
    ///
    /// - Parameter counted: the versions of `environments/` that have counted on the branch that is changed; nil where it has none.
    func authors(
        _ heads: [CommitID], _ trees: Trees, under policy: Policy, at time: Timestamp, counted: Set<TreeID>?
    ) async throws -> ChangeAuthors {
        let heads = [trees.changeHead] + heads
        let (keys, unsigned) = try await repository.scratch { objects in
            var keys: Set<String> = []
            var unsigned: Set<CommitID> = []
            for head in heads {
                let actor = try Principal(try objects.commit(head).committer.email).map {
                    Actor($0, try LedgerReader(objects).proof(of: head))
                }
                if let actor, Authorization(actor, under: policy, at: time).isProven, let key = actor.keyFingerprint {
                    keys.insert(key)
                } else {
                    unsigned.insert(head)
                }
            }
            return (keys, unsigned)
        }
        var principals: Set<Principal> = []
        for commit in try await commits(of: heads, counted) {
            // Who only merges has made nothing of it.
            if commit.parents.count == 2, try await mergedBranch(of: commit.id) != nil { continue }
            principals.formUnion([commit.author, commit.committer].compactMap { Principal($0.email) })
        }
        return ChangeAuthors(principals: principals, keys: keys, unsignedHeads: unsigned)
    }

    /// The commits that lead to `heads` and are not on the branch that is changed.
    private func commits(of heads: [CommitID], _ counted: Set<TreeID>?) async throws -> [CommitRecord] {
        let (base, target) = (base, target)
        return try await repository.scratch { objects in
            let settled = try objects.isNothing(base) ? target : base
            var commits: [CommitRecord] = []
            var seen: Set<CommitID> = []
            var next = heads
            while let id = next.popLast() {
                // What stands at the base itself is carried with the change.
                guard seen.insert(id).inserted, id != settled else { continue }
                let isOfBranch = try objects.isCommit(settled, atOrAfter: id)
                if isOfBranch, try counted.map({ try PolicyAuthors.isSettled(id, $0, objects) }) ?? true { continue }
                guard seen.count <= Self.maximumCommits else {
                    throw EngineError.usage(
                        "the change has more than \(Self.maximumCommits) commits", hint: "name a later --base")
                }
                let commit = try objects.commit(id)
                if try !isOfBranch || PolicyAuthors.makesPolicy(commit, objects) { commits.append(commit) }
                next += commit.parents
            }
            return commits
        }
    }
}
