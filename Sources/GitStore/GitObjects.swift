import CLibgit2
public import GitOpsTypes

/// Git's object database and refs, through libgit2: trees are read and commits written without a work tree or an index, so
/// that no checkout is ever disturbed.
///
/// Not thread-safe, and blocking: `GitRepository` confines one to its queue. Refs change by compare-and-swap only.
public final class GitObjects {
    let repository: GitHandle
    /// The folder of trees that has the repository's own configuration; nil for the usual one.
    public let configurationFolder: RepositoryPath?
    /// Trees that were read, and how much of memory they take.
    var knownTrees: [TreeID: TreeObject] = [:]
    var knownTreeBytes = 0
    /// Other repositories that are kept here, with their files.
    var knownRepositories: [PinnedRepository: TreeID] = [:]

    /// - Parameters:
    ///   - path: the repository's common directory.
    ///   - inMemory: whether written objects are kept in memory and forgotten: for judging what a change would be.
    ///   - incoming: a directory with further objects, which a push brings and which are not accepted yet; nil for none.
    init(
        path: String, inMemory: Bool, incoming: String? = nil, configurationFolder: RepositoryPath? = nil
    ) throws(GitError) {
        self.configurationFolder = configurationFolder
        LibraryState.initialized
        repository = try GitHandle("open \(path)", git_repository_free) { git_repository_open_bare(&$0, path) }
        if inMemory { try addMemoryBackend() }
        if let incoming {
            let database = try GitHandle("open the object database", git_odb_free) {
                git_repository_odb(&$0, repository.pointer)
            }
            try check(git_odb_add_disk_alternate(database.pointer, incoming), "read what is pushed")
        }
    }

    private func addMemoryBackend() throws(GitError) {
        let database = try GitHandle("open the object database", git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
        var backend: UnsafeMutablePointer<git_odb_backend>?
        try check(git_mempack_new(&backend), "keep objects in memory")
        // Above the loose and packed backends, so that it takes every write.
        try check(git_odb_add_backend(database.pointer, backend, 999), "keep objects in memory")
    }

    // MARK: Reading

    public func commit(_ id: CommitID) throws(GitError) -> CommitRecord {
        let commit = try lookUpCommit(id)
        let parents = (0..<git_commit_parentcount(commit.pointer)).compactMap { index in
            git_commit_parent_id(commit.pointer, index).map { CommitID($0.pointee) }
        }
        guard let tree = git_commit_tree_id(commit.pointer), let author = git_commit_author(commit.pointer),
            let committer = git_commit_committer(commit.pointer)
        else { throw GitError(.failed, "read commit \(id.short)", "the commit is damaged") }
        return CommitRecord(
            id: id, tree: TreeID(tree.pointee), parents: parents, author: CommitIdentity(author.pointee),
            committer: CommitIdentity(committer.pointee),
            message: git_commit_message(commit.pointer).map { String(cString: $0) } ?? "")
    }

    /// The signature of a commit and the bytes it is of; nil when it has none.
    ///
    /// The header is taken out here and not by libgit2, whose function reads past the end of objects that are in memory.
    public func signature(of id: CommitID) throws(GitError) -> (armored: String, signed: [UInt8])? {
        CommitSignatureHeader.split(try rawCommit(id))
    }

    /// Tree and parents of a commit, however malformed the rest of it is; nil when even they cannot be read.
    public func lineage(of id: CommitID) throws(GitError) -> (tree: TreeID, parents: [CommitID])? {
        CommitHeader(try rawCommit(id)).map { ($0.tree, $0.parents) }
    }

    /// Whether the repository has a commit of this name.
    public func has(_ id: CommitID) throws(GitError) -> Bool { try has(id.oid, GIT_OBJECT_COMMIT) }

    /// Whether the repository has a directory of this name.
    public func has(_ id: TreeID) throws(GitError) -> Bool { try has(id.oid, GIT_OBJECT_TREE) }

    private func has(_ oid: git_oid, _ wanted: git_object_t) throws(GitError) -> Bool {
        let database = try GitHandle("open the object database", git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
        var oid = oid
        var size = 0
        var type = GIT_OBJECT_INVALID
        return git_odb_read_header(&size, &type, database.pointer, &oid) == 0 && type == wanted
    }

    private func rawCommit(_ id: CommitID) throws(GitError) -> [UInt8] {
        try raw(id.oid, GIT_OBJECT_COMMIT, "read commit \(id.short)")
    }

    public func tree(of commit: CommitID) throws(GitError) -> TreeID {
        try self.commit(commit).tree
    }

    public func blob(_ id: BlobID) throws(GitError) -> [UInt8] {
        var oid = id.oid
        let blob = try GitHandle("read object \(id.short)", git_blob_free) { git_blob_lookup(&$0, repository.pointer, &oid) }
        guard let content = git_blob_rawcontent(blob.pointer) else { return [] }
        return Array(UnsafeRawBufferPointer(start: content, count: Int(git_blob_rawsize(blob.pointer))))
    }

    /// The bytes an object has, without reading it.
    public func size<Kind>(of id: ObjectID<Kind>) throws(GitError) -> Int {
        var oid = id.oid
        let database = try GitHandle("open the object database", git_odb_free) { git_repository_odb(&$0, repository.pointer) }
        var size = 0
        var type = GIT_OBJECT_ANY
        try check(git_odb_read_header(&size, &type, database.pointer, &oid), "read object \(id.short)")
        return size
    }

    /// Whether `commit` is `ancestor` or follows from it.
    public func isCommit(_ commit: CommitID, atOrAfter ancestor: CommitID) throws(GitError) -> Bool {
        if commit == ancestor { return true }
        var left = commit.oid
        var right = ancestor.oid
        let status = git_graph_descendant_of(repository.pointer, &left, &right)
        if status < 0 { try check(status, "compare \(commit.short) with \(ancestor.short)") }
        return status == 1
    }

    /// A line of commits from `head` back to, and without, `stop` (nil: to the first), newest first.
    ///
    /// - Returns: nil when the line does not lead to `stop`, or when a commit on it is a merge: then it is no line.
    public func line(from head: CommitID, to stop: CommitID?) throws(GitError) -> [CommitID]? {
        var result: [CommitID] = []
        var next: CommitID? = head
        while let id = next, id != stop {
            result.append(id)
            guard let (_, parents) = try lineage(of: id), parents.count <= 1 else { return nil }
            next = parents.first
        }
        return next == stop ? result : nil
    }

    /// The first parent of a commit; nil for the first commit of all.
    public func firstParent(of id: CommitID) throws(GitError) -> CommitID? {
        try lineage(of: id)?.parents.first
    }

    // MARK: Handles

    func lookUpCommit(_ id: CommitID) throws(GitError) -> GitHandle {
        var oid = id.oid
        return try GitHandle("read commit \(id.short)", git_commit_free) { git_commit_lookup(&$0, repository.pointer, &oid) }
    }

    func lookUpTree(_ id: TreeID) throws(GitError) -> GitHandle {
        var oid = id.oid
        return try GitHandle("read tree \(id.short)", git_tree_free) { git_tree_lookup(&$0, repository.pointer, &oid) }
    }

    func signatureHandle(_ identity: CommitIdentity) throws(GitError) -> UnsafeMutablePointer<git_signature>? {
        var signature: UnsafeMutablePointer<git_signature>?
        try check(
            git_signature_new(&signature, identity.name, identity.email, identity.time.seconds, 0),
            "write a commit as \(identity.name) <\(identity.email)>")
        return signature
    }

    static func cString(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        _ = UnsafeMutableBufferPointer(start: pointer, count: bytes.count).initialize(from: bytes)
        return pointer
    }
}

extension CommitIdentity {
    fileprivate init(_ signature: git_signature) {
        self.init(
            name: String(cString: signature.name), email: String(cString: signature.email),
            time: Timestamp(seconds: signature.when.time))
    }
}
