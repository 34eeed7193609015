import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionModel
import ReleaseWindows

/// The policy of the configuration repository at its commits, read once per version of `environments/`.
actor PolicySource {
    private let repository: GitRepository
    private let lines: TargetLines
    private let zones: any TimeZoneDatabase
    private var byTree: [TreeID: Policy?] = [:]

    init(_ repository: GitRepository, lines: TargetLines, zones: any TimeZoneDatabase) {
        self.zones = zones
        self.repository = repository
        self.lines = lines
    }

    /// The policy at the tip of the target branch.
    ///
    /// - Throws: `ConfigurationError`, or `EngineError.configuration` when there is no configuration at all.
    func policy(atTip commit: CommitID) async throws -> Policy {
        guard let policy = try await load(commit) else {
            throw EngineError.configuration(
                "the target branch has no \(PolicyLoader.directory)/ directory", hint: "`promote init` writes a starter layout")
        }
        if policy.hasUnknownTimeZone, let tree = try await directory(at: commit) { _ = try await read(tree, requiresZones: true) }
        return policy
    }

    /// The policy that a version of `environments/` makes.
    ///
    /// - Throws: `ConfigurationError`, also for a time zone that this machine does not know.
    func policy(ofTree tree: TreeID) async throws -> Policy {
        if let known = byTree[tree] ?? nil, !known.hasUnknownTimeZone { return known }
        return try await read(tree, requiresZones: true)
    }

    /// The policies that events were decided under, where they are on the target branch's history and can be read.
    ///
    /// What is missing from the result has no policy: whoever named it could have made it up.
    func policies(at commits: Set<CommitID>, on tip: CommitID) async throws -> [CommitID: Policy] {
        let trees = try await trees(of: commits, on: tip)
        for tree in Set(trees.values) where byTree[tree] == nil {
            // A policy that cannot be read is none.
            do {
                byTree[tree] = .some(try await read(tree))
            } catch is ConfigurationError {
                byTree[tree] = .some(nil)
            }
        }
        return trees.compactMapValues { byTree[$0] ?? nil }
    }

    /// The configuration of those of `commits` whose policy the target branch had at its tip.
    ///
    /// A commit on the branch's first-parent line was its tip. After a merge the other way round, as `git pull` makes them, an
    /// earlier tip is off that line; it counts when its policy is one that the line has. A commit in the middle of somebody's
    /// branch does neither, so that nobody can make a policy for an afternoon inside a pull request.
    private func trees(of commits: Set<CommitID>, on tip: CommitID) async throws -> [CommitID: TreeID] {
        guard let directory = RepositoryPath(PolicyLoader.directory) else { return [:] }
        return try await repository.scratch { [lines] objects in
            func tree(_ commit: CommitID) throws -> TreeID? {
                guard case .tree(let tree)? = try objects.entry(at: directory, in: objects.tree(of: commit)) else { return nil }
                return tree
            }
            var result: [CommitID: TreeID] = [:]
            var offLine: [CommitID] = []
            for commit in commits where try objects.has(commit) {
                if try lines.with(tip, { try $0.distance(of: commit, objects) }) != nil {
                    result[commit] = try tree(commit)
                } else if try objects.isCommit(tip, atOrAfter: commit) {
                    offLine.append(commit)
                }
            }
            guard !offLine.isEmpty else { return result }
            // Seldom: which policies the line ever had.
            var trees: Set<TreeID?> = []
            var next: CommitID? = tip
            while let id = next {
                trees.insert(try tree(id))
                next = try objects.firstParent(of: id)
            }
            for commit in offLine {
                if let tree = try tree(commit), trees.contains(tree) { result[commit] = tree }
            }
            return result
        }
    }

    private func load(_ commit: CommitID) async throws -> Policy? {
        guard let tree = try await directory(at: commit) else { return nil }
        if let known = byTree[tree] ?? nil { return known }
        let policy = try await read(tree)
        byTree[tree] = .some(policy)
        return policy
    }

    private func directory(at commit: CommitID) async throws -> TreeID? {
        guard let directory = RepositoryPath(PolicyLoader.directory) else { return nil }
        return try await repository.scratch { objects in
            guard case .tree(let tree)? = try objects.entry(at: directory, in: objects.tree(of: commit)) else { return nil }
            return tree
        }
    }

    /// - Parameter requiresZones: false for what once counted, whatever this machine knows of time zones.
    private func read(_ tree: TreeID, requiresZones: Bool = false) async throws -> Policy {
        let (files, versions) = try await repository.scratch { objects in
            var files: [String: [UInt8]] = [:]
            var versions: [String: BlobID] = [:]
            for (name, entry) in try objects.entries(of: .root, in: tree) ?? [] {
                switch entry {
                case .blob(let blob):
                    files[name] = try objects.blob(blob)
                    versions[name] = blob
                case .tree: continue
                case .link, .submodule:
                    // A list of keys that is silently not read would be an empty one.
                    throw ConfigurationError(
                        "files of the configuration are plain files, not links",
                        in: RepositoryPath(PolicyLoader.directory)?.appending(name) ?? .root,
                        hint: "put the file itself there")
                }
            }
            return (files, versions)
        }
        return try PolicyLoader(zones: zones, requiresZones: requiresZones).load(files, versions: versions)
    }
}
