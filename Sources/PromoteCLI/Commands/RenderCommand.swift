import ArgumentParser
import GitOpsTypes
import Kustomize
import PromoteComposition
import PromoteReports
import PromotionEngine

/// `promote render <dir>` and `promote render <app> <env>`
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Print rendered manifests, as `kustomize build` prints them.",
        usage: """
            promote render <dir> [--kustomize <version>]
            promote render <app> <env> [--at <revision>]
            promote render --all <dir>
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A directory with a kustomization; or an application and an environment, as the target branch has them.")
    var what: [String]

    @Option(help: ArgumentHelp("At this commit of the configuration instead of the target branch.", valueName: "revision"))
    var at: String?

    @Option(
        help: ArgumentHelp("As this release of Kustomize renders a directory: 5.5, 5.7 or 5.8.", valueName: "version"))
    var kustomize: String?

    @Flag(help: "Every kustomization in the directory and below, but components; each under a line with its path.")
    var all = false

    func validate() throws {
        guard what.count == 1 || what.count == 2 else {
            throw ValidationError("render takes a directory, or an application and an environment.")
        }
        if all, what.count != 1 { throw ValidationError("render --all takes a directory.") }
        if what.count == 2 || all, kustomize != nil { throw ValidationError("--kustomize goes with one directory.") }
        if let kustomize, KustomizeVersion(rawValue: kustomize) == nil {
            throw ValidationError("--kustomize takes \(KustomizeVersion.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        if what.count == 1, at != nil { throw ValidationError("--at goes with an application and an environment.") }
    }

    func run() async throws {
        if all { return try await renderAll() }
        let yaml = try await manifests().printed()
        let terminal = Terminal.current()
        if global.json {
            try terminal.answer(Answer(manifests: String(decoding: yaml, as: UTF8.self)), asJSON: true)
        } else {
            terminal.answer(yaml)
        }
    }

    private func renderAll() async throws {
        let rendering: FolderRendering
        do {
            rendering = try FolderRendering(directory)
        } catch {
            throw EngineError.usage("there is no directory “\(what[0].displayable)”", hint: nil)
        }
        let outcomes = try await rendering.renderAll()
        var folders: [(folder: String, yaml: String)] = []
        var failures: [any Error] = []
        for outcome in outcomes {
            switch outcome.yaml {
            case .success(let yaml): folders.append((outcome.directory, String(decoding: yaml, as: UTF8.self)))
            case .failure(let error): failures.append(error)
            }
        }
        let answer = Answer(manifestsOf: folders)
        // Byte for byte: manifests are not the program's own words.
        Terminal.current().answer(Array((global.json ? try answer.jsonText() : answer.text).utf8))
        for failure in failures.dropFirst() { Terminal.current().narrate("error: \(failure)") }
        if let first = failures.first { throw first }
    }

    private var directory: String { what[0].hasPrefix("/") ? what[0] : "\(global.directory)/\(what[0])" }

    private func manifests() async throws -> RenderedManifests {
        if what.count == 2 {
            var options = CompositionOptions(
                directory: global.directory, remote: global.remote, isOffline: global.offline, runsGates: global.runGates)
            options.fetchesBases = global.fetchBases
            return try await Composition.engine(options).0.render(application: what[0], environment: what[1], at: at)
        }
        let folder: (files: FolderFiles, path: RepositoryPath)
        do {
            folder = try FolderFiles.around(directory)
        } catch {
            throw EngineError.usage("there is no directory “\(what[0].displayable)”", hint: nil)
        }
        let release = kustomize.flatMap(KustomizeVersion.init(rawValue:)) ?? .standard
        let charts = Composition.charts()
        return try KustomizeRenderer(files: folder.files, in: KustomizeDialect(release), charts: charts).render(folder.path)
    }
}
