public import GitOpsTypes

/// Renders an overlay and everything it builds on, as `kustomize build` does.
///
/// A pure function of the files: no network, no programs, no environment. What Kustomize has and this renderer does not
/// carry out is an error that names the field; a render is never silently wrong.
public struct KustomizeRenderer {
    private let source: any FileSource
    private let shared: SharedBases?
    private let dialect: KustomizeDialect
    private let charts: (any ChartInflating)?
    private let limits: RenderBudget.Cost
    /// What renders of the same files have in common as long as it is the same; to be changed with the output.
    public static let version = "4"

    /// What a kustomization's file may be called.
    public static let fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// - Parameters:
    ///   - files: every file the overlay may read, those of other repositories too; a path out of it is refused.
    ///   - kustomize: whose output is wanted, where releases of Kustomize differ.
    ///   - loading: from where kustomizations may read files.
    ///   - shared: the bases of other renders of the very same files, to be built once for all of them.
    public init(
        files: any FileSource, as kustomize: KustomizeVersion = .standard, loading: LoadRestrictions = .root,
        sharing shared: SharedBases? = nil
    ) {
        self.init(files: files, in: KustomizeDialect(kustomize, loading: loading), sharing: shared)
    }

    /// - Parameters:
    ///   - files: every file the overlay may read, those of other repositories too; a path out of it is refused.
    ///   - dialect: how it is rendered.
    ///   - shared: the bases of other renders of the very same files, to be built once for all of them.
    ///   - charts: what renders charts; nil where none are rendered.
    public init(
        files: any FileSource, in dialect: KustomizeDialect, sharing shared: SharedBases? = nil,
        charts: (any ChartInflating)? = nil
    ) {
        self.init(files: files, in: dialect, sharing: shared, charts: charts, limits: RenderBudget.standard)
    }

    init(
        files: any FileSource, in dialect: KustomizeDialect = .standard, sharing shared: SharedBases? = nil,
        charts: (any ChartInflating)? = nil, limits: RenderBudget.Cost
    ) {
        source = files
        self.dialect = dialect
        self.charts = charts
        self.shared = shared
        self.limits = limits
    }

    /// The manifests of the kustomization in `directory`, in the order they are printed.
    ///
    /// - Throws: `KustomizeError`, also where the render takes more than one may; or what the file source throws.
    public func render(_ directory: RepositoryPath) throws -> RenderedManifests {
        let traced = TracedFiles(source)
        let build = build(traced, directory)
        var manifests = try build.render(directory)
        manifests.reads = traced.identities
        manifests.program = build.chartProgram?.program
        manifests.chartProgram = build.chartProgram?.identity
        return manifests
    }

    /// The same; nil for a component, which renders only as a part of others.
    ///
    /// - Throws: `KustomizeError`, or what the file source throws.
    public func renderUnlessComponent(_ directory: RepositoryPath) throws -> RenderedManifests? {
        try build(source, directory).renderUnlessComponent(directory)
    }

    private func build(_ files: any FileSource, _ directory: RepositoryPath) -> KustomizeBuild {
        KustomizeBuild(files: within(files, directory), in: dialect, shared: shared, charts: charts)
    }

    private func within(_ files: any FileSource, _ directory: RepositoryPath) -> KustomizationFiles {
        KustomizationFiles(
            source: files, loading: dialect.loading, bases: dialect.bases, budget: RenderBudget(of: directory, limits: limits))
    }

    /// The kustomization file of `directory`; nil when the directory has none.
    ///
    /// - Throws: `KustomizeError.conflict` when there is more than one.
    public func kustomizationFile(in directory: RepositoryPath) throws -> (path: RepositoryPath, bytes: [UInt8])? {
        try within(source, directory).kustomizationFile(in: directory)
    }
}

/// The objects of an overlay, rendered.
public struct RenderedManifests: Sendable, Hashable {
    public let objects: [RenderedObject]
    /// The images in fields that `configurations` name, besides those of containers: where custom resources keep theirs.
    public let configuredImages: [ConfiguredImage]
    /// Every path that was looked at for them, and which file stands there; empty where none does.
    public internal(set) var reads: [RepositoryPath: String] = [:]
    /// The other repositories that they are built on, with the commits, in order.
    public var repositories: [PinnedRepository] { Set(reads.keys.compactMap(\.repository)).sorted() }
    /// As the program printed them that rendered them; nil where that is as they are printed here.
    public internal(set) var text: [UInt8]?
    /// The program that rendered them, with its version; nil where that is this one.
    public internal(set) var program: String?
    /// Which file of this machine rendered the charts among them: nil where there are none, or nothing but a chart.
    public internal(set) var chartProgram: String?

    init(objects: [RenderedObject], configuredImages: [ConfiguredImage]) {
        self.objects = objects
        self.configuredImages = configuredImages
    }

    /// These, and others behind them; what has no kind is no manifest, and is left out.
    public func adding(_ nodes: [ManifestNode]) -> RenderedManifests {
        let more = nodes.compactMap { Resource($0, origin: .root) }.map(RenderedObject.init)
        var sum = RenderedManifests(objects: objects + more, configuredImages: configuredImages)
        sum.reads = reads
        sum.text = text
        sum.program = program
        sum.chartProgram = chartProgram
        return sum
    }

    /// Manifests that are written out: those of files in their order, lists of them taken apart.
    ///
    /// - Parameters:
    ///   - reads: every path that was looked at for them, and what stands there.
    ///   - text: what is to be printed for them; nil for themselves.
    ///   - program: what rendered them, with its version.
    /// - Throws: `KustomizeError` where a file is no YAML, or has a document that is no manifest.
    public init(
        writtenIn files: [(path: RepositoryPath, bytes: [UInt8])], reads: [RepositoryPath: String], text: [UInt8]? = nil,
        by program: String? = nil
    ) throws(KustomizeError) {
        var objects: [RenderedObject] = []
        for (path, bytes) in files {
            let resources = try ManifestReader(written: bytes, path: path).writtenResources()
            objects += resources.map(RenderedObject.init)
        }
        self.init(objects: objects, configuredImages: [])
        self.reads = reads
        self.text = text
        self.program = program
    }

    /// Those of a place where there is nothing.
    public static let none = RenderedManifests(objects: [], configuredImages: [])

    /// Manifests that were rendered before, from what `yaml()` gave.
    ///
    /// - Parameters:
    ///   - program: what rendered a part of them, with its version.
    ///   - chartProgram: which file of this machine rendered the charts among them.
    /// - Throws: `KustomizeError` when `yaml` is nothing that was printed here.
    public init(
        yaml: [UInt8], configuredImages: [ConfiguredImage], reads: [RepositoryPath: String], program: String? = nil,
        chartProgram: String? = nil
    ) throws {
        let resources = try ManifestReader(yaml, path: .root).nodes().map { node in
            guard let resource = Resource(node, origin: .root) else {
                throw KustomizeError(.invalid, "a manifest has no kind", in: .root)
            }
            return resource
        }
        self.init(objects: resources.map(RenderedObject.init), configuredImages: configuredImages)
        self.reads = reads
        self.program = program
        self.chartProgram = chartProgram
    }

    /// The same manifests are the same, wherever they are from.
    public static func == (left: RenderedManifests, right: RenderedManifests) -> Bool {
        left.objects == right.objects && left.configuredImages == right.configuredImages
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(objects)
        hasher.combine(configuredImages)
    }

    /// What the program prints that renders them: `kustomize build`, or `helm template`.
    public func printed() -> [UInt8] { text ?? yaml() }

    /// The YAML that `kustomize build` would print.
    public func yaml() -> [UInt8] {
        ManifestPrinter().print(objects.map(\.node))
    }
}

/// An image that stands in a field which a `configurations` file names under `images`.
public struct ConfiguredImage: Sendable, Hashable {
    /// The object's place among all.
    public let object: Int
    /// The field, as the configuration writes it.
    public let field: String
    /// As it is written there.
    public let text: String

    public init(object: Int, field: String, text: String) {
        self.object = object
        self.field = field
        self.text = text
    }
}

public struct RenderedObject: Sendable, Hashable {
    public let apiVersion: String
    public let kind: String
    /// Empty for cluster-wide objects and where the overlay leaves it open.
    public let namespace: String
    public let name: String
    public let node: ManifestNode

    init(_ resource: Resource) {
        apiVersion = resource.node["apiVersion"]?.text ?? ""
        kind = resource.kind.kind
        namespace = resource.kind.isClusterScoped ? "" : resource.namespace
        name = resource.name
        node = resource.node
    }
}
