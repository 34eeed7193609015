import GitOpsTypes
import Kustomize
import ManifestRendering
import PromoteTestSupport
import PromotionDomain
import RepositorySurvey

/// A repository in memory, and what is proposed for it.
struct SurveyedTree {
    private var files: [RepositoryPath: [UInt8]] = [:]
    private var branches: [EnvironmentName: SurveyTrees.Branch] = [:]
    var request: SurveyRequest

    init(_ files: [String: String] = [:]) {
        request = SurveyRequest(directory: RepositoryPath("environments") ?? .root)
        for (path, text) in files { add(text, at: path) }
    }

    mutating func add(_ text: String, at path: String) {
        guard let path = RepositoryPath(path) else { preconditionFailure("\(path) is no path") }
        files[path] = Array(text.utf8)
    }

    /// Takes what there is for a branch of an environment, and begins with an empty tree.
    mutating func moveToBranch(_ name: String) {
        guard let environment = EnvironmentName(name) else { preconditionFailure("\(name) is no name") }
        branches[environment] = SurveyTrees.Branch(name: name, files: MemoryFiles(files))
        files = [:]
    }

    /// A base with a Deployment of each image.
    mutating func addBase(at folder: String, images: String...) {
        let deployments = images.enumerated().map { index, image in
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: app\(index) }
            spec:
              selector: { matchLabels: { app: app\(index) } }
              template:
                metadata: { labels: { app: app\(index) } }
                spec: { containers: [{ name: main, image: "\(image)" }] }

            """
        }
        add(deployments.joined(separator: "---\n"), at: folder + "/deployment.yaml")
        add("resources: [deployment.yaml]\n", at: folder + "/kustomization.yaml")
    }

    /// An overlay on a base.
    mutating func addOverlay(at folder: String, on base: String, file: String = "kustomization.yaml", more: String = "") {
        add("resources: [\(base)]\n\(more)", at: "\(folder)/\(file)")
    }

    /// - Parameter seed: of the order in which folders tell what is in them; nil for that of their names.
    func proposal(besides existing: Policy? = nil, shuffledBy seed: UInt64? = nil) throws -> SetupProposal {
        let main: any FileSource = if let seed { ShuffledFiles(MemoryFiles(files), seed: seed) } else { MemoryFiles(files) }
        return try RepositorySurvey(
            SurveyTrees(main, branches: branches), renderers: SourceRenderers(), request: request, existing: existing
        ).proposal()
    }
}

/// Files whose folders tell what is in them in some order.
struct ShuffledFiles: FileSource {
    private let files: MemoryFiles
    private let seed: UInt64

    init(_ files: MemoryFiles, seed: UInt64) {
        self.files = files
        self.seed = seed
    }

    func entry(at path: RepositoryPath) -> FileSourceEntry { files.entry(at: path) }

    func names(in directory: RepositoryPath) -> [String]? {
        var random = SeededGenerator(seed: seed)
        return files.names(in: directory)?.shuffled(using: &random)
    }
}

extension SetupProposal {
    /// `dev ← build`, `staging ← dev`.
    var chain: [String] {
        environments.map { "\($0.name) ← \($0.sources.isEmpty ? "build" : $0.sources.map(\.text).joined(separator: "+"))" }
    }

    /// `web overlays/{environment} registry.example/web`.
    var described: [String] {
        applications.map { proposed in
            let path = proposed.source.path?.text ?? "-"
            return "\(proposed.name) \(path) \(proposed.images.map(\.text).joined(separator: "+"))"
        }.sorted()
    }

    /// What is said of something.
    func because(of about: String) -> String? { guesses.first { $0.about.contains(about) }?.because }
}
