import Foundation
import GitOpsTypes
import GitStore
import PromotionDomain
public import PromotionEngine
import RepositorySurvey

/// What the command line says of the set-up that is wanted, as people type it.
public struct SetupOptions: Sendable {
    public var environments: [String] = []
    public var overlay: String?
    public var applications: [String] = []
    public var images: [String] = []
    /// `NAME=member,member`
    public var teams: [String] = []
    /// Where the configuration goes; nil for the usual folder, or the one that Git's configuration names.
    public var directory: String?

    /// What says so on the command line.
    var command: String {
        let options =
            environments.map { ("--env", $0) } + (overlay.map { [("--overlay", $0)] } ?? []) + applications.map { ("--app", $0) }
            + images.map { ("--image", $0) } + teams.map { ("--team", $0) }
            + (directory.map { [("--environments-dir", $0)] } ?? [])
        return (["promote init"] + options.map { "\($0) \($1.shellWord)" }).joined(separator: " ")
    }

    public init() {}
}

/// Reads a repository and writes the configuration that promotes what is in it.
public struct RepositorySetup: Sendable {
    private let files: NewFiles
    private let git: GitProgram
    /// What Git's configuration has to say from then on; nil where it says it.
    private let folderToKeep: String?
    /// What would be written, and why.
    public let report: SetupReport

    /// Looks, and writes nothing.
    ///
    /// - Throws: `EngineError.usage` for wishes that cannot be met, and where something is in the way.
    public init(in directory: String, _ options: SetupOptions) async throws {
        git = GitProgram(directory: directory)
        let root = try await git.workTree()
        let found = try await FoundRepository(at: directory)
        let shape = RepositoryShape(configuration: found.configuration)
        try shape.requireReadable()
        await GitRepository.prepare()
        let environment = ProcessInfo.processInfo.environment
        let wishes = try SetupWishes(options, configured: shape.configurationFolder())
        folderToKeep = wishes.isDirectoryNew ? wishes.directory : nil
        let setup = ProposeSetup(
            GitRepository(path: found.commonDirectory, configurationFolder: wishes.request.directory),
            programs: RenderingRunner(),
            zones: SystemTimeZones(environment: environment))
        let present = try Self.present(in: root, wishes)
        if options.directory == nil, !present.isConfiguration { try Self.requireNone(in: root, besides: wishes) }
        let people = try await SetupAuthors(found, environment).people(wishes.teams, isNew: !present.isConfiguration)
        files = NewFiles(root: root)
        let proposal = try await setup.proposal(
            wishes.request, besides: present, uncommitted: try FolderFiles(root: root))
        report = try await SetupPlan(
            setup: setup, present: present, wishes: wishes, people: people, files: files, command: options.command
        ).report(proposal, hasRemote: !found.configuration.remotes.isEmpty)
    }

    /// Writes what is proposed.
    ///
    /// - Returns: what was written.
    /// - Throws: `EngineError.usage` where nothing was recognized.
    public func write() async throws -> SetupReport {
        switch report.outcome {
        case .unrecognized: throw unrecognized()
        case .written, .complete, .proposed: break
        }
        if let folderToKeep { try await git.set(RepositoryShape.configurationFolderKey, to: folderToKeep) }
        guard case .proposed = report.outcome else { return report }
        try files.write(report.files)
        return SetupReport(
            .written, in: report.directory, files: report.files, guesses: report.guesses, nextSteps: report.nextSteps)
    }

    private func unrecognized() -> EngineError {
        let seen = report.guesses.prefix(5).map { "\($0.about): \($0.because)" }.joined(separator: "; ")
        return .usage(
            "there are manifests, and no environments were recognized among them; nothing was written"
                + (seen.isEmpty ? "" : ". \(seen)"),
            hint: "\(report.nextSteps.joined()); or write the configuration by hand, after docs/configuration.md"
        )
    }

    /// That no other folder has the configuration, so that there are not two.
    ///
    /// - Throws: `EngineError.configuration` where one has.
    private static func requireNone(in root: String, besides wishes: SetupWishes) throws {
        let remedy = try ConfigurationSearch.remedy(in: FolderFiles(root: root), besides: wishes.request.directory)
        guard let remedy else { return }
        throw EngineError.configuration(
            "another folder has a configuration, and this clone looks for it in \(wishes.directory)/; nothing was written",
            hint: "\(remedy); for one of its own, name the folder: promote init --environments-dir \(wishes.directory)")
    }

    /// The files of the configuration's folder.
    ///
    /// - Throws: `EngineError.configuration` where the folder holds YAML of something else, or links.
    private static func present(in root: String, _ wishes: SetupWishes) throws -> ProposeSetup.Present {
        let present = ProposeSetup.Present(files: try ConfigurationFolder(root: root, path: wishes.request.directory).files())
        guard let foreign = present.foreign, !present.isConfiguration else { return present }
        throw EngineError.configuration(
            "\(wishes.directory)/ is taken: \(foreign.displayable) in it is no configuration of promote; nothing was written",
            hint: "name another folder for the configuration: promote init --environments-dir promote")
    }
}

/// What a person wants, read.
struct SetupWishes {
    let request: SurveyRequest
    let teams: [ProposedTeam]

    /// Whether Git's configuration does not name the folder yet.
    let isDirectoryNew: Bool

    var directory: String { request.directory.description }

    /// - Parameter configured: the folder that Git's configuration names; nil where it names none.
    /// - Throws: `EngineError.usage` for a text that is no name.
    init(_ options: SetupOptions, configured: RepositoryPath?) throws {
        let usual = RepositoryShape.usualConfigurationFolder
        let wanted = try options.directory.map { text in
            try Self.value(text, "a folder of the repository, such as promote") { text in
                RepositoryPath(text).flatMap { $0.isRoot ? nil : $0 }
            }
        }
        var request = SurveyRequest(directory: wanted ?? configured ?? usual)
        isDirectoryNew = request.directory != configured ?? usual
        request.environments = try options.environments.map { try Self.value($0, EnvironmentName.noun) { EnvironmentName($0) } }
        request.applications = try options.applications.map { try Self.value($0, ApplicationName.noun) { ApplicationName($0) } }
        request.images = try options.images.map { try Self.value($0, "the name of an image, without a tag") { ImageName($0) } }
        request.overlay = try options.overlay.map { text in
            let path = try Self.value(text, "a path with {environment}, such as overlays/{environment}", PathTemplate.init)
            guard path.hasEnvironment else {
                throw EngineError.usage(
                    "“\(text.displayable)” is the same path for all environments", hint: "write {environment} where they differ")
            }
            return path
        }
        teams = try options.teams.map(Self.team)
        self.request = request
    }

    private static func value<Value>(_ text: String, _ noun: String, _ read: (String) -> Value?) throws -> Value {
        guard let value = read(text) else { throw EngineError.usage("“\(text.displayable)” is not \(noun)", hint: nil) }
        return value
    }

    private static func team(_ text: String) throws -> ProposedTeam {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
            throw EngineError.usage(
                "“\(text.displayable)” is no team", hint: "write --team release-managers=a@example.org,b@example.org")
        }
        _ = try value(String(sides[0]), "a team's name, such as release-managers") { Principal($0) }
        let members = try sides[1].split(separator: ",").map { try value(String($0), Principal.noun) { Principal($0) } }
        return ProposedTeam(name: String(sides[0]), members: members)
    }
}
