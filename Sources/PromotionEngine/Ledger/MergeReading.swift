import GitOpsTypes
import GitStore
import PromotionDomain

/// Finds in Git's trees whether a commit brought what a promotion proposed, as every reader does: by the files that the
/// promotion's commit makes. What they render to is no reader's question, for a later renderer may print it otherwise.
final class MergeReading {
    private let objects: GitObjects
    private let lines: FirstParentHistories
    /// What Git makes of merging the parents of these commits; nil where they conflict.
    private let merges: [CommitID: TreeID?]
    /// Commits that cannot be judged without that.
    private(set) var wanted: Set<CommitID> = []

    init(_ objects: GitObjects, _ lines: FirstParentHistories, merges: [CommitID: TreeID?]) {
        self.objects = objects
        self.lines = lines
        self.merges = merges
    }

    /// Why `commit` is no merge of what was proposed; nil when it is.
    ///
    /// - Parameters:
    ///   - tip: that of the environment's branch; nil where there is no such branch.
    ///   - isPending: whether the commit is about to be pushed, and so is on no branch yet.
    func problem(with commit: CommitID, of content: PromotionContent, tip: CommitID?, isPending: Bool) throws -> String? {
        var mergePoint = commit
        if !isPending {
            // What is on no branch is the same to every reader, whether this clone happens to have it or not.
            guard let tip, try objects.has(commit), let found = try self.mergePoint(of: commit, on: tip) else {
                return "\(commit.short) is not on the environment's branch"
            }
            mergePoint = found
        }
        guard let (tree, parents) = try objects.lineage(of: commit), let parent = parents.first else {
            return "\(commit.short) merges nothing"
        }
        let isMerge = parents.count == 2 && parents[1] == content.head
        guard let files = try files(of: content), try isMerge || isSquash(commit, tree, parent, files) else {
            return "\(commit.short) is not a merge of \(content.head.short)"
        }
        let stray = try files.first { try !holds($0.key, $0.value, tree) }
        let bringsNothing = try files.isEmpty && tree != objects.tree(of: parent)
        if stray != nil || bringsNothing, try !isGitsMerge(commit, tree) {
            let what = stray.map { "\($0.key) is not what it proposes" } ?? "it brings something else"
            return "\(commit.short) does not bring what \(content.head.short) proposes: \(what)"
        }
        return try lost(commit, files, tree, mergePoint)
    }

    /// The commit that had the environment's branch contain `commit`, which mostly is that commit itself; nil where it does not.
    private func mergePoint(of commit: CommitID, on tip: CommitID) throws -> CommitID? {
        if try lines.with(tip, { try $0.distance(of: commit, objects) }) != nil { return commit }
        guard try objects.isCommit(tip, atOrAfter: commit) else { return nil }
        // Along the line, first all contain it and then none does.
        var (last, step) = (tip, 1)
        while true {
            var next: CommitID? = last
            for _ in 0..<step { next = try next.flatMap { try objects.firstParent(of: $0) } }
            if let next, try objects.isCommit(next, atOrAfter: commit) {
                (last, step) = (next, 2 * step)
            } else if step == 1 {
                return last
            } else {
                step = 1
            }
        }
    }

    /// Whether `commit` changes what a promotion planned since `base`, exactly so, and nothing else.
    func changesOnly(_ content: PromotionContent, _ commit: CommitID, since base: CommitID) throws -> Bool {
        guard let (tree, _) = try objects.lineage(of: commit), let files = try files(of: content) else { return false }
        return try isSquash(commit, tree, base, files)
    }

    /// The files that the promotion's commit makes, and what it makes of them; nil where nothing tells.
    private func files(of content: PromotionContent) throws -> [RepositoryPath: TreeEntry?]? {
        // By what the ledger says of the promotion commit: that is gone with its branch, and every reader has to find the same.
        if let files = content.files {
            var entries: [RepositoryPath: TreeEntry?] = [:]
            for (path, blob) in files {
                guard let path = RepositoryPath(path), let blob = BlobID(blob) else { return nil }
                entries[path] = .blob(blob)
            }
            return entries
        }
        guard try objects.has(content.head), let (proposed, bases) = try objects.lineage(of: content.head),
            let base = bases.first
        else { return nil }
        var entries: [RepositoryPath: TreeEntry?] = [:]
        for path in try objects.changedPaths(from: objects.tree(of: base), to: proposed) {
            entries.updateValue(try objects.entry(at: path, in: proposed), forKey: path)
        }
        return entries
    }

    private func holds(_ path: RepositoryPath, _ entry: TreeEntry?, _ tree: TreeID) throws -> Bool {
        try objects.entry(at: path, in: tree) == entry
    }

    /// Whether a commit makes the changes of a promotion's commit and no others, as a squash, a rebase and a cherry-pick do.
    private func isSquash(
        _ commit: CommitID, _ tree: TreeID, _ parent: CommitID, _ files: [RepositoryPath: TreeEntry?]
    ) throws -> Bool {
        let changed = try objects.changedPaths(from: objects.tree(of: parent), to: tree)
        return try Set(changed) == Set(files.keys) && files.allSatisfy { try holds($0.key, $0.value, tree) }
    }

    /// Whether the commit is what Git makes of it, as where the branch has changed the same file meanwhile.
    private func isGitsMerge(_ commit: CommitID, _ tree: TreeID) throws -> Bool {
        guard try objects.lineage(of: commit)?.parents.count == 2 else { return false }
        guard let made = merges[commit] else {
            wanted.insert(commit)
            return false
        }
        return made == tree
    }

    /// Which merge the other way round, as `git pull` makes them, did not take a file over; nil where each did.
    ///
    /// What it takes over is what the branch had that it merged: there, a later promotion may have changed the file again.
    ///
    /// - Parameter mergePoint: the last of them, and `commit` itself where there is none.
    private func lost(
        _ commit: CommitID, _ files: [RepositoryPath: TreeEntry?], _ tree: TreeID, _ mergePoint: CommitID
    ) throws -> String? {
        var mergePoint = mergePoint
        while mergePoint != commit {
            guard let (after, parents) = try objects.lineage(of: mergePoint),
                let branch = try parents.dropFirst().first(where: { try objects.isCommit($0, atOrAfter: commit) })
            else { return "\(commit.short) is not on the environment's branch" }
            let before = try objects.tree(of: branch)
            for path in files.keys.sorted() {
                let entry = try objects.entry(at: path, in: after)
                if try entry == objects.entry(at: path, in: tree) || entry == objects.entry(at: path, in: before) { continue }
                return "\(mergePoint.short) brought \(commit.short) onto the branch without its \(path)"
            }
            // That branch may have come about in the same way.
            mergePoint = try self.mergePoint(of: commit, on: branch) ?? commit
        }
        return nil
    }
}

extension GitRepository {
    /// What Git makes of merging the second parent of each commit into its first; nil where they conflict.
    func merges(of commits: Set<CommitID>) async throws -> [CommitID: TreeID?] {
        var result: [CommitID: TreeID?] = [:]
        for commit in commits.sorted() {
            let parents = try scratch { try $0.lineage(of: commit)?.parents ?? [] }
            var tree: TreeID?
            if parents.count == 2, case .merged(let merged) = try await merge(ours: parents[0], theirs: parents[1]) {
                tree = merged.id
            }
            result.updateValue(tree, forKey: commit)
        }
        return result
    }
}
