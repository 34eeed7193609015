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
                    action: GIT_TREE_UPDATE_UPSERT, id: id.oid, filemode: try mode(of: path, in: tree), path: UnsafePointer(name))
            )
        }
        var oid = git_oid()
        try check(
            git_tree_create_updated(&oid, repository.pointer, base.pointer, updates.count, updates), "write a directory")
        return TreeID(oid)
    }

    /// A tree of files alone, for a repository that has none yet and for ledger events.
    public func writeTree(of files: [RepositoryPath: [UInt8]]) throws(GitError) -> TreeID {
        try writeTree(writeDirectory([:]), replacing: files)
    }

    /// A directory with what stands in it by name.
    func writeDirectory(_ entries: [String: TreeEntry]) throws(GitError) -> TreeID {
        let builder = try GitHandle("write a directory", git_treebuilder_free) {
            git_treebuilder_new(&$0, repository.pointer, nil)
        }
        for (name, entry) in entries {
            let (oid, mode) =
                switch entry {
                case .blob(let blob): (blob.oid, GIT_FILEMODE_BLOB)
                case .tree(let tree): (tree.oid, GIT_FILEMODE_TREE)
                case .link(let target): (target.oid, GIT_FILEMODE_LINK)
                case .submodule(let commit): (commit.oid, GIT_FILEMODE_COMMIT)
                }
            var id = oid
            try check(git_treebuilder_insert(nil, builder.pointer, name, &id, mode), "write a directory")
        }
        var oid = git_oid()
        try check(git_treebuilder_write(&oid, builder.pointer), "write a directory")
        return TreeID(oid)
    }

    /// Who makes commits that are the same whoever makes them.
    static let ourselves = CommitIdentity(name: "promote", email: "promote@localhost", time: Timestamp(seconds: 0))

    /// A commit without parents and without files, always the same one: what a branch is compared with that has no past.
    public func emptyCommit() throws(GitError) -> CommitID {
        let content = try commitContent(
            CommitDraft(tree: writeDirectory([:]), parents: [], by: Self.ourselves, message: "Nothing\n"))
        return try writeCommit(content, signature: nil)
    }

    /// Whether a commit has neither parents nor files.
    public func isNothing(_ commit: CommitID) throws(GitError) -> Bool {
        let record = try self.commit(commit)
        guard record.parents.isEmpty else { return false }
        return try entries(of: .root, in: record.tree)?.isEmpty == true
    }

    private func mode(of path: RepositoryPath, in tree: TreeID) throws(GitError) -> git_filemode_t {
        try find(path, in: tree)?.1.mode == .executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB
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
}
