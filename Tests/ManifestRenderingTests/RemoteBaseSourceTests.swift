import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// Sources of agents whose kustomizations build on other repositories.
@Suite struct RemoteBaseSourceTests {
    private static let shared = "https://git.example/org/shared"
    private static let commit = String(repeating: "1", count: 40)

    private func files() throws -> MemoryFiles {
        let repository = PinnedRepository(address: Self.shared, commit: try #require(CommitID(Self.commit)))
        let texts = [
            "clusters/web.yaml":
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec: {path: apps/web}\n",
            "argo/web.yaml":
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: apps/web, kustomize: {namePrefix: p-}}}\n",
            "apps/web/kustomization.yaml": "resources: [\"\(Self.shared)//deploy?ref=\(Self.commit)\"]\n",
        ]
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in texts { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        for (path, text) in [
            "deploy/kustomization.yaml": "resources: [a.yaml]\n",
            "deploy/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        ] {
            memory[try #require(RepositoryPath(path, relativeTo: .root(of: repository)))] = Array(text.utf8)
        }
        return MemoryFiles(memory)
    }

    private func sources(_ bases: RemoteBases) throws -> [ApplicationSource] {
        [
            .flux(FluxSource(kustomization: try #require(PathTemplate("clusters/web.yaml")), bases: bases)),
            .argo(ArgoSource(application: try #require(PathTemplate("argo/web.yaml")), bases: bases)),
        ]
    }

    @Test func `They are built on where the application says so, and told`() throws {
        for source in try sources(.pinned) {
            let place = source.place(of: try #require(ApplicationName("web")), in: try #require(EnvironmentName("dev")))
            let manifests = try SourceRenderers().renderer(of: place).render(files())
            #expect(manifests.objects.count == 1 && manifests.repositories.map(\.address) == [Self.shared])
            #expect(!place.isRenderedInProcess)
        }
        for source in try sources(.refused) {
            let place = source.place(of: try #require(ApplicationName("web")), in: try #require(EnvironmentName("dev")))
            #expect { try SourceRenderers().renderer(of: place).render(files()) } throws: {
                "\($0)".contains("bases: {remote: pinned}")
            }
        }
    }
}
