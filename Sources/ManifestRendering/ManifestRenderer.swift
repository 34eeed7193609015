public import Kustomize
public import PromotionDomain

/// Renders one place: what an application is in an environment.
public protocol ManifestRenderer {
    /// Whatever a rendering depends on besides the files and the place: a rendering that is kept is the same as long as this is.
    ///
    /// - Throws: `RendererUnavailable` where a program is missing.
    func version() throws -> String

    /// - Parameter files: every file that may be read.
    /// - Throws: `RenderingError` where the place does not render; `RendererUnavailable`; or what the files throw.
    func render(_ files: any FileSource) throws -> RenderedManifests
}

/// The renderers of all kinds of source.
public struct SourceRenderers: Sendable {
    private let programs: any RenderingPrograms
    private let charts: KustomizeCharts
    private let isPermitted: @Sendable (ProgramPlace, [String]) -> Bool

    /// - Parameters:
    ///   - programs: how programs are run that render.
    ///   - isPermitted: whether a program that the policy names may be run here, with the identities of its own files.
    public init(
        programs: any RenderingPrograms = NoRenderingPrograms(),
        isPermitted: @escaping @Sendable (ProgramPlace, [String]) -> Bool = { _, _ in false }
    ) {
        self.programs = programs
        charts = KustomizeCharts(programs: programs)
        self.isPermitted = isPermitted
    }

    /// The renderer of a place: the one switch over the kinds of source.
    public func renderer(of place: SourcePlace) -> any ManifestRenderer {
        switch place {
        case .overlay(let path, let kustomize): OverlayRenderer(overlay: path, kustomize: kustomize, charts: charts)
        case .manifests(let path): ManifestFilesRenderer(place: path)
        case .chart(let release): ChartRenderer(release: release, programs: programs)
        case .flux(let place): FluxRenderer(place: place)
        case .argo(let place): ArgoRenderer(place: place, programs: programs, charts: charts)
        case .program(let place): ProgramRenderer(place: place, programs: programs, isPermitted: isPermitted)
        }
    }

    /// Whether the charts among manifests that were rendered before would be rendered by the same program today.
    ///
    /// - Throws: what the machine throws.
    public func isCurrent(chartProgram: String?) throws -> Bool {
        try chartProgram == nil || chartProgram == programs.identity(of: HelmTemplate.program)
    }

    /// What stands at each of a program's own files, in the order of those.
    ///
    /// - Throws: what the files throw.
    public static func versions(of program: ProgramPlace, in files: any FileSource) throws -> [String] {
        try ProgramRenderer.versions(of: program, in: files)
    }

    /// Whether a file of a folder is taken for a manifest, by its name.
    public static func isManifest(_ name: String) -> Bool { ManifestFilesRenderer.isManifest(name) }
}
