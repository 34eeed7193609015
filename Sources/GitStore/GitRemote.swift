public import FaultInjection
public import GitOpsTypes

/// One remote as this repository last saw it, and the way to change it.
///
/// What was fetched is kept under `refs/promote/<remote>/heads/`, apart from the user's own remote-tracking branches, which are
/// looked at only where nothing was fetched yet and nothing may be.
public struct GitRemote: Sendable {
    /// The remote's name, or `.` where the repository has none and is itself the place where branches live.
    public let name: String
    private let transport: any GitTransport
    private let repository: GitRepository
    private let faults: FaultHook
    private let isSeenByGitAlone: Bool

    public init(name: String, transport: any GitTransport, repository: GitRepository, faults: FaultHook = .none) {
        self.init(name: name, transport: transport, repository: repository, faults: faults, isSeenByGitAlone: false)
    }

    private init(
        name: String, transport: any GitTransport, repository: GitRepository, faults: FaultHook, isSeenByGitAlone: Bool
    ) {
        self.isSeenByGitAlone = isSeenByGitAlone
        self.faults = faults
        self.name = name
        self.transport = transport
        self.repository = repository
    }

    /// Whether branches live in this repository itself.
    public var isItself: Bool { name == "." }

    /// Where a branch of the remote is kept here.
    public func localRef(of branch: BranchName) -> String {
        localPrefix + branch.text
    }

    /// The local refs of all the remote's branches begin with this.
    public var localPrefix: String {
        isItself ? "refs/heads/" : isSeenByGitAlone ? "refs/remotes/\(name)/" : "refs/promote/\(name)/heads/"
    }

    /// The same remote to be looked at alone: by what Git's own fetches show of it, where there was no other fetch.
    public func asLastSeen() async throws -> GitRemote {
        let prefix = localPrefix
        guard !isItself, try await repository.scratch({ try $0.refs(below: prefix).isEmpty }) else { return self }
        return GitRemote(
            name: name, transport: transport, repository: repository, faults: faults, isSeenByGitAlone: true)
    }

    /// Brings what is known here of `branches`, and of all branches below `prefixes`, up to date with the remote.
    ///
    /// - Throws: `GitError.remoteUnavailable`, `.remoteSilent`, `.locked`.
    public func fetch(branches: [BranchName], prefixes: [String]) async throws {
        guard !isItself else { return }
        // As patterns, which a branch that does not exist leaves empty where its plain name would fail the whole fetch.
        var mappings = Set(branches).sorted().map { RefMapping($0.ref, to: localRef(of: $0)) }
        mappings += prefixes.map { RefMapping("refs/heads/\($0)", to: localPrefix + $0) }
        let lock = await repository.lockForRemoteRefs()
        defer { withExtendedLifetime(lock) {} }
        mappings += try await parents(of: mappings)
        do {
            try await transport.fetch(name, mappings)
        } catch let error as GitError where error.code == .remoteUnavailable {
            // Who was too impatient for the lock moves refs as well; the second try finds its work done.
            try await fetchAgain(mappings)
        }
    }

    /// Mappings of the refs here that have a name which one of `mappings` needs as a directory: of branches of before, which are
    /// pruned when they are asked for with the rest. Git prunes first, and so has room for the rest then.
    private func parents(of mappings: [RefMapping]) async throws -> [RefMapping] {
        let root = localPrefix
        let names = Set(mappings.flatMap { RefName.parents(of: $0.localPrefix, below: root) }).sorted()
        let present = try await repository.scratch { objects in
            try names.filter { try objects.commit(atRef: $0) != nil }
        }
        return present.map {
            RefMapping("refs/heads/" + String(decoding: $0.utf8.dropFirst(root.utf8.count), as: UTF8.self), to: $0)
        }
    }

    /// What is in the way here, and not at the remote, is told with its name.
    private func fetchAgain(_ mappings: [RefMapping]) async throws {
        do {
            try await transport.fetch(name, mappings)
        } catch let error as GitError where error.code == .remoteUnavailable {
            throw await repository.obstacle(below: "refs/promote/\(name)/").map { $0.error(error) } ?? error
        }
    }

    /// Brings the objects of a ref here that is none of the remote's branches.
    ///
    /// - Throws: `GitError.remoteUnavailable`.
    public func fetch(ref: String) async throws {
        guard !isItself else { return }
        let lock = await repository.lockForRemoteRefs()
        defer { withExtendedLifetime(lock) {} }
        try await transport.fetch(name, [RefMapping(ref, to: "refs/promote/\(name)/proposals/\(ref.dropFirst("refs/".count))")])
    }

    /// The commit that `branch` was at when it was last fetched; nil when it does not exist.
    public func head(of branch: BranchName) async throws -> CommitID? {
        let ref = localRef(of: branch)
        return try await repository.scratch { try $0.commit(atRef: ref) }
    }

    /// The branches below `prefix` as last fetched.
    public func heads(below prefix: String) async throws -> [BranchName: CommitID] {
        let (local, root) = (localPrefix + prefix, localPrefix)
        let refs = try await repository.scratch { try $0.refs(below: local) }
        var result: [BranchName: CommitID] = [:]
        // Git keeps the name of the remote's own branch among them.
        for ref in refs where !isSeenByGitAlone || ref.name != root + "HEAD" {
            if let branch = BranchName(ref.name.dropFirst(root.count)) { result[branch] = ref.commit }
        }
        return result
    }

    /// Makes all of `updates` on the remote, or none.
    ///
    /// - Returns: nil when done; otherwise what the remote said about each ref. Whether another writer was faster is for the caller
    ///   to see, by fetching again.
    /// - Throws: `GitError.remoteUnavailable` or `.remoteSilent` when it is not known whether the remote took them.
    public func push(_ updates: [RefUpdate]) async throws -> [String]? {
        faults.reach(.pushing)
        if case .rejected(let reasons) = try await pushed(updates) { return reasons }
        faults.reach(.pushAccepted)
        guard !isItself else { return nil }
        let lock = await repository.lockForRemoteRefs()
        defer { withExtendedLifetime(lock) {} }
        for update in updates {
            let (ref, root) = (localRef(of: update.branch), localPrefix)
            do {
                try await repository.durable { objects in
                    guard let new = update.new else { return try objects.deleteRef(ref) }
                    // A fetch of another process may know more already.
                    guard try objects.commit(atRef: ref) == update.expected else { return }
                    // The remote has it, and so nothing any more that could not be there with it.
                    if update.expected == nil { try objects.clearWay(for: ref, below: root) }
                    try objects.moveRef(ref, from: update.expected, to: new, reason: "promote: pushed")
                }
                faults.reach(.refMoved)
            } catch let error as GitError where error.code == .refMoved || error.code == .locked {
                // The push is done; the next fetch brings the ref up to date, or says which lock is in the way.
            }
        }
        return nil
    }

    /// What pushes the remote takes; nil when it does not say, or is this repository itself.
    ///
    /// - Parameters:
    ///   - branch: one of the remote's.
    ///   - commit: one that the repository has.
    public func reception(_ branch: BranchName, _ commit: CommitID) async throws -> PushReception? {
        isItself ? nil : try await transport.reception(name, branch, commit)
    }

    /// Why a push did not get as far as being judged, where the remote says it: it takes none of that kind.
    private func cause(of failure: GitError, _ updates: [RefUpdate]) async throws -> GitError {
        guard let update = updates.first, let commit = update.new ?? update.expected else { return failure }
        do {
            guard let problem = try await reception(update.branch, commit)?.problem else { return failure }
            return GitError(.configuration, failure.operation, problem.what, hint: problem.remedy)
        } catch let error as GitError where error.code == .remoteSilent {
            return failure
        }
    }

    /// Pushes, and looks at what has become of it when the remote fell silent over it: it may have taken the push, and is
    /// asked once more where it did not.
    private func pushed(_ updates: [RefUpdate]) async throws -> PushOutcome {
        do {
            return try await transport.push(name, updates)
        } catch let error as GitError where error.code == .remoteUnavailable {
            throw try await cause(of: error, updates)
        } catch let error as GitError where error.code == .remoteSilent {
            guard !isItself else { throw error }
            try await fetch(branches: updates.map(\.branch), prefixes: [])
            var isDone = true
            for update in updates where try await head(of: update.branch) != update.new { isDone = false }
            return isDone ? .accepted : try await transport.push(name, updates)
        }
    }
}
