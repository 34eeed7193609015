public import GitOpsTypes

/// A commit, read.
public struct CommitRecord: Hashable, Sendable {
    public let id: CommitID
    public let tree: TreeID
    public let parents: [CommitID]
    public let author: CommitIdentity
    public let committer: CommitIdentity
    public let message: String
}

/// Who made a commit, and when.
public struct CommitIdentity: Hashable, Sendable {
    public let name: String
    public let email: String
    public let time: Timestamp

    public init(name: String, email: String, time: Timestamp) {
        self.name = name
        self.email = email
        self.time = time
    }
}

/// A commit to be written.
public struct CommitDraft: Hashable, Sendable {
    public var tree: TreeID
    public var parents: [CommitID]
    public var author: CommitIdentity
    public var committer: CommitIdentity
    public var message: String

    public init(tree: TreeID, parents: [CommitID], by identity: CommitIdentity, message: String) {
        self.tree = tree
        self.parents = parents
        author = identity
        committer = identity
        self.message = message
    }
}

/// What a name in a Git tree stands for.
public enum TreeEntry: Hashable, Sendable {
    case blob(BlobID)
    case tree(TreeID)
    /// A symbolic link; the blob holds its target.
    case link(BlobID)
    /// A submodule, of which the tree has the commit and nothing else.
    case submodule(CommitID)
}
