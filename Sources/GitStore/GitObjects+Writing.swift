import CLibgit2
public import GitOpsTypes

extension GitObjects {
    public func writeBlob(_ bytes: [UInt8]) throws(GitError) -> BlobID {
        var oid = git_oid()
        try check(git_blob_create_from_buffer(&oid, repository.pointer, bytes, bytes.count), "write a file")
        return BlobID(oid)
    }

    /// `tree` with the files at some paths replaced or added; a file that exists keeps its mode.
    public func writeTree(_ tree: TreeID, replacing files: [RepositoryPath: [UInt8]]) throws(GitError) -> TreeID {
        let base = try lookUpTree(tree)
        var updates: [git_tree_update] = []
        var names: [UnsafeMutablePointer<CChar>] = []
        defer { for name in names { name.deallocate() } }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            let id = try writeBlob(bytes)
            let name = Self.cString(path.description)
            names.append(name)
            updates.append(
                git_tree_update(
                    action: GIT_TREE_UPDATE_UPSERT, id: id.oid, filemode: try mode(of: path, in: base), path: UnsafePointer(name))
            )
        }
        var oid = git_oid()
        try check(
            git_tree_create_updated(&oid, repository.pointer, base.pointer, updates.count, updates), "write a directory")
        return TreeID(oid)
    }

    /// A tree of files alone, for a repository that has none yet and for ledger events.
    public func writeTree(of files: [RepositoryPath: [UInt8]]) throws(GitError) -> TreeID {
        let builder = try GitHandle("write a directory", git_treebuilder_free) {
            git_treebuilder_new(&$0, repository.pointer, nil)
        }
        var empty = git_oid()
        try check(git_treebuilder_write(&empty, builder.pointer), "write a directory")
        return try writeTree(TreeID(empty), replacing: files)
    }

    private func mode(of path: RepositoryPath, in tree: borrowing GitHandle) throws(GitError) -> git_filemode_t {
        var entry: OpaquePointer?
        let status = git_tree_entry_bypath(&entry, tree.pointer, path.description)
        if status == GIT_ENOTFOUND.rawValue { return GIT_FILEMODE_BLOB }
        try check(status, "read \(path)")
        defer { git_tree_entry_free(entry) }
        let mode = git_tree_entry_filemode(entry)
        return mode == GIT_FILEMODE_BLOB_EXECUTABLE ? mode : GIT_FILEMODE_BLOB
    }

    /// The bytes of a commit object, which are what a signature is of.
    public func commitContent(_ draft: CommitDraft) throws(GitError) -> [UInt8] {
        let tree = try lookUpTree(draft.tree)
        var parents: [OpaquePointer?] = []
        defer { for parent in parents { git_commit_free(parent) } }
        for id in draft.parents {
            var oid = id.oid
            var parent: OpaquePointer?
            try check(git_commit_lookup(&parent, repository.pointer, &oid), "read commit \(id.short)")
            parents.append(parent)
        }
        let author = try signatureHandle(draft.author)
        let committer = try signatureHandle(draft.committer)
        defer {
            git_signature_free(author)
            git_signature_free(committer)
        }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try check(
            git_commit_create_buffer(
                &buffer, repository.pointer, author, committer, nil, draft.message, tree.pointer, parents.count, &parents),
            "write a commit")
        return buffer.bytes
    }

    /// Stores a commit object with its signature, if it has one.
    public func writeCommit(_ content: [UInt8], signature: String?) throws(GitError) -> CommitID {
        var oid = git_oid()
        try check(
            git_commit_create_with_signature(
                &oid, repository.pointer, String(decoding: content, as: UTF8.self), signature, CommitSignatureHeader.name),
            "write a commit")
        return CommitID(oid)
    }

    /// Merges `theirs` into `ours` by their common ancestor.
    public func mergeTrees(ours: CommitID, theirs: CommitID) throws(GitError) -> TreeMerge {
        let left = try lookUpCommit(ours)
        let right = try lookUpCommit(theirs)
        var options = git_merge_options()
        git_merge_options_init(&options, UInt32(GIT_MERGE_OPTIONS_VERSION))
        let index = try GitHandle("merge \(theirs.short)", git_index_free) {
            git_merge_commits(&$0, repository.pointer, left.pointer, right.pointer, &options)
        }
        if git_index_has_conflicts(index.pointer) == 1 { return .conflict(paths: try conflictPaths(index)) }
        var oid = git_oid()
        try check(git_index_write_tree_to(&oid, index.pointer, repository.pointer), "write the merged directory")
        return .merged(TreeID(oid))
    }

    private func conflictPaths(_ index: borrowing GitHandle) throws(GitError) -> [String] {
        let iterator = try GitHandle("list conflicts", git_index_conflict_iterator_free) {
            git_index_conflict_iterator_new(&$0, index.pointer)
        }
        var result: Set<String> = []
        var ancestor: UnsafePointer<git_index_entry>?
        var ours: UnsafePointer<git_index_entry>?
        var theirs: UnsafePointer<git_index_entry>?
        while git_index_conflict_next(&ancestor, &ours, &theirs, iterator.pointer) == 0 {
            if let path = (ours ?? theirs ?? ancestor)?.pointee.path { result.insert(String(cString: path)) }
        }
        return result.sorted()
    }
}
