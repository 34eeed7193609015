public import GitOpsTypes

/// Carries refs, and the objects they need, between a repository and its remotes.
///
/// The `git` program is the one that people use; a simulation has another, so that the same steps can be run over a network
/// that loses replies on purpose.
public protocol GitTransport: Sendable {
    /// Brings the local refs of `mappings` up to date with the remote, and deletes those that the remote no longer has.
    ///
    /// - Throws: `GitError.remoteUnavailable`; some refs may have been brought up to date then.
    func fetch(_ remote: String, _ mappings: [RefMapping]) async throws

    /// Makes all of `updates` or none, each only where the remote's ref is as it was seen.
    ///
    /// - Throws: `GitError.remoteUnavailable` when it is not known whether the remote took them.
    func push(_ remote: String, _ updates: [RefUpdate]) async throws -> PushOutcome

    /// What pushes the remote takes; nil when it does not say.
    ///
    /// - Parameters:
    ///   - branch: one of the remote's.
    ///   - commit: one that the repository has.
    func reception(_ remote: String, _ branch: BranchName, _ commit: CommitID) async throws -> PushReception?
}

extension GitTransport {
    public func reception(_ remote: String, _ branch: BranchName, _ commit: CommitID) async throws -> PushReception? { nil }
}

/// All refs of a remote whose names begin alike, and how the names of their local counterparts begin.
public struct RefMapping: Hashable, Sendable {
    public let remotePrefix: String
    public let localPrefix: String

    public init(_ remotePrefix: String, to localPrefix: String) {
        self.remotePrefix = remotePrefix
        self.localPrefix = localPrefix
    }
}

/// One ref of the remote to move: to `new`, or deleted when nil, provided it is at `expected`, or absent when nil.
public struct RefUpdate: Hashable, Sendable {
    public let branch: BranchName
    public let expected: CommitID?
    public let new: CommitID?

    public init(_ branch: BranchName, from expected: CommitID?, to new: CommitID?) {
        self.branch = branch
        self.expected = expected
        self.new = new
    }
}

public enum PushOutcome: Hashable, Sendable {
    case accepted
    /// Nothing was changed.
    case rejected(reasons: [String])
}
