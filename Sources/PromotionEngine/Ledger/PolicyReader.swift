import GitOpsTypes
import GitStore
import PromotionConfiguration
import PromotionDomain
import Synchronization

/// Versions of `environments/` as policies, each read once.
final class PolicyReader: Sendable {
    private let known = Mutex<[TreeID: Result<Policy, ConfigurationError>]>([:])
    private let present = Mutex<[TreeID: Result<Policy, ConfigurationError>]>([:])
    private let outlines = Mutex(Outlines())
    private let zones: any TimeZoneDatabase

    /// What is known of policies in short; all of them are without two places that are one.
    private struct Outlines {
        var known: [TreeID: PolicyOutline] = [:]
        /// Those that were not known before.
        var made: [TreeID: PolicyOutline] = [:]
    }

    /// What makes less than so many applications quicker to read again is not worth keeping.
    private static let minimumOutlined = 32

    init(zones: any TimeZoneDatabase) {
        self.zones = zones
    }

    /// Whether a version is known in short, or was read already.
    func knows(_ version: TreeID) -> Bool {
        known.withLock { $0[version] != nil } || outlines.withLock { $0.known[version] != nil }
    }

    /// Lets a version be read quickly that was read by an earlier run.
    func learn(_ outline: PolicyOutline, of version: TreeID) { outlines.withLock { $0.known[version] = outline } }

    /// Outlines of what was read that are worth keeping for later runs, each handed out once.
    func takeOutlines() -> [TreeID: PolicyOutline] {
        outlines.withLock { outlines in
            defer { outlines.made = [:] }
            return outlines.made
        }
    }

    /// Where the configuration is in a repository.
    static func directory(_ objects: GitObjects) -> RepositoryPath { objects.configurationFolder ?? usualDirectory }

    /// Where it is unless Git's configuration says otherwise.
    static let usualDirectory: RepositoryPath = {
        guard let path = RepositoryPath(PolicyLoader.directory) else {
            preconditionFailure("\(PolicyLoader.directory) is a path")
        }
        return path
    }()

    /// The version of `environments/` in a tree; nil where there is none.
    static func version(in tree: TreeID, _ objects: GitObjects) throws(GitError) -> TreeID? {
        guard case .tree(let version)? = try objects.entry(at: directory(objects), in: tree) else { return nil }
        return version
    }

    /// The version of `environments/` at a commit; nil where there is none.
    static func version(at commit: CommitID, _ objects: GitObjects) throws(GitError) -> TreeID? {
        guard let (tree, _) = try objects.lineage(of: commit) else { return nil }
        return try version(in: tree, objects)
    }

    /// What a version of `environments/` has, by name.
    typealias Entries = [[UInt8]: TreeEntry]

    static func entries(ofVersion version: TreeID?, _ objects: GitObjects) throws(GitError) -> Entries {
        guard let version, let entries = try objects.entries(of: .root, in: version) else { return [:] }
        return Dictionary(
            entries.map { (Array($0.name.utf8), $0.entry) }, uniquingKeysWith: { first, _ in first })
    }

    /// The policy that a version of `environments/` makes, or why it makes none, whatever this machine knows of time zones.
    func policy(ofVersion version: TreeID, _ objects: GitObjects) throws(GitError) -> Result<Policy, ConfigurationError> {
        if let policy = known.withLock({ $0[version] }) { return policy }
        let policy = try read(version, requiresZones: false, objects)
        known.withLock { $0[version] = policy }
        return policy
    }

    /// The same where a time zone that this machine does not know is an error, and places that environments share.
    func presentPolicy(
        ofVersion version: TreeID, _ objects: GitObjects
    ) throws(GitError) -> Result<Policy, ConfigurationError> {
        if let policy = present.withLock({ $0[version] }) { return policy }
        let policy = try readPresent(version, objects)
        present.withLock { $0[version] = policy }
        return policy
    }

    private func readPresent(
        _ version: TreeID, _ objects: GitObjects
    ) throws(GitError) -> Result<Policy, ConfigurationError> {
        let policy = try policy(ofVersion: version, objects)
        let isOutlined = outlines.withLock { $0.known[version] != nil }
        if case .success(let read) = policy, !isOutlined, let conflict = read.placeConflict {
            return .failure(
                ConfigurationError(
                    "\(conflict.path) is no place of its own: \(conflict.text)", in: Self.directory(objects),
                    hint: "give every environment folders of its own, none inside another: correct `overlay` or `files`"))
        }
        guard case .success(let read) = policy, read.hasUnknownTimeZone else { return policy }
        return try self.read(version, requiresZones: true, objects)
    }

    private func read(
        _ version: TreeID, requiresZones: Bool, _ objects: GitObjects
    ) throws(GitError) -> Result<Policy, ConfigurationError> {
        let loader = PolicyLoader(
            zones: zones, requiresZones: requiresZones, directory: Self.directory(objects).description)
        if let outline = outlines.withLock({ $0.known[version] }) {
            if let policy = try load(outline, of: version, loader, objects) { return .success(policy) }
            outlines.withLock { $0.known[version] = nil }
        }
        return try Self.files(of: version, objects).flatMap { files in
            Result { () throws(ConfigurationError) in
                var (policy, outline) = try loader.outlined(files.contents, versions: files.versions)
                policy.version = version
                note(outline, of: policy, files, loader)
                return policy
            }
        }
    }

    /// Nil where it has to be read in full.
    private func load(
        _ outline: PolicyOutline, of version: TreeID, _ loader: PolicyLoader, _ objects: GitObjects
    ) throws(GitError) -> Policy? {
        var contents: [String: [UInt8]] = [:]
        for (name, blob) in outline.files { contents[name] = try objects.blob(blob) }
        do {
            var policy = try loader.load(outline, contents)
            policy?.version = version
            return policy
        } catch {
            // The full reading says what is wrong, and with which file.
            return nil
        }
    }

    private func note(_ outline: PolicyOutline, of policy: Policy, _ files: Files, _ loader: PolicyLoader) {
        guard let version = policy.version, outline.count >= Self.minimumOutlined, policy.placeConflict == nil else { return }
        do {
            // What another file names is read again, too: only what comes out the same is kept.
            var again = try loader.load(outline, files.contents.filter { outline.files[$0.key] != nil })
            again?.version = version
            guard again == policy else { return }
        } catch {
            return
        }
        outlines.withLock { outlines in
            outlines.known[version] = outline
            outlines.made[version] = outline
        }
    }

    /// Bytes of one file of the configuration: ten thousand applications in one file have less.
    private static let maximumFileBytes = 8 << 20

    private struct Files {
        var contents: [String: [UInt8]] = [:]
        var versions: [String: BlobID] = [:]
    }

    private static func files(
        of version: TreeID, _ objects: GitObjects
    ) throws(GitError) -> Result<Files, ConfigurationError> {
        var files = Files()
        for (name, entry) in try objects.entries(of: .root, in: version) ?? [] {
            switch entry {
            case .blob(let blob):
                let size = try objects.size(of: blob)
                guard size <= maximumFileBytes else {
                    return .failure(
                        ConfigurationError(
                            "the file has \(size) bytes, more than \(maximumFileBytes)",
                            in: directory(objects).appending(name) ?? .root,
                            hint: "divide it into several files"))
                }
                files.contents[name] = try objects.blob(blob)
                files.versions[name] = blob
            case .tree where name == PolicyLoader.revokedKeys || name == PolicyLoader.allowedSigners:
                return .failure(
                    ConfigurationError(
                        "it is a directory, and keys are listed in a file", in: directory(objects).appending(name) ?? .root,
                        hint: "put the file itself there"))
            case .tree: continue
            case .link, .submodule:
                // A list of keys that is silently not read would be an empty one.
                return .failure(
                    ConfigurationError(
                        "files of the configuration are plain files, not links", in: directory(objects).appending(name) ?? .root,
                        hint: "put the file itself there"))
            }
        }
        return .success(files)
    }
}
