import ArgumentParser
import GitOpsTypes
import Kustomize
import PromoteComposition
import PromotionEngine

/// `promote render <dir>` and `promote render <app> <env>`
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Print rendered manifests, as `kustomize build` prints them.",
        usage: """
            promote render <dir>
            promote render <app> <env> [--at <revision>]
            promote render --all <dir>
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A directory with a kustomization; or an application and an environment, as the target branch has them.")
    var what: [String]

    @Option(help: ArgumentHelp("At this commit of the configuration instead of the target branch.", valueName: "revision"))
    var at: String?

    @Flag(help: "Every kustomization in the directory and below, but components; each under a line with its path.")
    var all = false

    func validate() throws {
        guard what.count == 1 || what.count == 2 else {
            throw ValidationError("render takes a directory, or an application and an environment.")
        }
        if all, what.count != 1 { throw ValidationError("render --all takes a directory.") }
        if what.count == 1, at != nil { throw ValidationError("--at goes with an application and an environment.") }
    }

    func run() async throws {
        if all { return try await renderAll() }
        let manifests = try await manifests()
        let yaml = manifests.yaml()
        guard global.json else {
            Terminal.current().answer(yaml)
            return
        }
        let text = String(decoding: yaml, as: UTF8.self)
        Terminal.current().answer(try JSONValue.object(["manifests": .string(text)]).rendered())
    }

    private func renderAll() async throws {
        let rendering: FolderRendering
        do {
            rendering = try FolderRendering(directory)
        } catch {
            throw EngineError.usage("there is no directory “\(what[0].displayable)”", hint: nil)
        }
        let outcomes = try await rendering.renderAll()
        var yaml: [UInt8] = []
        var texts: [String: JSONValue] = [:]
        var failures: [any Error] = []
        for outcome in outcomes {
            switch outcome.yaml {
            case .success(let text):
                if global.json {
                    texts[outcome.directory] = .string(String(decoding: text, as: UTF8.self))
                } else {
                    yaml += Array("\(yaml.isEmpty ? "" : "---\n")# \(outcome.directory.displayable)\n".utf8) + text
                }
            case .failure(let error): failures.append(error)
            }
        }
        Terminal.current().answer(global.json ? Array(try JSONValue.object(texts).rendered().utf8) : yaml)
        for failure in failures.dropFirst() { Terminal.current().narrate("error: \(failure)") }
        if let first = failures.first { throw first }
    }

    private var directory: String { what[0].hasPrefix("/") ? what[0] : "\(global.directory)/\(what[0])" }

    private func manifests() async throws -> RenderedManifests {
        if what.count == 2 {
            let options = CompositionOptions(directory: global.directory, remote: global.remote, isOffline: global.offline)
            return try await Composition.engine(options).0.render(application: what[0], environment: what[1], at: at)
        }
        let folder: (files: FolderFiles, path: RepositoryPath)
        do {
            folder = try FolderFiles.around(directory)
        } catch {
            throw EngineError.usage("there is no directory “\(what[0].displayable)”", hint: nil)
        }
        return try KustomizeRenderer(files: folder.files).render(folder.path)
    }
}
