import GitOpsTypes
import Kustomize

/// What stands for sources of an Application that Argo CD takes from elsewhere: the Application itself, and the values of this
/// repository that they are given, so that a change of either is compared and approved.
struct RemoteArgoSources {
    private let application: ArgoApplication
    private let files: TracedFiles

    init(_ application: ArgoApplication, in files: TracedFiles) {
        self.application = application
        self.files = files
    }

    /// - Throws: `RenderingError` where there are no such values; or what the files throw.
    func nodes() throws -> [ManifestNode] {
        var named: Set<RepositoryPath> = []
        let values = try application.remoteSources.flatMap { source in
            let passesOver = source["helm"]?["ignoreMissingValueFiles"]?.scalar?.text == "true"
            return try application.valuesFiles(ofRemote: source).compactMap { path in
                guard named.insert(path).inserted else { return nil as ManifestNode? }
                return try self.values(path, passesOver: passesOver)
            }
        }
        return try rendering { try ([application.node] + values).map { try ManifestText.canonical($0, of: application.file) } }
    }

    /// An object that has what a file with values has.
    private func values(_ path: RepositoryPath, passesOver: Bool) throws -> ManifestNode? {
        let entry = try files.entry(at: path)
        guard case .file(let bytes) = entry else {
            if passesOver, entry == .missing { return nil }
            throw RenderingError(
                "there is no such file with values", in: path, hint: "add it, or correct spec.source.helm.valueFiles")
        }
        let nodes = try rendering { try ManifestText.nodes(in: bytes, of: path) }
        guard nodes.count <= 1 else { throw RenderingError("values are one document", in: path) }
        return .map(
            ManifestMap([
                .init(key: "apiVersion", value: .string("promote/v1alpha1")),
                .init(key: "kind", value: .string("ChartValues")),
                .init(key: "metadata", value: .map(ManifestMap([.init(key: "name", value: .string(path.description))]))),
                .init(key: "values", value: nodes.first ?? .null),
            ]))
    }
}
