import CLibgit2
public import GitOpsTypes

/// How another repository is kept in this one at a commit: by a commit of ours, without its history, that has the files and the commit
/// as it was, which every reader holds against its name.
enum KeptRepository {
    private static let prefix = "refs/promote/bases/"
    static let commit = "commit"
    static let files = "files"

    /// A ref that no push and no fetch of branches touches, and that keeps the objects.
    static func ref(of repository: PinnedRepository) throws(GitError) -> String {
        "\(prefix)\(BlobID(try hash(Array(repository.address.utf8), GIT_OBJECT_BLOB)).hex)/\(repository.commit.hex)"
    }

    static func hash(_ bytes: [UInt8], _ type: git_object_t) throws(GitError) -> git_oid {
        LibraryState.initialized
        var oid = git_oid()
        try check(git_odb_hash(&oid, bytes, bytes.count, type), "name an object")
        return oid
    }
}

extension GitObjects {
    /// The files of another repository at a commit; nil where they are not kept here.
    ///
    /// - Throws: `GitError`; `.malformed` where what is kept is not what the commit's name says.
    public func files(of repository: PinnedRepository) throws(GitError) -> TreeID? {
        if let known = knownRepositories[repository] { return known }
        guard let kept = try commit(atRef: KeptRepository.ref(of: repository)) else { return nil }
        let tree = try self.tree(of: kept)
        guard let (record, files) = try parts(of: tree),
            try CommitID(KeptRepository.hash(record, GIT_OBJECT_COMMIT)) == repository.commit,
            CommitHeader(record)?.tree == files
        else {
            throw GitError(
                .malformed, "read \(repository)", "what is kept of it is something else",
                hint: "git update-ref -d \(try KeptRepository.ref(of: repository)), and fetch it again")
        }
        knownRepositories[repository] = files
        return files
    }

    private func parts(of tree: TreeID) throws(GitError) -> (commit: [UInt8], files: TreeID)? {
        guard let commit = RepositoryPath(KeptRepository.commit), let files = RepositoryPath(KeptRepository.files),
            case .blob(let record)? = try entry(at: commit, in: tree), case .tree(let root)? = try entry(at: files, in: tree)
        else { return nil }
        return (try blob(record), root)
    }

    /// Makes the commit that keeps another repository, of whose commit all objects but the history are here.
    ///
    /// - Throws: `GitError`; also where the name is that of a tag.
    func keep(_ repository: PinnedRepository) throws(GitError) -> CommitID {
        let record = try raw(repository.commit.oid, GIT_OBJECT_COMMIT, "read \(repository)")
        guard let files = CommitHeader(record)?.tree else {
            throw GitError(.malformed, "read \(repository)", "the commit has no directory")
        }
        let tree = try writeDirectory([
            KeptRepository.commit: .blob(writeBlob(record)), KeptRepository.files: .tree(files),
        ])
        let draft = CommitDraft(tree: tree, parents: [], by: Self.ourselves, message: "\(repository)\n")
        return try writeCommit(commitContent(draft), signature: nil)
    }
}
