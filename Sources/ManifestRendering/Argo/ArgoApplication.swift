public import GitOpsTypes
public import Kustomize

/// An Application of Argo CD: what it renders from the repository.
///
/// Source: Argo CD, "Application Specification Reference", and its repo-server.
public struct ArgoApplication {
    let name: String
    /// Where it is applied; nil for wherever the objects say.
    let namespace: String?
    /// Those that are rendered.
    let sources: [Source]
    /// Those that are in a registry or another repository of charts, and not rendered here.
    let remoteSources: [ManifestNode]
    /// The object itself.
    let node: ManifestNode
    let file: RepositoryPath
    /// The directories that sources with a `ref` have, by that.
    private let references: Set<String>

    /// One source of it.
    struct Source {
        let node: ManifestNode
        let path: RepositoryPath
    }

    static let group = "argoproj.io/"

    static func isOne(_ node: ManifestNode) -> Bool {
        node["kind"]?.text == "Application" && node["apiVersion"]?.text?.hasPrefix(group) == true
    }

    /// Whether a source is a chart, or what a registry has.
    ///
    /// Source: Argo CD, "Helm" and "OCI".
    private static func isRemote(_ source: ManifestNode) -> Bool {
        source["chart"]?.text?.isEmpty == false || source["repoURL"]?.text?.hasPrefix("oci://") == true
    }

    /// - Throws: `RenderingError` where the file has not exactly one, or one whose sources are not known.
    init(in file: RepositoryPath, from files: any FileSource) throws {
        guard case .file(let bytes) = try files.entry(at: file) else {
            throw RenderingError(
                "there is no file with an Application of Argo CD", in: file, hint: "correct the application's argocd")
        }
        let found = try rendering { try ManifestText.nodes(in: bytes, of: file) }.filter(Self.isOne)
        guard let node = found.first, found.count == 1 else {
            throw RenderingError(
                found.isEmpty ? "it has no Application of Argo CD" : "it has \(found.count) Applications of Argo CD", in: file,
                hint: "name a file with one of them, of apiVersion \(Self.group)v1alpha1")
        }
        self.file = file
        self.node = node
        name = node["metadata"]?["name"]?.text ?? ""
        namespace = node["spec"]?["destination"]?["namespace"]?.text
        let all = node["spec"]?["sources"]?.list ?? node["spec"]?["source"].map { [$0] } ?? []
        guard all.count <= AgentOptions.maximumSources else {
            throw RenderingError(
                "it has more than \(AgentOptions.maximumSources) sources", in: file, hint: "split the Application")
        }
        references = Set(all.compactMap { $0["ref"]?.text })
        remoteSources = all.filter(Self.isRemote)
        sources = try all.filter { !Self.isRemote($0) }.compactMap { source in
            guard let text = source["path"]?.text else {
                if source["ref"]?.text != nil { return nil }
                throw RenderingError("a source of it has no path", in: file, hint: "correct spec.source")
            }
            guard let path = RepositoryPath(text.drop { $0 == "/" }) else {
                throw RenderingError(
                    "its path “\(text.displayable)” leads out of the repository", in: file, hint: "correct spec.source.path")
            }
            return Source(node: source, path: path)
        }
        guard !sources.isEmpty || !remoteSources.isEmpty else {
            throw RenderingError("it has no source with a path", in: file, hint: "correct spec.source")
        }
    }

    /// The directories that the Application in a file renders.
    ///
    /// - Throws: `RenderingError` where there is none, or it renders what is elsewhere.
    public static func directories(of file: RepositoryPath, in files: any FileSource) throws -> [RepositoryPath] {
        try ArgoApplication(in: file, from: files).sources.map(\.path)
    }

    /// The files with values that the Application in a file names.
    ///
    /// - Throws: `RenderingError` where there is none, or it renders what is elsewhere.
    public static func namedFiles(of file: RepositoryPath, in files: any FileSource) throws -> [RepositoryPath] {
        try ArgoApplication(in: file, from: files).namedFiles()
    }

    /// The files with values that it names.
    ///
    /// - Throws: `RenderingError` where one is elsewhere.
    func namedFiles() throws -> [RepositoryPath] {
        try sources.flatMap { source in
            try (source.node["helm"]?["valueFiles"]?.list ?? []).map { try valuesFile($0.scalar?.text ?? "", of: source) }
        } + remoteSources.flatMap { try valuesFiles(ofRemote: $0) }
    }

    /// The files of this repository that a source with a remote chart takes values from; others are in the chart.
    ///
    /// - Throws: `RenderingError` where they are of a source that is not known.
    func valuesFiles(ofRemote source: ManifestNode) throws -> [RepositoryPath] {
        try (source["helm"]?["valueFiles"]?.list ?? []).compactMap { $0.scalar?.text }.filter { $0.hasPrefix("$") }.map { text in
            guard let path = referred(text) else { throw unknownValues(text) }
            return path
        }
    }

    /// The file that `$values/prod.yaml` is, where there is a source `values`.
    private func referred(_ text: String) -> RepositoryPath? {
        let parts = text.dropFirst().split(separator: "/", maxSplits: 1)
        return parts.count == 2 && references.contains(String(parts[0])) ? RepositoryPath(String(parts[1])) : nil
    }

    private func unknownValues(_ text: String) -> RenderingError {
        RenderingError(
            "the values of “\(text.displayable)” are not in this repository", in: file,
            hint: "correct spec.source.helm.valueFiles")
    }

    /// The file with values that a source names: beside its chart, from the root with a slash, or of another source.
    ///
    /// - Throws: `RenderingError` where that is not in the repository.
    func valuesFile(_ text: String, of source: Source) throws -> RepositoryPath {
        let isElsewhere = text.contains("://")
        var path: RepositoryPath?
        if text.hasPrefix("$") {
            path = referred(text)
        } else if text.hasPrefix("/") {
            path = RepositoryPath(String(text.drop { $0 == "/" }))
        } else {
            path = RepositoryPath(text, relativeTo: source.path)
        }
        guard let path, !isElsewhere else { throw unknownValues(text) }
        return path
    }
}
