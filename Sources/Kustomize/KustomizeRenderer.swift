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
    /// What one render may take.
    var limits = RenderBudget.standard
    /// What renders of the same files have in common as long as it is the same; to be changed with the output.
    public static let version = "4"

    /// What a kustomization's file may be called.
    public static let fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// - Parameters:
    ///   - files: every file the overlay may read, those of other repositories too; a path out of it is refused.
    ///   - dialect: how it is rendered.
    ///   - shared: the bases of other renders of the very same files, to be built once for all of them.
    ///   - charts: what renders charts; nil where none are rendered.
    public init(
        files: any FileSource, in dialect: KustomizeDialect = .standard, sharing shared: SharedBases? = nil,
        charts: (any ChartInflating)? = nil
    ) {
        source = files
        self.dialect = dialect
        self.charts = charts
        self.shared = shared
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
