import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// What Flux's controller applies for a Kustomization.
@Suite struct FluxRendererTests {
    private func render(_ spec: String, _ files: [String: String], variables: [String] = []) throws -> String {
        var memory: [RepositoryPath: [UInt8]] = [:]
        let flux = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: flux-system}
            ---
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {name: web, namespace: flux-system}
            spec: \(spec)

            """
        for (name, text) in files.merging(["clusters/web.yaml": flux], uniquingKeysWith: { $1 }) {
            memory[try #require(RepositoryPath(name))] = Array(text.utf8)
        }
        let source = FluxSource(
            kustomization: try #require(PathTemplate("clusters/web.yaml")),
            variables: try variables.map { try #require(PathTemplate($0)) })
        let place = ApplicationSource.flux(source).place(
            of: try #require(ApplicationName("web")), in: try #require(EnvironmentName("dev")))
        let manifests = try SourceRenderers().renderer(of: place).render(MemoryFiles(memory))
        return String(decoding: manifests.yaml(), as: UTF8.self)
    }

    private static let web = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: '${x:=1}', b: \"${y}\"}\n"

    @Test func `What it adds to a kustomization is built with it`() throws {
        let rendered = try render(
            """
            {path: ./apps/web, targetNamespace: shop, namePrefix: a-, nameSuffix: -z, components: [../more],
             patches: [{target: {kind: Pod}, patch: '[{"op": "add", "path": "/metadata/labels", "value": {"p": "q"}}]'}],
             images: [{name: registry.example/web, newTag: "2"}], commonMetadata: {labels: {team: shop}, annotations: {note: "1"}}}
            """,
            [
                "apps/web/kustomization.yaml":
                    "resources: [pod.yaml]\nimages: [{name: registry.example/web, newName: mirror.example/web, newTag: '1', digest: 'sha256:1'}]\n",
                "apps/web/pod.yaml":
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: registry.example/web}]}\n",
                "apps/more/kustomization.yaml":
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [map.yaml]\n",
                "apps/more/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n",
            ])
        #expect(rendered.contains("image: mirror.example/web:2\n") && rendered.contains("name: a-web-z\n  namespace: shop\n"))
        #expect(rendered.contains("p: q") && rendered.contains("name: a-more-z"))
        #expect(rendered.split(separator: "team: shop").count == 3 && rendered.contains("note: \"1\""))
    }

    @Test func `A directory without a kustomization has all manifests in it`() throws {
        let rendered = try render(
            "{path: apps}",
            [
                "apps/b.yml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
                "apps/in/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", "apps/in/notes.txt": "x",
                "apps/own/kustomization.yaml": "resources: [c.yaml]\nnamePrefix: own-\n",
                "apps/own/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
                "apps/own/unused.yaml": "no: manifest\n",
            ])
        #expect(rendered.contains("name: a\n") && rendered.contains("name: b\n") && rendered.contains("name: own-c\n"))
        #expect(rendered.split(separator: "---").count == 3)
    }

    @Test func `Variables are put in, from the object and from files`() throws {
        let vars = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars}\ndata: {x: '3', y: no}\n"
        let files = ["apps/web.yaml": Self.web, "vars.yaml": vars]
        let spec = "{path: apps, postBuild: {substitute: {y: 'yes it is'}, substituteFrom: [{kind: ConfigMap, name: vars}]}}"
        #expect(try render(spec, files, variables: ["vars.yaml"]).contains("a: 3\n  b: yes it is\n"))
        #expect(throws: RenderingError.self) { try render(spec, files) }
        let optional = spec.replacing("name: vars", with: "name: vars, optional: true")
        #expect(try render(optional, files).contains("a: 1\n  b: yes it is\n"))
        // Without values nothing is put in, as the controller has it.
        #expect(try render("{path: apps, postBuild: {}}", files).contains("a: ${x:=1}\n  b: ${y}\n"))
        let disabled = Self.web.replacing(
            "name: web", with: "name: web, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}")
        #expect(try render(spec, files.merging(["apps/web.yaml": disabled]) { $1 }, variables: ["vars.yaml"]).contains("${y}"))
    }

    @Test(arguments: [
        ("{path: ../apps}", "leads out of the repository"), ("{path: nothing}", "no such directory"),
        ("{path: apps, components: [../../x]}", "component"), ("{path: apps, images: [{newTag: a}]}", "no name"),
        ("{path: apps, patches: {a: b}}", "no list"), ("{path: apps, targetNamspace: x}", "no field"),
        ("{path: apps, ignore: x}", "no field"),
        ("{path: apps, postBuild: {substitute: {a-b: c}}}", "no name of a variable"),
    ])
    func `What cannot be is told with the file`(_ spec: String, _ message: String) {
        #expect { try render(spec, ["apps/web.yaml": Self.web]) } throws: { error in
            guard let error = error as? RenderingError else { return false }
            return error.message.contains(message)
                && (error.path.description.contains("web.yaml") || error.path.description == "nothing")
        }
    }
}
