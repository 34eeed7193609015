import GitOpsTypes
import Kustomize

/// Renders a Kustomize overlay, in process but for its charts.
struct OverlayRenderer: ManifestRenderer {
    let overlay: RepositoryPath
    let kustomize: KustomizeDialect
    let charts: any ChartInflating

    func version() -> String { "kustomize \(KustomizeRenderer.version)/\(kustomize.key)" }

    func render(_ files: any FileSource) throws -> RenderedManifests {
        try rendering { try KustomizeRenderer(files: files, in: kustomize, charts: charts).render(overlay) }
    }
}
