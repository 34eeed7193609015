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
        var result: [CommitID: Policy] = [:]
        for commit in commits {
            if byCommit[commit] == nil {
                byCommit[commit] = .some(try await isOnTarget(commit, tip) ? try await historicPolicy(commit) : nil)
            }
            result[commit] = byCommit[commit] ?? nil
        }
        return result
    }

    /// Whether the target branch ever had the policy of `commit` at its tip.
    ///
    /// A commit on the branch's first-parent line was its tip. After a merge the other way round, as `git pull` makes them, an
    /// earlier tip is off that line; it counts when its policy is one that the line has. A commit in the middle of somebody's
    /// branch does neither, so that nobody can make a policy for an afternoon inside a pull request.
    private func isOnTarget(_ commit: CommitID, _ tip: CommitID) async throws -> Bool {
        guard let directory = RepositoryPath(PolicyLoader.directory) else { return false }
        return try await repository.scratch { objects in
            guard try objects.has(commit) else { return false }
            var next: CommitID? = tip
            while let id = next {
                if id == commit { return true }
                next = try objects.firstParent(of: id)
            }
            guard try objects.isCommit(tip, atOrAfter: commit) else { return false }
            let policy = try objects.entry(at: directory, in: objects.tree(of: commit))
            next = tip
            while let id = next {
                if try objects.entry(at: directory, in: objects.tree(of: id)) == policy { return true }
                next = try objects.firstParent(of: id)
            }
            return false
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
