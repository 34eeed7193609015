import CLibgit2
public import GitOpsTypes

extension GitObjects {
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

    /// The ref that writing to `ref` moves: `ref` itself, or where a chain of symbolic refs ends.
    ///
    /// - Throws: `GitError.failed` for a chain longer than Git follows.
    public func resolvedName(of ref: String) throws(GitError) -> String {
        var name = ref
        // Source: SYMREF_MAXDEPTH of Git's refs.
        for _ in 0..<5 {
            guard let target = try target(ofSymbolicRef: name) else { return name }
            name = target
        }
        throw GitError(.failed, "read \(ref.displayable)", "symbolic refs lead from one to the next without end")
    }

    /// Whether the repository has an object whose name begins with `text`, or several.
    public func hasObject(abbreviated text: String) throws(GitError) -> Bool {
        // Git abbreviates to seven digits at least, and words such as “facade” have fewer.
        guard (7...40).contains(text.utf8.count), text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return false }
        let database = try GitHandle("open the object database", git_odb_free) { git_repository_odb(&$0, repository.pointer) }
        var short = git_oid()
        try check(git_oid_fromstrn(&short, text, text.utf8.count), "read \(text)")
        let status = git_odb_exists_prefix(nil, database.pointer, &short, text.utf8.count)
        if status == GIT_ENOTFOUND.rawValue { return false }
        if status == GIT_EAMBIGUOUS.rawValue { return true }
        try check(status, "look for \(text)")
        return true
    }

    /// The commit that people call `text`: a ref, an abbreviated id, `HEAD~2`; nil when it names none.
    ///
    /// What looks like an id is one, and never the name of a ref, which every account that can push can make: of a branch called
    /// `cafe`, `refs/heads/cafe` is the name.
    public func commit(named text: String) throws(GitError) -> CommitID? {
        let name = text.prefix { !"~^@:".contains($0) }
        guard CommitAbbreviation.isHexadecimal(name) else { return try commit(parsing: text) }
        guard let abbreviation = CommitAbbreviation(name), case .found(let commit) = try self.commit(abbreviation) else {
            return nil
        }
        let path = text[name.endIndex...]
        return path.isEmpty ? commit : try self.commit(parsing: commit.hex + path)
    }

    /// The commit whose id begins so.
    public func commit(_ abbreviation: CommitAbbreviation) throws(GitError) -> CommitAbbreviation.Meaning {
        var oid = git_oid()
        let digits = abbreviation.digits
        guard digits.utf8.count <= 2 * MemoryLayout<git_oid>.size, git_oid_fromstrn(&oid, digits, digits.utf8.count) == 0 else {
            return .nothing
        }
        var object: OpaquePointer?
        let status = git_object_lookup_prefix(&object, repository.pointer, &oid, digits.utf8.count, GIT_OBJECT_ANY)
        if status == GIT_ENOTFOUND.rawValue { return .nothing }
        if status == GIT_EAMBIGUOUS.rawValue { return .several }
        try check(status, "read \(digits)")
        defer { git_object_free(object) }
        var peeled: OpaquePointer?
        guard git_object_peel(&peeled, object, GIT_OBJECT_COMMIT) == 0 else { return .nothing }
        defer { git_object_free(peeled) }
        return git_object_id(peeled).map { .found(CommitID($0.pointee)) } ?? .nothing
    }

    private func commit(parsing text: String) throws(GitError) -> CommitID? {
        var object: OpaquePointer?
        let status = git_revparse_single(&object, repository.pointer, "\(text)^{commit}")
        if status == GIT_ENOTFOUND.rawValue || status == GIT_EINVALIDSPEC.rawValue || status == GIT_EAMBIGUOUS.rawValue {
            return nil
        }
        try check(status, "read \(text.displayable)")
        defer { git_object_free(object) }
        return git_object_id(object).map { CommitID($0.pointee) }
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
    /// - Throws: `GitError.refMoved` when it is elsewhere; `GitError.locked` when a lock is left over.
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
        try requireUnlocked(status, ref, "move \(ref)")
        switch status {
        case GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue, GIT_ELOCKED.rawValue, GIT_ENOTFOUND.rawValue:
            throw GitError(.refMoved, "move \(ref)", "it was moved meanwhile")
        default: try check(status, "move \(ref)")
        }
    }

    /// Deletes `ref`; nothing happens when it is absent.
    public func deleteRef(_ ref: String) throws(GitError) {
        let status = git_reference_remove(repository.pointer, ref)
        try requireUnlocked(status, ref, "delete \(ref)")
        if status != GIT_ENOTFOUND.rawValue { try check(status, "delete \(ref)") }
    }

    /// Deletes the refs below `root`, which ends in a slash, that Git cannot have together with `ref`: one would be below the other.
    func clearWay(for ref: String, below root: String) throws(GitError) {
        for parent in RefName.parents(of: ref, below: root) where try commit(atRef: parent) != nil { try deleteRef(parent) }
        for child in try refs(below: ref + "/") { try deleteRef(child.name) }
    }

    /// A lock that another process has at this moment is gone in the next; one that stays was left over.
    private func requireUnlocked(_ status: Int32, _ ref: String, _ operation: String) throws(GitError) {
        guard status == GIT_ELOCKED.rawValue, let path = git_repository_commondir(repository.pointer) else { return }
        let obstacles = RefObstacle.locks(of: [ref, "packed-refs"], in: String(cString: path))
        guard let left = obstacles.first(where: \.isLeftOver) else { return }
        throw left.error(GitError(.locked, operation, "its lock is held"))
    }
}
