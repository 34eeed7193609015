import CLibgit2
public import GitOpsTypes

/// Git's object database and refs, through libgit2: trees are read and commits written without a work tree or an index, so
/// that nobody's checkout is ever disturbed.
///
/// Not thread-safe, and blocking: `GitRepository` confines one to its queue. Refs change by compare-and-swap only.
public final class GitObjects {
    private let repository: GitHandle

    /// - Parameters:
    ///   - path: the repository's common directory.
    ///   - inMemory: whether written objects are kept in memory and forgotten: for judging what a change would be.
    init(path: String, inMemory: Bool) throws(GitError) {
        LibraryState.initialized
        repository = try GitHandle("open \(path)", git_repository_free) { git_repository_open_bare(&$0, path) }
        if inMemory { try addMemoryBackend() }
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
    public func has(_ id: CommitID) throws(GitError) -> Bool {
        let database = try GitHandle("open the object database", git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
        var oid = id.oid
        var size = 0
        var type = GIT_OBJECT_INVALID
        return git_odb_read_header(&size, &type, database.pointer, &oid) == 0 && type == GIT_OBJECT_COMMIT
    }

    private func rawCommit(_ id: CommitID) throws(GitError) -> [UInt8] {
        let database = try GitHandle("open the object database", git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
        var oid = id.oid
        let object = try GitHandle("read commit \(id.short)", git_odb_object_free) {
            git_odb_read(&$0, database.pointer, &oid)
        }
        guard let data = git_odb_object_data(object.pointer), git_odb_object_type(object.pointer) == GIT_OBJECT_COMMIT else {
            throw GitError(.notFound, "read commit \(id.short)", "it is no commit")
        }
        return Array(UnsafeRawBufferPointer(start: data, count: git_odb_object_size(object.pointer)))
    }

    public func tree(of commit: CommitID) throws(GitError) -> TreeID {
        try self.commit(commit).tree
    }

    /// What stands at `path` in `tree`; nil when nothing does. Links are not followed.
    public func entry(at path: RepositoryPath, in tree: TreeID) throws(GitError) -> TreeEntry? {
        if path.isRoot { return .tree(tree) }
        let root = try lookUpTree(tree)
        var entry: OpaquePointer?
        let status = git_tree_entry_bypath(&entry, root.pointer, path.description)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try check(status, "read \(path)")
        defer { git_tree_entry_free(entry) }
        return Self.entry(entry)
    }

    /// The names in a directory of `tree`, with what they are; nil when there is no such directory.
    public func entries(of directory: RepositoryPath, in tree: TreeID) throws(GitError) -> [(name: String, entry: TreeEntry)]? {
        guard case .tree(let id)? = try entry(at: directory, in: tree) else { return nil }
        let handle = try lookUpTree(id)
        var result: [(name: String, entry: TreeEntry)] = []
        for index in 0..<git_tree_entrycount(handle.pointer) {
            let entry = git_tree_entry_byindex(handle.pointer, index)
            guard let name = git_tree_entry_name(entry), let value = Self.entry(entry) else { continue }
            result.append((String(cString: name), value))
        }
        return result
    }

    private static func entry(_ entry: OpaquePointer?) -> TreeEntry? {
        guard let entry, let id = git_tree_entry_id(entry)?.pointee else { return nil }
        return switch git_tree_entry_filemode(entry) {
        case GIT_FILEMODE_TREE: .tree(TreeID(id))
        case GIT_FILEMODE_LINK: .link(BlobID(id))
        case GIT_FILEMODE_COMMIT: .submodule
        default: .blob(BlobID(id))
        }
    }

    public func blob(_ id: BlobID) throws(GitError) -> [UInt8] {
        var oid = id.oid
        let blob = try GitHandle("read object \(id.short)", git_blob_free) { git_blob_lookup(&$0, repository.pointer, &oid) }
        guard let content = git_blob_rawcontent(blob.pointer) else { return [] }
        return Array(UnsafeRawBufferPointer(start: content, count: Int(git_blob_rawsize(blob.pointer))))
    }

    /// The paths that differ between two trees.
    public func changedPaths(from old: TreeID, to new: TreeID) throws(GitError) -> [RepositoryPath] {
        let oldTree = try lookUpTree(old)
        let newTree = try lookUpTree(new)
        let diff = try GitHandle("compare trees", git_diff_free) {
            git_diff_tree_to_tree(&$0, repository.pointer, oldTree.pointer, newTree.pointer, nil)
        }
        return (0..<git_diff_num_deltas(diff.pointer)).compactMap { index in
            guard let delta = git_diff_get_delta(diff.pointer, index)?.pointee else { return nil }
            return (delta.new_file.path ?? delta.old_file.path).flatMap { RepositoryPath(String(cString: $0)) }
        }
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

    // MARK: Refs

    /// The commit that `ref` is at; nil when there is no such ref.
    public func commit(atRef ref: String) throws(GitError) -> CommitID? {
        var oid = git_oid()
        let status = git_reference_name_to_id(&oid, repository.pointer, ref)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try check(status, "read \(ref)")
        return CommitID(oid)
    }

    /// The ref that the symbolic ref `ref` points to; nil when it is none.
    public func target(ofSymbolicRef ref: String) throws(GitError) -> String? {
        var pointer: OpaquePointer?
        let status = git_reference_lookup(&pointer, repository.pointer, ref)
        if status == GIT_ENOTFOUND.rawValue { return nil }
        try check(status, "read \(ref)")
        defer { git_reference_free(pointer) }
        return git_reference_symbolic_target(pointer).map { String(cString: $0) }
    }

    /// All refs below `prefix`, which ends in a slash.
    public func refs(below prefix: String) throws(GitError) -> [(name: String, commit: CommitID)] {
        let iterator = try GitHandle("list refs", git_reference_iterator_free) {
            git_reference_iterator_glob_new(&$0, repository.pointer, prefix + "*")
        }
        var result: [(name: String, commit: CommitID)] = []
        var name: UnsafePointer<CChar>?
        while git_reference_next_name(&name, iterator.pointer) == 0 {
            guard let name else { continue }
            let text = String(cString: name)
            if let commit = try commit(atRef: text) { result.append((text, commit)) }
        }
        return result
    }

    /// Moves `ref` from `expected` (nil: it must not exist) to `new`.
    ///
    /// - Throws: `GitError.refMoved` when it is elsewhere.
    public func moveRef(_ ref: String, from expected: CommitID?, to new: CommitID, reason: String) throws(GitError) {
        var reference: OpaquePointer?
        defer { git_reference_free(reference) }
        var oid = new.oid
        let status: Int32
        if let expected {
            var old = expected.oid
            status = git_reference_create_matching(&reference, repository.pointer, ref, &oid, 1, &old, reason)
        } else {
            status = git_reference_create(&reference, repository.pointer, ref, &oid, 0, reason)
        }
        switch status {
        case GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue, GIT_ELOCKED.rawValue, GIT_ENOTFOUND.rawValue:
            throw GitError(.refMoved, "move \(ref)", "it was moved by somebody else")
        default: try check(status, "move \(ref)")
        }
    }

    /// Deletes `ref`; nothing happens when it is absent.
    public func deleteRef(_ ref: String) throws(GitError) {
        let status = git_reference_remove(repository.pointer, ref)
        if status != GIT_ENOTFOUND.rawValue { try check(status, "delete \(ref)") }
    }

    // MARK: Writing

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

    // MARK: Handles

    private func lookUpCommit(_ id: CommitID) throws(GitError) -> GitHandle {
        var oid = id.oid
        return try GitHandle("read commit \(id.short)", git_commit_free) { git_commit_lookup(&$0, repository.pointer, &oid) }
    }

    private func lookUpTree(_ id: TreeID) throws(GitError) -> GitHandle {
        var oid = id.oid
        return try GitHandle("read tree \(id.short)", git_tree_free) { git_tree_lookup(&$0, repository.pointer, &oid) }
    }

    private func signatureHandle(_ identity: CommitIdentity) throws(GitError) -> UnsafeMutablePointer<git_signature>? {
        var signature: UnsafeMutablePointer<git_signature>?
        try check(
            git_signature_new(&signature, identity.name, identity.email, identity.time.seconds, 0),
            "write a commit as \(identity.name) <\(identity.email)>")
        return signature
    }

    private static func cString(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        _ = UnsafeMutableBufferPointer(start: pointer, count: bytes.count).initialize(from: bytes)
        return pointer
    }
}

/// Throws what libgit2 says about a failed call. Its last error belongs to the calling thread: it is read at once.
private func check(_ status: Int32, _ operation: @autoclosure () -> String) throws(GitError) {
    guard status < 0 else { return }
    let message = git_error_last()?.pointee.message.map { String(cString: $0) } ?? "error \(status)"
    throw GitError(status == GIT_ENOTFOUND.rawValue ? .notFound : .failed, operation(), message.displayable)
}

/// Owns one libgit2 object and frees it.
private struct GitHandle: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    init(
        _ operation: @autoclosure () -> String, _ free: @escaping (OpaquePointer?) -> Void,
        _ open: (inout OpaquePointer?) -> Int32
    ) throws(GitError) {
        var pointer: OpaquePointer?
        try check(open(&pointer), operation())
        guard let pointer else { throw GitError(.failed, operation(), "libgit2 returned nothing") }
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}

/// libgit2's process-wide set-up, made when the first repository is opened.
private enum LibraryState {
    static let initialized: Void = {
        git_libgit2_init()
        // The git program has judged the owner of the repository by safe.directory before libgit2 opens it.
        _ = promote_git_set_owner_validation(0)
    }()
}

extension ObjectID {
    init(_ oid: git_oid) {
        let hex = withUnsafeBytes(of: oid.id) { bytes in
            String(
                decoding: bytes.flatMap { byte in [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 0xF)]] }, as: UTF8.self)
        }
        guard let value = Self(hex) else { preconditionFailure("libgit2 gave an object id that is none") }
        self = value
    }

    private static var digits: [UInt8] { Array("0123456789abcdef".utf8) }

    var oid: git_oid {
        var oid = git_oid()
        git_oid_fromstr(&oid, hex)
        return oid
    }
}

extension git_buf {
    fileprivate var bytes: [UInt8] {
        ptr.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
    }
}

extension CommitIdentity {
    fileprivate init(_ signature: git_signature) {
        self.init(
            name: String(cString: signature.name), email: String(cString: signature.email),
            time: Timestamp(seconds: signature.when.time))
    }
}
