import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// What Argo CD renders for an Application without Helm.
@Suite struct ArgoRendererTests {
    private func render(_ spec: String, _ files: [String: String]) throws -> String {
        var memory: [RepositoryPath: [UInt8]] = [:]
        let application = """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: web}
            spec: \(spec)

            """
        for (name, text) in files.merging(["apps/web.yaml": application], uniquingKeysWith: { $1 }) {
            memory[try #require(RepositoryPath(name))] = Array(text.utf8)
        }
        let source = ApplicationSource.argo(ArgoSource(application: try #require(PathTemplate("apps/web.yaml"))))
        let place = source.place(of: try #require(ApplicationName("web")), in: try #require(EnvironmentName("dev")))
        return String(decoding: try SourceRenderers().renderer(of: place).render(MemoryFiles(memory)).yaml(), as: UTF8.self)
    }

    private static let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: registry.example/web:1}, {name: b, image: registry.example/api:1}]}\n"

    /// What a pull request may bring to keep a machine busy.
    @Test(arguments: [
        ("{sources: [\(String(repeating: "{path: web}, ", count: 51))]}", "more than 50 sources"),
        ("{source: {path: web, kustomize: {images: [\(String(repeating: "'a:1', ", count: 1_001))]}}}", "more than 1000"),
        ("{source: {path: web, directory: {include: '{\(String(repeating: "a,", count: 501))}'}}}", "longer than a pattern"),
    ])
    func `What is too much is refused with what it is`(_ spec: String, _ words: String) throws {
        let files = ["web/kustomization.yaml": "resources: []\n"]
        #expect { try render(spec, files) } throws: { ($0 as? RenderingError)?.message.contains(words) == true }
    }

    @Test func `The options of Kustomize are put into the kustomization`() throws {
        let rendered = try render(
            """
            {source: {path: web, kustomize: {namePrefix: a-, nameSuffix: -z, namespace: shop, commonLabels: {team: shop},
              labelWithoutSelector: true, commonAnnotations: {note: "1"}, replicas: [{name: d, count: 3}], components: [../more],
              images: [registry.example/web:2, 'registry.example/api=mirror.example/api@sha256:1'],
              patches: [{target: {kind: Pod}, patch: '[{"op": "add", "path": "/spec/nodeName", "value": "x"}]'}]}}}
            """,
            [
                "web/kustomization.yaml":
                    "resources: [pod.yaml, d.yaml]\nimages: [{name: registry.example/web, digest: 'sha256:0'}]\n",
                "web/pod.yaml": Self.pod,
                "web/d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 1}\n",
                "more/kustomization.yaml":
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [map.yaml]\n",
                "more/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n",
            ])
        for expected in [
            "image: registry.example/web:2\n", "image: mirror.example/api@sha256:1\n", "name: a-web-z\n  namespace: shop\n",
            "replicas: 3", "name: a-more-z", "nodeName: x", "team: shop", "note: \"1\"",
        ] {
            #expect(rendered.contains(expected), "\(expected) in \(rendered)")
        }
    }

    @Test(arguments: [
        ("{path: web}", ["a", "b"]), ("{path: web, directory: {recurse: true}}", ["a", "b", "c"]),
        ("{path: web, directory: {exclude: 'b.*'}}", ["a"]), ("{path: web, directory: {include: '{b.yml,c.*}'}}", ["b"]),
        ("{path: web, directory: {recurse: true, include: 'in/*'}}", ["c"]),
    ])
    func `A directory has the manifests that it is told to take`(_ source: String, _ names: [String]) throws {
        func map(_ name: String) -> String { "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name)}\n" }
        let files = ["web/a.yaml": map("a"), "web/b.yml": map("b"), "web/in/c.json": map("c"), "web/x.txt": "no manifest"]
        let rendered = try render("{source: \(source)}", files)
        #expect(["a", "b", "c"].filter { rendered.contains("name: \($0)\n") } == names)
    }

    @Test(arguments: [
        "chart: redis, repoURL: 'https://charts.example', targetRevision: 19.0.1",
        "repoURL: 'oci://registry.example/charts/redis', path: ., targetRevision: 19.0.1",
    ])
    func `A chart from elsewhere is stood for by the Application and its values`(_ source: String) throws {
        let spec = """
            {sources: [{\(source), helm: {ignoreMissingValueFiles: true,
              valueFiles: [values-production.yaml, $v/env/dev.yaml, $v/env/none.yaml, $v/env/dev.yaml]}}, {ref: v}, {path: web}]}
            """
        let rendered = try render(spec, ["env/dev.yaml": "image: {tag: 1.4.0}\n", "web/p.yaml": Self.pod])
        #expect(rendered.contains("kind: Pod") && rendered.contains("kind: Application"))
        #expect(rendered.contains("targetRevision: 19.0.1"))
        #expect(rendered.ranges(of: "kind: ChartValues").count == 1, "\(rendered)")
        #expect(rendered.contains("name: env/dev.yaml\n") && rendered.contains("values:\n  image:\n    tag: 1.4.0\n"))
        let alone = try render("{source: {\(source)}}", [:])
        #expect(alone.contains("kind: Application") && !alone.contains("---"))
    }

    @Test func `Several sources are rendered one after another`() throws {
        let rendered = try render(
            "{sources: [{path: one}, {ref: values}, {path: two}]}",
            [
                "one/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
                "two/kustomization.yaml": "resources: [p.yaml]\n", "two/p.yaml": Self.pod,
            ])
        #expect(rendered.contains("name: a\n---\n") && rendered.contains("kind: Pod"))
    }

    @Test(arguments: [
        ("{source: {path: ../x}}", "leads out of the repository"),
        (
            "{sources: [{chart: redis, repoURL: 'https://charts.example', helm: {valueFiles: [$values/v.yaml]}}]}",
            "not in this repository"
        ),
        (
            "{sources: [{chart: redis, repoURL: 'https://charts.example', helm: {valueFiles: [$v/v.yaml]}}, {ref: v}]}",
            "no such file with values"
        ),
        ("{source: {path: web, plugin: {name: x}}}", "plugin"), ("{sources: [{ref: a}]}", "no source with a path"),
        ("{source: {path: nothing}}", "no file"), ("{source: {path: web, kustomize: {namePrefix: a}}}", "no kustomization"),
        ("{source: {path: web, directory: {include: '[a]*'}}}", "include"),
    ])
    func `What cannot be known is refused`(_ spec: String, _ message: String) {
        #expect { try render(spec, ["web/pod.yaml": Self.pod]) } throws: {
            ($0 as? RenderingError)?.message.contains(message) == true
        }
    }
}
