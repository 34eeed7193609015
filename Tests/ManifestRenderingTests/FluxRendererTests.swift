import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// What Flux's controller applies for a Kustomization.
@Suite struct FluxRendererTests {
    private func render(_ spec: String, _ files: [String: String], variables: [String] = []) throws -> String {
        String(decoding: try manifests(spec, files, variables: variables).yaml(), as: UTF8.self)
    }

    private func manifests(
        _ spec: String, _ files: [String: String], variables: [String] = []
    ) throws -> RenderedManifests {
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
        return try SourceRenderers().renderer(of: place).render(MemoryFiles(memory))
    }

    private static let web = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: '${x:=1}', b: \"${y}\"}\n"

    /// What a pull request may bring to keep a machine busy, or to end the program.
    @Test(arguments: [
        ("{path: ./apps}", String(repeating: "d/", count: 200) + "a.yaml", "100 folders deep"),
        ("{path: ./apps, images: [\(String(repeating: "{name: a}, ", count: 1_001))]}", "a.yaml", "more than 1000"),
        ("{path: ./apps, postBuild: {substitute: {y: \(String(repeating: "y", count: 50_000))}}}", "grow.yaml", "MiB"),
    ])
    func `What is too much is refused with what it is`(_ spec: String, _ file: String, _ words: String) throws {
        let text = Self.web.replacing("${y}", with: file == "grow.yaml" ? "${y//y/${y}}" : "1")
        #expect { try render(spec, ["apps/" + file: text]) } throws: { ($0 as? RenderingError)?.message.contains(words) == true }
    }

    /// In fields that `configurations` name, images are those that are applied.
    @Test(arguments: [
        ("spec: {image: '${IMAGE}'}", ["registry.example/web:1"]), ("spec: ${WHOLE}", ["registry.example/api:2"]),
        ("spec: {image: 'registry.example/web:${TAG}'}", ["registry.example/web:3"]), ("spec: {other: '${IMAGE}'}", []),
    ])
    func `Images have their variables put in`(_ spec: String, _ images: [String]) throws {
        let rendered = try manifests(
            "{path: ./a, postBuild: {substitute: {IMAGE: 'registry.example/web:1', WHOLE: '{image: registry.example/api:2}', TAG: '3'}}}",
            [
                "a/kustomization.yaml": "resources: [task.yaml]\nconfigurations: [images.yaml]\n",
                "a/images.yaml": "images: [{path: spec/image, kind: Task}]\n",
                "a/task.yaml": "apiVersion: example.org/v1\nkind: Task\nmetadata: {name: t}\n\(spec)\n",
            ])
        #expect(rendered.configuredImages.map(\.text) == images)
    }

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
