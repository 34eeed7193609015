import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// What agents are told to build on is reached, however they are told.
@Suite struct PlaceReachTests {
    /// Files that know what stands where.
    private struct KnownFiles: FileSource {
        let texts: [String: String]
        private let files: MemoryFiles

        init(_ texts: [String: String]) throws {
            self.texts = texts
            var files: [RepositoryPath: [UInt8]] = [:]
            for (name, text) in texts { files[try #require(RepositoryPath(name))] = Array(text.utf8) }
            self.files = MemoryFiles(files)
        }

        /// A link's text is `-> target`.
        private func real(_ path: RepositoryPath) -> RepositoryPath {
            var place = RepositoryPath.root
            for name in path.components {
                guard let next = place.appending(name) else { return path }
                let target = texts[next.description].flatMap { $0.hasPrefix("-> ") ? $0.dropFirst(3) : nil }
                place = target.flatMap { RepositoryPath($0, relativeTo: next.parent) } ?? next
            }
            return place
        }

        func entry(at path: RepositoryPath) -> FileSourceEntry { files.entry(at: real(path)) }
        func names(in directory: RepositoryPath) -> [String]? { files.names(in: real(directory)) }
        func isLink(_ path: RepositoryPath) -> Bool { texts[path.description]?.hasPrefix("-> ") == true }
        func realPath(of path: RepositoryPath) -> RepositoryPath { real(path) }
        func identity(of path: RepositoryPath) -> String? { "\(real(path)) \(entry(at: path))" }
    }

    private func argo(_ source: String) -> String {
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: \(source)}\n"
    }

    private func flux(_ spec: String) -> String {
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec: \(spec)\n"
    }

    private static let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n"
    private static let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"

    private func source(_ text: String) throws -> ApplicationSource {
        let template = try #require(PathTemplate("apps/web.yaml"))
        return text.contains("argoproj.io")
            ? .argo(ArgoSource(application: template))
            : .flux(FluxSource(kustomization: template, variables: [try #require(PathTemplate("apps/variables.yaml"))]))
    }

    private struct Outcome {
        let isTouched: Bool
        /// Whether it renders to something else.
        let isChanged: Bool

        var isSeen: Bool { isTouched && isChanged }
        var isLeftAlone: Bool { !isTouched && !isChanged }
    }

    private func outcome(
        _ application: String, _ more: [String: String], setting change: (String, String)
    ) throws -> Outcome {
        var texts = [
            "web/kustomization.yaml": "resources: [map.yaml]\n", "web/map.yaml": Self.map, "apps/web.yaml": application,
            "apps/variables.yaml": Self.map, "README.md": "",
        ].merging(more) { $1 }
        let before = try KnownFiles(texts)
        texts[change.0] = change.1
        let after = try KnownFiles(texts)
        let place = try source(application).place(
            of: #require(ApplicationName("web")), in: #require(EnvironmentName("dev")))
        var reach = PlaceReach([try #require(RepositoryPath(change.0))], before: before, after: after)
        func rendered(_ files: KnownFiles) throws -> [UInt8] { try SourceRenderers().renderer(of: place).render(files).yaml() }
        return Outcome(isTouched: try reach.isTouched(place), isChanged: try rendered(before) != rendered(after))
    }

    @Test(arguments: [
        ("{path: web, kustomize: {components: [../more]}}", "more/kustomization.yaml"),
        ("{path: web, kustomize: {patches: [{path: patch.yaml, target: {kind: ConfigMap}}]}}", "web/patch.yaml"),
        ("{path: web, kustomize: {components: [../later], ignoreMissingComponents: true}}", "later/kustomization.yaml"),
    ])
    func `What an Application of Argo CD adds is reached`(_ source: String, _ changed: String) throws {
        let more = [
            "more/kustomization.yaml": Self.component, "web/patch.yaml": "- {op: add, path: /data, value: {a: b}}\n",
        ]
        let new =
            changed.hasSuffix("patch.yaml")
            ? "- {op: add, path: /data, value: {a: c}}\n" : Self.component.replacing("a-", with: "b-")
        #expect(try outcome(argo(source), more, setting: (changed, new)).isSeen)
        #expect(try outcome(argo(source), more, setting: ("README.md", "new")).isLeftAlone)
    }

    @Test(arguments: [
        ("{path: web, components: [../more]}", "more/kustomization.yaml"),
        ("{path: web, components: [../later], ignoreMissingComponents: true}", "later/kustomization.yaml"),
    ])
    func `What a Kustomization of Flux adds is reached`(_ spec: String, _ changed: String) throws {
        let more = ["more/kustomization.yaml": Self.component]
        let new = Self.component.replacing("a-", with: "b-")
        #expect(try outcome(flux(spec), more, setting: (changed, new)).isSeen)
        #expect(try outcome(flux(spec), more, setting: ("README.md", "new")).isLeftAlone)
    }

    @Test func `Variables of Flux are reached through a link`() throws {
        let spec = "{path: web, postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}}"
        func variables(_ value: String) -> String { Self.map.replacing("m}", with: "vars}") + "data: {V: \(value)}\n" }
        let more = [
            "web/map.yaml": Self.map + "data: {a: '${V}'}\n", "apps/variables.yaml": "-> ../shared/variables.yaml",
            "shared/variables.yaml": variables("one"),
        ]
        #expect(try outcome(flux(spec), more, setting: ("shared/variables.yaml", variables("two"))).isSeen)
    }

    /// A folder that a link leads to is built on from when it has a kustomization.
    @Test func `What a folder without a kustomization links to is reached`() throws {
        let more = ["plain/map.yaml": Self.map, "plain/more": "-> ../more", "more/other.yaml": Self.map]
        let change = ("more/kustomization.yaml", "resources: [other.yaml]\nnamePrefix: a-\n")
        #expect(try outcome(flux("{path: plain}"), more, setting: change).isSeen)
    }
}
