import CLibgit2
public import GitOpsTypes

/// What merging one commit into another makes.
public enum TreeMerge: Hashable, Sendable {
    case merged(MergedTree)
    case conflict(paths: [String])
    /// The two have no commit in common, and Git merges such only when it is told to.
    case unrelated
}

/// The directory that a merge makes, and how to write it where it is not.
public struct MergedTree: Hashable, Sendable {
    public let id: TreeID
    let source: Source

    enum Source: Hashable, Sendable {
        /// A directory that one of the two has.
        case present
        /// One that is there, with some files of the other side.
        case spliced(TreeID, [RepositoryPath: BlobID])
        /// By its objects, in an order in which they can be written: what is in a directory before the directory.
        case made([MadeObject])
    }

    init(_ id: TreeID, _ source: Source = .present) {
        self.id = id
        self.source = source
    }
}

struct MadeObject: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case blob, tree }

    let kind: Kind
    let bytes: [UInt8]
}

extension GitObjects {
    /// Writes what a merge made, and what is in it.
    public func write(_ merged: MergedTree) throws(GitError) -> TreeID {
        switch merged.source {
        case .present: break
        case .spliced(let tree, let blobs): _ = try replacing(blobs, in: tree)
        case .made(let objects):
            let database = try GitHandle("open the object database", git_odb_free) {
                git_repository_odb(&$0, repository.pointer)
            }
            for object in objects {
                var oid = git_oid()
                let type = object.kind == .tree ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB
                try check(git_odb_write(&oid, database.pointer, object.bytes, object.bytes.count, type), "write what was merged")
            }
        }
        return merged.id
    }

    /// What a merge makes where every program agrees, because there is nothing to merge within a file and nothing that could
    /// have been renamed: one side follows from the other, or both only changed files, each other ones. Nil for all others.
    func plainMerge(ours: CommitID, theirs: CommitID) throws(GitError) -> TreeMerge? {
        if try isCommit(ours, atOrAfter: theirs) { return .merged(MergedTree(try tree(of: ours))) }
        if try isCommit(theirs, atOrAfter: ours) { return .merged(MergedTree(try tree(of: theirs))) }
        let bases = try mergeBases(ours, theirs)
        guard let base = bases.first else { return .unrelated }
        guard bases.count == 1 else { return nil }
        let (old, left, right) = (try tree(of: base), try tree(of: ours), try tree(of: theirs))
        if left == old || left == right { return .merged(MergedTree(right)) }
        if right == old { return .merged(MergedTree(left)) }
        guard let mine = try edits(from: old, to: left), let others = try edits(from: old, to: right),
            mine.allSatisfy({ others[$0.key] == nil || others[$0.key] == $0.value })
        else { return nil }
        return .merged(MergedTree(try replacing(others, in: left), .spliced(left, others)))
    }

    /// All common ancestors that are ancestors of no other; none where there is no common history.
    public func mergeBases(_ one: CommitID, _ other: CommitID) throws(GitError) -> [CommitID] {
        var (left, right) = (one.oid, other.oid)
        var bases = git_oidarray()
        let status = git_merge_bases(&bases, repository.pointer, &left, &right)
        if status == GIT_ENOTFOUND.rawValue { return [] }
        try check(status, "find what \(one.short) and \(other.short) have in common")
        defer { git_oidarray_dispose(&bases) }
        return UnsafeBufferPointer(start: bases.ids, count: bases.count).map { CommitID($0) }
    }

    /// The files that differ and their new blobs, where nothing but content of plain files differs; else nil.
    private func edits(from old: TreeID, to new: TreeID) throws(GitError) -> [RepositoryPath: BlobID]? {
        var edits: [RepositoryPath: BlobID] = [:]
        for path in try changedPaths(from: old, to: new) {
            guard let (before, was) = try find(path, in: old), let (after, now) = try find(path, in: new),
                was.mode == now.mode, was.mode == .file || was.mode == .executable,
                before.entry(of: was) != after.entry(of: now), case .blob(let blob) = after.entry(of: now)
            else { return nil }
            edits[path] = blob
        }
        return edits
    }

    private func replacing(_ blobs: [RepositoryPath: BlobID], in tree: TreeID) throws(GitError) -> TreeID {
        var files: [RepositoryPath: [UInt8]] = [:]
        for (path, id) in blobs { files[path] = try blob(id) }
        return try writeTree(tree, replacing: files)
    }
}
