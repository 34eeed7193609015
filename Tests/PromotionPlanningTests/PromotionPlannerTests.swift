import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import PromotionPlanning

/// What a promotion changes, and which places are known to run its images.
@Suite struct PromotionPlannerTests {
    private static let image = "registry.example/web"
    private static let digest = "sha256:" + String(repeating: "1", count: 64)
    private static let old = "sha256:" + String(repeating: "0", count: 64)

    private let web: Application
    private let release: Release
    private let dev: EnvironmentName

    init() throws {
        dev = try #require(EnvironmentName("dev"))
        let image = ReleaseImage(
            name: try #require(ImageName(Self.image)), digest: try #require(ImageDigest(Self.digest)), tag: ImageTag("2.0.0"))
        let terraform = PromotedFile(path: try #require(PathTemplate("terraform/{environment}.tfvars")))
        web = Application(
            name: try #require(ApplicationName("web")), images: [image.name],
            source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard), builders: .anyone,
            files: [terraform])
        release = Release(
            id: ReleaseID(web.name, images: [image]), images: [image], build: BuildOrigin(commit: nil, source: nil, run: nil),
            registered: try #require(Timestamp("2026-01-01T00:00:00Z")), registeredBy: try #require(Principal("ci@example.org")))
    }

    /// A planner for an overlay of dev, with its files below `overlays/dev`, and others by their whole paths.
    private func planner(_ files: [String: String]) throws -> PromotionPlanner {
        var memory = [try #require(RepositoryPath("terraform/dev.tfvars")): Array("x = 1\n".utf8)]
        for (name, text) in files {
            memory[try #require(RepositoryPath(name.contains("/") ? name : "overlays/dev/\(name)"))] = Array(text.utf8)
        }
        return PromotionPlanner(UncachedTree(MemoryFiles(memory)))
    }

    private func plan(_ files: [String: String]) throws -> PromotionPlan {
        try planner(files).plan(release, of: web, into: dev)
    }

    private func edited(_ plan: PromotionPlan, _ name: String) -> String? {
        plan.edits.first { $0.path.description.hasSuffix(name) }.map { String(decoding: $0.new, as: UTF8.self) }
    }

    private static func deployment(_ spec: String) -> String {
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {\(spec)}}}\n"
    }

    private static let entry = "images: [{name: registry.example/web, digest: \(old)}]\n"

    // MARK: What runs an image

    @Test(arguments: [
        ("containers: [{name: a, image: registry.example/web}]", ["a"]),
        ("initContainers: [{name: a, image: registry.example/web}], containers: [{name: b, image: other}]", ["a"]),
        ("ephemeralContainers: [{name: a, image: 'registry.example/web:1'}]", ["a"]),
        ("volumes: [{name: a, image: {reference: 'registry.example/web:1'}}]", ["(volume a)"]),
        (
            "containers: [{name: a, image: registry.example/web}], volumes: [{image: {reference: registry.example/web}}]",
            ["(volume 0)", "a"]
        ),
        ("containers: {main: {image: 'registry.example/web:1'}}", ["main"]),
        ("nested: [{template: {containers: [{name: a, image: 'registry.example/web'}]}}]", ["a"]),
    ])
    func `Containers of all kinds and image volumes run an image`(_ spec: String, _ places: [String]) throws {
        let plan = try plan([
            "kustomization.yaml": "resources: [d.yaml]\n" + Self.entry, "d.yaml": Self.deployment(spec),
        ])
        #expect(plan.images.map(\.container).sorted() == places)
        #expect(plan.images.allSatisfy { $0.evidence == .rendered })
    }

    @Test func `What Kustomize does not reach is seen with what it has`() throws {
        let plan = try plan([
            "kustomization.yaml": "resources: [d.yaml]\n" + Self.entry,
            "d.yaml": Self.deployment(
                "containers: [{name: a, image: registry.example/web}], ephemeralContainers: [{name: e, image: 'registry.example/web:1'}]"
            ),
        ])
        #expect(plan.images.first { $0.container == "a" }?.digest == Self.digest)
        #expect(plan.images.first { $0.container == "e" }?.digest == nil)
    }

    @Test func `An overlay is rendered as the release of Kustomize that the application names`() throws {
        let old = Application(
            name: web.name, images: web.images,
            source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: KustomizeDialect(.v5_5)),
            builders: .anyone)
        let planner = try planner([
            "kustomization.yaml": "resources: [d.yaml]\n" + Self.entry,
            "d.yaml": Self.deployment("volumes: [{name: v, image: {reference: 'registry.example/web:1'}}]"),
        ])
        #expect(try planner.plan(release, of: old, into: dev).images.map(\.digest) == [nil])
        #expect(try planner.plan(release, of: web, into: dev).images.map(\.digest) == [Self.digest])
    }

    @Test func `A name that a base gives the image is its name, too`() throws {
        let plan = try plan([
            "kustomization.yaml": "resources: [../../base]\n" + Self.entry,
            "base/kustomization.yaml":
                "resources: [d.yaml, inner]\nimages: [{name: registry.example/web, newName: mirror.example/web}]\n",
            "base/inner/kustomization.yaml":
                "resources: [e.yaml]\nimages: [{name: mirror.example/web, newName: far.example/web}]\n",
            "base/inner/e.yaml":
                "apiVersion: v1\nkind: Pod\nmetadata: {name: e}\nspec: {containers: [{image: 'far.example/web:3'}]}\n",
            "base/d.yaml": Self.deployment("containers: [{name: a, image: 'registry.example/web:1'}]"),
        ])
        #expect(plan.images.map(\.text).sorted() == ["far.example/web:3", "mirror.example/web:1"])
        #expect(plan.images.allSatisfy { $0.digest == nil })
    }

    @Test(arguments: ["acme/web", "docker.io/acme/web", "index.docker.io/acme/web"])
    func `Docker Hub's images are the same by all of their names`(_ name: String) throws {
        let hub = Application(
            name: web.name, images: [try #require(ImageName("docker.io/acme/web"))], source: web.source, builders: .anyone)
        let planner = try planner([
            "kustomization.yaml": "resources: [d.yaml]\n",
            "d.yaml": Self.deployment("containers: [{name: a, image: '\(name):1'}]"),
        ])
        let manifests = try planner.manifests(of: hub, in: dev)
        #expect(try planner.images(of: hub, in: dev, rendered: manifests).map(\.text) == ["\(name):1"])
    }

    // MARK: Entries

    @Test func `Every entry that renames something to the image gets the digest`() throws {
        let plan = try plan([
            "kustomization.yaml": """
            resources: [d.yaml]
            images:
            - name: api
              newName: registry.example/web
              newTag: 1.0.0
            - name: other
              newTag: "3"
            - {name: worker, newName: registry.example/web}
            - name: registry.example/web
              digest: \(Self.old)

            """,
            "d.yaml": Self.deployment(
                "containers: [{name: a, image: api}, {name: b, image: worker}, {name: c, image: registry.example/web}, {name: d, image: other}]"
            ),
        ])
        #expect(plan.images.map(\.digest) == [Self.digest, Self.digest, Self.digest])
        let text = try #require(edited(plan, "kustomization.yaml"))
        #expect(text.contains("- name: other\n  newTag: \"3\"\n- {name: worker, newName: registry.example/web, digest: "))
        #expect(text.contains("  newTag: 2.0.0\n"))
    }

    // MARK: Marked values

    @Test func `Marked values of the kustomization itself go along`() throws {
        let plan = try plan([
            "kustomization.yaml": """
            resources: [d.yaml]
            labels:
            - pairs:
                version: 1.0.0 # {"$imagepolicy": "flux-system:web:tag"}
            configMapGenerator:
            - name: about
              literals:
              - VERSION=1.0.0 # {"$promote": "web:tag"}
            images:
            - name: registry.example/web # {"$imagepolicy": "flux-system:web:name"}
              newTag: 1.0.0 # {"$imagepolicy": "flux-system:web:tag"}
              digest: \(Self.old) # {"$promote": "web:digest"}

            """, "d.yaml": Self.deployment("containers: [{name: a, image: registry.example/web}]"),
        ])
        let text = try #require(edited(plan, "kustomization.yaml"))
        #expect(text.contains("version: 2.0.0 #") && text.contains("VERSION=2.0.0 #") && text.contains("newTag: 2.0.0 #"))
        #expect(Set(plan.images.map(\.digest)) == [Self.digest])
        #expect(plan.edits.count == 1)
    }

    private static let helmRelease = """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: web}
        spec:
          values:
            digest: \(old) # {"$promote": "web:digest"}

        """

    @Test func `A marked value that is rendered counts, as what it is`() throws {
        let plan = try plan(["kustomization.yaml": "resources: [r.yaml]\n", "r.yaml": Self.helmRelease])
        #expect(plan.images.map(\.evidence) == [.marked])
        #expect(plan.images.map(\.digest) == [Self.digest])
        #expect(plan.edits.map(\.path.description) == ["overlays/dev/r.yaml"])
    }

    @Test(arguments: [
        "patches: [{target: {kind: HelmRelease}, patch: '[{\"op\": \"replace\", \"path\": \"/spec/values/digest\", \"value\": \"x\"}]'}]\n",
        "patches: [{target: {kind: HelmRelease}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/values\"}]'}]\n",
        "patches: [{path: p.yaml}]\n",
    ])
    func `A marked value that something else overrides does not`(_ patches: String) throws {
        let plan = try plan([
            "kustomization.yaml": "resources: [r.yaml]\n" + patches, "r.yaml": Self.helmRelease,
            "p.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\n$patch: delete\n",
        ])
        #expect(plan.images.isEmpty)
        #expect(plan.edits.map(\.path.description) == ["overlays/dev/r.yaml"])
    }

    @Test(arguments: [
        ("d = \"\(old)\" # {\"$promote\": \"web:digest\"}\n", 1), ("# d = \"\(old)\" # {\"$promote\": \"web:digest\"}\n", 0),
        ("/*\nd = \"\(old)\" # {\"$promote\": \"web:digest\"}\n*/\n", 0),
        ("d = <<EOT\n\"\(old)\" # {\"$promote\": \"web:digest\"}\nEOT\n", 0),
        ("// d = \"\(old)\" // {\"$promote\": \"web:digest\"}\n", 0), ("t = \"1\" # {\"$promote\": \"web:tag\"}\n", 0),
    ])
    func `A value of another file counts where it is one`(_ text: String, _ count: Int) throws {
        let plan = try plan([
            "kustomization.yaml": "configMapGenerator: [{name: x, literals: [a=b]}]\n", "terraform/dev.tfvars": text,
        ])
        #expect(plan.images.filter { $0.digest == Self.digest }.count == count)
        #expect(plan.images.count == count)
    }

    // MARK: Stray markers

    @Test(arguments: [
        ("{\"$promote\": \"wbe:tag\"}", "“wbe:tag”", "did you mean “web”?"),
        ("{\"$promote\": \"web:tags\"}", "“tags” of web", "write name, tag or digest, or no part at all"),
        ("{\"$promote\": \"registry.example/web:sha\"}", "“sha” of registry.example/web", "write name"),
        ("{'$promote': 'web:tag'}", "no marker", "write nothing but"),
        ("{\"$promote\": \"web:tag\"} set by promote", "no marker", "write nothing but"),
        ("was 1.0 # {\"$promote\": \"web:tag\"}", "no marker", "write nothing but"),
        ("{\"$promote\": web}", "no marker", "write nothing but"),
    ])
    func `A marker that no value is promoted by is told`(_ marker: String, _ what: String, _ hint: String) throws {
        for name in ["kustomization.yaml", "p.yaml"] {
            let label = "commonLabels:\n  version: 1.0.0 # \(marker)\n"
            let patch = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels:\n    version: 1.0.0 # \(marker)\n"
            let planner = try planner([
                "kustomization.yaml": "resources: [d.yaml]\npatches: [{path: p.yaml}]\n"
                    + (name == "kustomization.yaml" ? label : ""),
                "p.yaml": name == "p.yaml" ? patch : "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n",
                "d.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
            ])
            let found = try planner.strayMarkers(of: web, in: dev, among: [web])
            #expect(found.count == 1)
            #expect(found.first?.message.contains(what) == true && found.first?.hint?.contains(hint) == true, "\(found)")
            #expect(found.first?.path.name == name && found.first?.position != nil)
        }
    }

    @Test(arguments: [
        "{\"$promote\": \"web:tag\"}", "{\"$imagepolicy\": \"flux-system:other:tag\"}",
        "{\"$imagepolicy\": \"flux-system:web:tags\"}",
        "{\"$promote\": \"api\"}", "{\"$promote\": \"registry.example/api:digest\"}", "set by promote", "$promote",
    ])
    func `A marker of any application, of Flux, and a comment are not stray`(_ marker: String) throws {
        let api = Application(
            name: try #require(ApplicationName("api")), images: [try #require(ImageName("registry.example/api"))],
            source: web.source, builders: .anyone)
        let planner = try planner(["kustomization.yaml": "namePrefix: a- # \(marker)\n# x: y # {\"$promote\": \"wbe\"}\n"])
        #expect(try planner.strayMarkers(of: web, in: dev, among: [web, api]).isEmpty)
    }
}
