public import GitOpsTypes
public import Kustomize
public import ManifestRendering
public import PromotionDomain

/// Files, and what the places in them render to.
public protocol RenderableTree {
    var files: any FileSource { get }

    /// What a place renders to, as it may be known already.
    ///
    /// - Throws: `RenderingError` where it does not render; `RendererUnavailable`; or what the files throw.
    func manifests(of place: SourcePlace) throws -> RenderedManifests

    /// The same with some of its files replaced.
    ///
    /// - Throws: what the files throw.
    func replacing(_ files: [RepositoryPath: [UInt8]]) throws -> any RenderableTree
}

/// Files whose places are rendered each time that they are asked for.
public struct UncachedTree: RenderableTree {
    public let files: any FileSource
    private let renderers: SourceRenderers

    public init(_ files: any FileSource, renderers: SourceRenderers = SourceRenderers()) {
        self.files = files
        self.renderers = renderers
    }

    public func manifests(of place: SourcePlace) throws -> RenderedManifests {
        try renderers.renderer(of: place).render(files)
    }

    public func replacing(_ replaced: [RepositoryPath: [UInt8]]) -> any RenderableTree {
        UncachedTree(OverlaidFiles(files, replacing: replaced), renderers: renderers)
    }
}
