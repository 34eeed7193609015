public import GitOpsTypes
public import GitStore
public import PromotionDomain

/// Reads the commits of a ledger branch as records: the event, who claims it, and what the signature proves.
public struct LedgerReader {
    private let objects: GitObjects

    /// The one file in the tree of every ledger commit.
    public static let eventFile: RepositoryPath = {
        guard let path = RepositoryPath("event.json") else { preconditionFailure("event.json is a path") }
        return path
    }()

    public init(_ objects: GitObjects) {
        self.objects = objects
    }

    /// The records after `start` (nil: from the first) up to `head`, oldest first.
    ///
    /// - Returns: nil when no line of commits leads from `head` to `start`: the ledger was rewound, replaced, or merged with
    ///   another line, which hides events.
    /// - Throws: `GitError`.
    public func records(after start: CommitID?, to head: CommitID) throws(GitError) -> [LedgerRecord]? {
        guard let commits = try commits(after: start, to: head) else { return nil }
        return try records(of: commits[...])
    }

    /// The commits after `start` (nil: from the first) up to `head`, oldest first; nil as for `records`.
    ///
    /// - Throws: `GitError`.
    public func commits(after start: CommitID?, to head: CommitID) throws(GitError) -> [CommitID]? {
        try objects.line(from: head, to: start)?.reversed()
    }

    /// The records that some of those commits are.
    ///
    /// - Throws: `GitError`.
    public func records(of commits: ArraySlice<CommitID>) throws(GitError) -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        records.reserveCapacity(commits.count)
        for commit in commits { records.append(try unverified(commit).verified()) }
        return records
    }

    /// The text of the event that a ledger commit holds, as it is; nil where there is none, or none that can be one.
    ///
    /// - Throws: `GitError`.
    public func text(of commit: CommitID) throws(GitError) -> [UInt8]? {
        guard case .blob(let blob) = try place(ofEvent: commit) else { return nil }
        return try objects.blob(blob)
    }

    /// Bytes of an `event.json`: consent to a change of some thousand places has that much.
    private static let maximumEventBytes = 1 << 20
    /// Bytes of the commit around it, which has a line for people and a signature, and of its tree, which has one entry.
    private static let maximumCommitBytes = 64 << 10
    private static let maximumTreeBytes = 4 << 10

    /// Where the event of a commit is, or why there is none.
    private enum EventPlace {
        case blob(BlobID)
        case none(String)

        static func tooLarge(_ what: String, _ size: Int, _ limit: Int) -> EventPlace {
            .none("\(what) has \(size) bytes, more than \(limit)")
        }
    }

    /// The blob that holds an event. What is too large to be one is not read.
    private func place(ofEvent id: CommitID) throws(GitError) -> EventPlace {
        let commitBytes = try objects.size(of: id)
        if commitBytes > Self.maximumCommitBytes { return .tooLarge("the commit", commitBytes, Self.maximumCommitBytes) }
        guard let (tree, _) = try objects.lineage(of: id) else { return .none("the commit cannot be read") }
        let treeBytes = try objects.size(of: tree)
        if treeBytes > Self.maximumTreeBytes { return .tooLarge("its tree", treeBytes, Self.maximumTreeBytes) }
        let entries: [(name: String, entry: TreeEntry)]
        do {
            entries = try objects.entries(of: .root, in: tree) ?? []
        } catch  where error.code == .malformed {
            return .none(error.detail)
        }
        guard entries.count == 1, entries[0].name == Self.eventFile.name, case .blob(let blob) = entries[0].entry else {
            return .none("the commit does not hold event.json alone")
        }
        let bytes = try objects.size(of: blob)
        return bytes > Self.maximumEventBytes ? .tooLarge("event.json", bytes, Self.maximumEventBytes) : .blob(blob)
    }

    /// What those commits hold, for `verified()` to read.
    ///
    /// - Throws: `GitError`.
    public func unverified(_ commits: ArraySlice<CommitID>) throws(GitError) -> [UnverifiedRecord] {
        var records: [UnverifiedRecord] = []
        records.reserveCapacity(commits.count)
        for commit in commits { records.append(try unverified(commit)) }
        return records
    }

    private func unverified(_ commit: CommitID) throws(GitError) -> UnverifiedRecord {
        switch try place(ofEvent: commit) {
        case .blob(let blob):
            UnverifiedRecord(commit: commit, content: .event(try objects.blob(blob), try signature(of: commit)))
        case .none(let reason): UnverifiedRecord(commit: commit, content: .none(reason))
        }
    }

    private func signature(of commit: CommitID) throws(GitError) -> CommitSignature? {
        try objects.signature(of: commit).map { CommitSignature(armored: $0.armored, signed: $0.signed) }
    }

    /// Who made a commit, and when, as it says itself; nil where the name is no principal's.
    ///
    /// - Throws: `GitError`.
    public func observed(_ commit: CommitID) throws(GitError) -> ObservedMerge? {
        let committer = try objects.commit(commit).committer
        guard let principal = Principal(committer.email) else { return nil }
        return ObservedMerge(merger: Actor(principal, try proof(of: commit)), at: committer.time)
    }

    /// What a commit's signature proves of its committer.
    ///
    /// - Throws: `GitError`.
    public func proof(of commit: CommitID) throws(GitError) -> Actor.Proof {
        try signature(of: commit).proof
    }
}
