import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionModel

/// The policy of the configuration repository at its commits, read once per version of `environments/`.
actor PolicySource {
    private let repository: GitRepository
    private var byTree: [TreeID: Policy] = [:]
    /// Verdicts hold for one tip: a longer branch may know more.
    private var byCommit: [CommitID: Policy?] = [:]
    private var verdictTip: CommitID?

    init(_ repository: GitRepository) {
        self.repository = repository
    }

    /// The policy at the tip of the target branch.
    ///
    /// - Throws: `ConfigurationError`, or `EngineError.configuration` when there is no configuration at all.
    func policy(atTip commit: CommitID) async throws -> Policy {
        guard let policy = try await load(commit) else {
            throw EngineError.configuration(
                "the target branch has no \(PolicyLoader.directory)/ directory", hint: "`promote init` writes a starter layout")
        }
        return policy
    }

    /// The policies that events were decided under, where they are on the target branch's history and can be read.
    ///
    /// What is missing from the result has no policy: whoever named it could have made it up.
    func policies(at commits: Set<CommitID>, on tip: CommitID) async throws -> [CommitID: Policy] {
        if verdictTip != tip {
            byCommit = [:]
            verdictTip = tip
        }
        let unknown = commits.filter { byCommit[$0] == nil }
        let accepted = unknown.isEmpty ? [] : try await onTarget(unknown, tip)
        for commit in unknown {
            byCommit[commit] = .some(accepted.contains(commit) ? try await historicPolicy(commit) : nil)
        }
        var result: [CommitID: Policy] = [:]
        for commit in commits { result[commit] = byCommit[commit] ?? nil }
        return result
    }

    /// Those of `commits` whose policy the target branch had at its tip, found in one walk down the branch.
    ///
    /// A commit on the branch's first-parent line was its tip. After a merge the other way round, as `git pull` makes them, an
    /// earlier tip is off that line; it counts when its policy is one that the line has. A commit in the middle of somebody's
    /// branch does neither, so that nobody can make a policy for an afternoon inside a pull request.
    private func onTarget(_ commits: Set<CommitID>, _ tip: CommitID) async throws -> Set<CommitID> {
        guard let directory = RepositoryPath(PolicyLoader.directory) else { return [] }
        return try await repository.scratch { objects in
            var rest = try commits.filter { try objects.has($0) }
            var accepted: Set<CommitID> = []
            var next: CommitID? = tip
            while !rest.isEmpty, let id = next {
                if rest.remove(id) != nil { accepted.insert(id) }
                next = try objects.firstParent(of: id)
            }
            // Seldom: what is left is off the line, or was never the branch's.
            let offLine = try rest.filter { try objects.isCommit(tip, atOrAfter: $0) }
            guard !offLine.isEmpty else { return accepted }
            var policies: Set<TreeEntry?> = []
            next = tip
            while let id = next {
                policies.insert(try objects.entry(at: directory, in: objects.tree(of: id)))
                next = try objects.firstParent(of: id)
            }
            for commit in offLine
            where policies.contains(try objects.entry(at: directory, in: objects.tree(of: commit))) { accepted.insert(commit) }
            return accepted
        }
    }

    private func historicPolicy(_ commit: CommitID) async throws -> Policy? {
        do {
            return try await load(commit)
        } catch is ConfigurationError {
            return nil
        }
    }

    private func load(_ commit: CommitID) async throws -> Policy? {
        guard let directory = RepositoryPath(PolicyLoader.directory) else { return nil }
        let read = try await repository.scratch { objects -> (TreeID, [String: [UInt8]])? in
            let root = try objects.tree(of: commit)
            guard case .tree(let tree)? = try objects.entry(at: directory, in: root) else { return nil }
            var files: [String: [UInt8]] = [:]
            for (name, entry) in try objects.entries(of: .root, in: tree) ?? [] {
                switch entry {
                case .blob(let blob): files[name] = try objects.blob(blob)
                case .tree: continue
                case .link, .submodule:
                    // A list of keys that is silently not read would be an empty one.
                    throw ConfigurationError(
                        "files of the configuration are plain files, not links", in: directory.appending(name) ?? directory)
                }
            }
            return (tree, files)
        }
        guard let (tree, files) = read else { return nil }
        if let known = byTree[tree] { return known }
        let policy = try PolicyLoader().load(files)
        byTree[tree] = policy
        return policy
    }
}
