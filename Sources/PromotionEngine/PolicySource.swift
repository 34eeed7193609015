import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionModel

/// The policy of the configuration repository at its commits, read once per version of `environments/`.
actor PolicySource {
    private let repository: GitRepository
    private var byTree: [TreeID: Policy] = [:]
    private var byCommit: [CommitID: Policy?] = [:]

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
        byCommit[commit] = policy
        return policy
    }

    /// The policies that events were decided under, where they are on the target branch's history and can be read.
    ///
    /// What is missing from the result has no policy: whoever named it could have made it up.
    func policies(at commits: Set<CommitID>, on tip: CommitID) async throws -> [CommitID: Policy] {
        var result: [CommitID: Policy] = [:]
        for commit in commits {
            if byCommit[commit] == nil {
                byCommit[commit] = .some(try await isOnTarget(commit, tip) ? try await historicPolicy(commit) : nil)
            }
            result[commit] = byCommit[commit] ?? nil
        }
        return result
    }

    private func isOnTarget(_ commit: CommitID, _ tip: CommitID) async throws -> Bool {
        try await repository.scratch { objects in
            do {
                return try objects.isCommit(tip, atOrAfter: commit)
            } catch let error as GitError where error.code == .notFound || error.code == .failed {
                return false
            }
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
                if case .blob(let blob) = entry { files[name] = try objects.blob(blob) }
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
