import GitOpsTypes
import Kustomize

/// Renders a Kustomize overlay, in process.
struct OverlayRenderer: ManifestRenderer {
    let overlay: RepositoryPath
    let kustomize: KustomizeVersion

    func version() -> String { "kustomize \(KustomizeRenderer.version)/\(kustomize.rawValue)" }

    func render(_ files: any FileSource) throws -> RenderedManifests {
        try rendering { try KustomizeRenderer(files: files, as: kustomize).render(overlay) }
    }
}
