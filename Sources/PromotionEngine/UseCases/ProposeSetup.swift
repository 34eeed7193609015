public import GitOpsTypes
public import GitStore
public import Kustomize
public import ManifestRendering
import PromotionConfiguration
public import PromotionDomain
public import RepositorySurvey

/// Reads a repository and says how it could be configured: what `init` writes.
public struct ProposeSetup: Sendable {
    private let repository: GitRepository
    private let programs: any RenderingPrograms
    private let zones: any TimeZoneDatabase

    public init(_ repository: GitRepository, programs: any RenderingPrograms, zones: any TimeZoneDatabase) {
        self.repository = repository
        self.programs = programs
        self.zones = zones
    }

    /// The configuration's folder as it is on disk.
    public struct Present: Sendable {
        /// The files in it, by name.
        public let files: [String: [UInt8]]

        public init(files: [String: [UInt8]]) { self.files = files }

        /// Whether one of the files is a configuration of promote.
        public var isConfiguration: Bool {
            files.contains { PolicyLoader.hasDocuments($0.key) && Self.names(PolicyLoader.apiVersion, $0.value) }
        }

        /// A file that is YAML of something else; nil where there is none.
        public var foreign: String? {
            files.keys.filter(PolicyLoader.hasDocuments).sorted().first { !Self.names(PolicyLoader.apiVersion, files[$0] ?? []) }
        }

        private static func names(_ version: String, _ bytes: [UInt8]) -> Bool {
            String(decoding: bytes, as: UTF8.self).contains(version)
        }
    }

    /// How far a configuration that is on disk has got.
    public enum Progress: Sendable {
        case uncommitted
        case unpushed
        case pushed
    }

    /// What is proposed beside what is configured already.
    ///
    /// - Parameters:
    ///   - present: what is configured.
    ///   - uncommitted: the files on disk, which are looked at where the last commit has nothing that is deployed.
    /// - Throws: `EngineError.usage` for a wish that cannot be met; `ConfigurationError` where what is configured cannot be read.
    public func proposal(
        _ request: SurveyRequest, besides present: Present, uncommitted: any FileSource & Sendable
    ) async throws -> SetupProposal {
        let existing =
            present.isConfiguration
            ? try PolicyLoader(zones: zones, directory: request.directory.description)
                .load(present.files) : nil
        let renderers = SourceRenderers(programs: programs)
        do {
            let committed = try await repository.scratch { objects -> SetupProposal? in
                guard let head = try objects.commit(atRef: "HEAD") else { return nil }
                let trees = SurveyTrees(
                    GitTreeFiles(objects: objects, tree: try objects.tree(of: head)),
                    branches: try Self.branches(objects, request))
                return try RepositorySurvey(trees, renderers: renderers, request: request, existing: existing).proposal()
            }
            if let committed, committed.hasManifests { return committed }
            return try RepositorySurvey(
                SurveyTrees(uncommitted), renderers: renderers, request: request, existing: existing
            ).proposal()
        } catch let problem as SurveyProblem {
            throw EngineError.usage(problem.message, hint: problem.hint)
        }
    }

    /// The branches that are environments by their names, as the remote has them where it does; none where there is but one.
    private static func branches(
        _ objects: GitObjects, _ request: SurveyRequest
    ) throws -> [EnvironmentName: SurveyTrees.Branch] {
        let own = try objects.target(ofSymbolicRef: "HEAD")
        var branches: [EnvironmentName: SurveyTrees.Branch] = [:]
        let local = try objects.refs(below: "refs/heads/").map { ($0.name.dropFirst("refs/heads/".count), $0.commit) }
        let remote = try objects.refs(below: "refs/remotes/").compactMap { ref in
            ref.name.dropFirst("refs/remotes/".count).firstIndex(of: "/").map {
                (ref.name[ref.name.index(after: $0)...], ref.commit)
            }
        }
        for (name, commit) in local + remote {
            guard let environment = SurveyTrees.environment(ofBranch: String(name), among: request.environments) else { continue }
            branches[environment] = SurveyTrees.Branch(
                name: "refs/heads/\(name)" == own ? nil : String(name),
                files: GitTreeFiles(objects: objects, tree: try objects.tree(of: commit)))
        }
        return branches.count > 1 ? branches : [:]
    }

    /// That a configuration can be read as it would be written: nothing is, that could not.
    ///
    /// - Parameters:
    ///   - added: new files, by name.
    ///   - present: the ones that they are added to.
    /// - Throws: `ConfigurationError` for the first thing that is wrong.
    public func requireReadable(
        _ added: [(name: String, content: String)], besides present: Present, in directory: RepositoryPath
    ) throws {
        var files = present.files
        for (name, content) in added { files[name] = Array(content.utf8) }
        let policy = try PolicyLoader(zones: zones, directory: directory.description).load(files)
        guard let conflict = policy.placeConflict else { return }
        throw ConfigurationError(
            "\(conflict.path) is no place of its own: \(conflict.text)", in: directory,
            hint: "choose with --app, --overlay or --env what is to be promoted")
    }

    /// How far the configuration on disk has got on its way to the remote.
    public func progress(of present: Present, hasRemote: Bool) async throws -> Progress {
        try await repository.scratch { objects in
            guard let head = try objects.commit(atRef: "HEAD"), let version = try PolicyReader.version(at: head, objects) else {
                return .uncommitted
            }
            for (name, bytes) in present.files {
                guard let path = RepositoryPath(name), case .blob(let blob)? = try objects.entry(at: path, in: version),
                    try objects.blob(blob) == bytes
                else { return .uncommitted }
            }
            guard hasRemote else { return .pushed }
            let isThere = try objects.refs(below: "refs/remotes/").contains {
                try PolicyReader.version(at: $0.commit, objects) == version
            }
            return isThere ? .pushed : .unpushed
        }
    }
}

/// What `init` found and wrote, or would write.
public struct SetupReport: Sendable {
    /// What became of the files.
    public enum Outcome: Sendable {
        /// They are shown, and not written, which a command does.
        case proposed(by: String)
        case written
        /// There is nothing to write: everything is configured.
        case complete
        /// There are manifests, and nothing of them was recognized.
        case unrecognized
    }

    public let outcome: Outcome
    /// The work tree.
    public let directory: String
    /// From there.
    public let files: [(path: String, content: String)]
    public let guesses: [Guess]
    /// Commands, in their order, once they are written.
    public let nextSteps: [String]

    public init(
        _ outcome: Outcome, in directory: String, files: [(path: String, content: String)], guesses: [Guess], nextSteps: [String]
    ) {
        self.outcome = outcome
        self.directory = directory
        self.files = files
        self.guesses = guesses
        self.nextSteps = nextSteps
    }
}
