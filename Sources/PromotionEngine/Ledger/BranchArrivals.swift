import GitOpsTypes
import GitStore

/// The commits that came onto a branch, in the order in which they did.
///
/// Each is the first parent of the next, but for a merge the other way round, as `git pull` makes them: there the parent that has
/// recorded merges was the branch, and the first parent, which has none, was merged into it.
struct BranchArrivals {
    let tip: CommitID
    /// The merges that ledgers know.
    let merges: Set<CommitID>
    let lines: FirstParentHistories

    /// - Parameter stops: the first of these that is met is the last that is left out.
    func arrivals(since stops: [CommitID], _ objects: GitObjects) throws -> [Arrival] {
        let stops = Set(stops)
        var arrivals: [Arrival] = []
        var next = tip
        while !stops.contains(next), let base = try predecessor(of: next, stops, objects) {
            arrivals.append(.init(commit: next, base: base))
            next = base
        }
        return arrivals.reversed()
    }

    private func predecessor(of commit: CommitID, _ stops: Set<CommitID>, _ objects: GitObjects) throws -> CommitID? {
        guard let parents = try objects.lineage(of: commit)?.parents, let first = parents.first else { return nil }
        guard parents.count > 1, !merges.contains(commit) else { return try FirstParentHistory.predecessor(of: commit, objects) }
        for parent in parents.dropFirst() {
            let (branch, base) = try lines.detour(to: parent, fromLineOf: first, objects)
            // What the first parent has already, as after a merge the other way round before it, tells nothing of this one.
            let isBranch = try branch.contains {
                guard merges.contains($0) || stops.contains($0) else { return false }
                return try !objects.isCommit(first, atOrAfter: $0)
            }
            guard isBranch else { continue }
            let own = try commits(from: first, to: base, objects)
            if !own.contains(where: { merges.contains($0) || stops.contains($0) }) { return parent }
        }
        return try FirstParentHistory.predecessor(of: commit, objects)
    }

    /// The tips of a branch from `head` back to, and without, `base`.
    private func commits(from head: CommitID, to base: CommitID?, _ objects: GitObjects) throws -> [CommitID] {
        var commits: [CommitID] = []
        var next: CommitID? = head
        while let id = next, id != base {
            commits.append(id)
            next = try FirstParentHistory.predecessor(of: id, objects)
        }
        return commits
    }
}

/// A commit that came onto a branch, and the branch's tip before it.
struct Arrival: Sendable {
    let commit: CommitID
    let base: CommitID
}
