import GitOpsTypes
import Kustomize
import PromoteTestSupport
import PromotionDomain
import Testing

@testable import PromotionPlanning

/// Where a promotion writes which chart is taken, and what it is judged by.
@Suite struct ChartPlanTests {
    private static let chart = "registry.example/charts/web"
    private static let digest = "sha256:" + String(repeating: "2", count: 64)
    private static let old = "sha256:" + String(repeating: "0", count: 64)

    private let dev: EnvironmentName

    init() throws {
        dev = try #require(EnvironmentName("dev"))
    }

    private func application(_ source: ApplicationSource) throws -> Application {
        let chart = try #require(ImageName(Self.chart))
        return Application(
            name: try #require(ApplicationName("web")), images: [chart], source: source, builders: .anyone, charts: [chart])
    }

    private func release(_ tag: String? = "1.4.0") throws -> Release {
        let chart = ReleaseImage(
            name: try #require(ImageName(Self.chart)), digest: try #require(ImageDigest(Self.digest)),
            tag: tag.flatMap { ImageTag($0) }, kind: .chart)
        return Release(
            id: ReleaseID(try #require(ApplicationName("web")), images: [chart]), images: [chart],
            build: BuildOrigin(commit: nil, source: nil, run: nil), registered: Timestamp(seconds: 0),
            registeredBy: try #require(Principal("ci")))
    }

    private func planner(_ files: [String: String]) throws -> PromotionPlanner {
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (name, text) in files { memory[try #require(RepositoryPath(name))] = Array(text.utf8) }
        return PromotionPlanner(UncachedTree(MemoryFiles(memory)))
    }

    /// The plan of plain manifests in one file.
    private func plan(manifest: String, tag: String? = "1.4.0") throws -> PromotionPlan {
        try planner(["deploy/dev/web.yaml": manifest]).plan(
            release(tag), of: application(.manifests(try #require(PathTemplate("deploy/{environment}")))), into: dev)
    }

    /// The plan of an overlay, with its files below `overlays/dev`, and others by their whole paths.
    private func plan(overlay files: [String: String]) throws -> PromotionPlan {
        let paths = Dictionary(uniqueKeysWithValues: files.map { ($0.contains("/") ? $0 : "overlays/dev/\($0)", $1) })
        return try planner(paths).plan(
            release(), of: application(.overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard)), into: dev)
    }

    private func edited(_ plan: PromotionPlan, _ name: String = "web.yaml") -> String? {
        plan.edits.first { $0.path.description.hasSuffix(name) }.map { String(decoding: $0.new, as: UTF8.self) }
    }

    // MARK: Kinds

    struct Kind: Sendable {
        let name: String
        let manifest: String
        /// What stands in the manifest, and what a promotion makes of it.
        let old: String
        let new: String
        let isByVersion: Bool

        init(_ name: String, _ manifest: String, _ old: String, _ new: String, isByVersion: Bool = false) {
            (self.name, self.manifest, self.old, self.new, self.isByVersion) = (name, manifest, old, new, isByVersion)
        }
    }

    private static func object(_ api: String, _ kind: String, _ spec: String) -> String {
        "apiVersion: \(api)\nkind: \(kind)\nmetadata: {name: web, namespace: apps}\nspec:\n\(spec)"
    }

    private static let repository =
        object("source.toolkit.fluxcd.io/v1", "HelmRepository", "  type: oci\n  url: oci://registry.example/charts/\n")
        .replacing("name: web", with: "name: acme") + "---\n"

    static let kinds = [
        Kind(
            "OCIRepository with a digest",
            object(
                "source.toolkit.fluxcd.io/v1", "OCIRepository",
                "  url: oci://\(chart)\n  ref: # pinned\n    semver: '>=1'\n    digest: \"\(old)\" # by promote\n"),
            "\"\(old)\"", "\"\(digest)\""),
        Kind(
            "OCIRepository with a tag",
            object("source.toolkit.fluxcd.io/v1beta2", "OCIRepository", "  url: oci://\(chart)\n  ref:\n    tag: 1.3.9\n"),
            "    tag: 1.3.9\n", "    tag: 1.4.0\n    digest: \(digest)\n"),
        Kind(
            "OCIRepository with nothing", object("source.toolkit.fluxcd.io/v1", "OCIRepository", "  url: oci://\(chart)\n"),
            "web\n", "web\n  ref:\n    digest: \(digest)\n"),
        Kind(
            "HelmRelease",
            repository
                + object(
                    "helm.toolkit.fluxcd.io/v2", "HelmRelease",
                    "  chart:\n    spec:\n      chart: web\n      version: ^1.0 # it\n      sourceRef: {kind: HelmRepository, name: acme}\n"
                ),
            "^1.0 # it", "1.4.0 # it", isByVersion: true),
        Kind(
            "HelmRelease without a version",
            repository
                + object(
                    "helm.toolkit.fluxcd.io/v2", "HelmRelease",
                    "  chart:\n    spec:\n      chart: web\n      sourceRef: {kind: HelmRepository, name: acme, namespace: apps}\n"
                ),
            "HelmRepository, name: acme, namespace: apps}\n",
            "HelmRepository, name: acme, namespace: apps}\n      version: 1.4.0\n", isByVersion: true),
        Kind(
            "HelmChart of Flux",
            repository
                + object(
                    "source.toolkit.fluxcd.io/v1", "HelmChart",
                    "  chart: web\n  version: 1.0.0\n  sourceRef: {kind: HelmRepository, name: acme}\n"), "1.0.0", "1.4.0",
            isByVersion: true),
        Kind(
            "Application of Argo CD",
            object(
                "argoproj.io/v1alpha1", "Application",
                "  source:\n    repoURL: registry.example/charts\n    chart: web\n    targetRevision: 1.0.0\n"), "1.0.0", "1.4.0",
            isByVersion: true),
        Kind(
            "Application of Argo CD with an address",
            object(
                "argoproj.io/v1alpha1", "Application",
                "  source:\n    repoURL: oci://\(chart)\n    path: .\n    targetRevision: 1.0.0\n"), "1.0.0", digest),
        Kind(
            "Application of Argo CD with sources",
            object(
                "argoproj.io/v1alpha1", "Application",
                "  sources:\n  - repoURL: https://git.example/a\n    ref: values\n    targetRevision: 1.0.0\n  - {repoURL: registry.example/charts, chart: web, targetRevision: 1.2.0}\n"
            ), "1.2.0", "1.4.0", isByVersion: true),
        Kind(
            "ApplicationSet of Argo CD",
            object(
                "argoproj.io/v1alpha1", "ApplicationSet",
                "  template:\n    spec:\n      source: {repoURL: registry.example/charts, chart: web, targetRevision: 1.2.0}\n"),
            "1.2.0",
            "1.4.0", isByVersion: true),
        Kind(
            "ApplicationSet of Argo CD with an address",
            object(
                "argoproj.io/v1alpha1", "ApplicationSet",
                "  template:\n    spec:\n      sources: [{repoURL: 'oci://\(chart)', path: ., targetRevision: 1.2.0}]\n"),
            "1.2.0", digest),
        Kind(
            "HelmChart of k3s", object("helm.cattle.io/v1", "HelmChart", "  chart: oci://\(chart)\n  version: 1.0.0\n"), "1.0.0",
            "1.4.0", isByVersion: true),
        Kind(
            "Release of Crossplane",
            object(
                "helm.crossplane.io/v1beta1", "Release",
                "  forProvider:\n    chart:\n      name: web\n      repository: oci://registry.example/charts\n      version: 1.0.0\n"
            ),
            "1.0.0", "1.4.0", isByVersion: true),
    ]

    @Test(arguments: kinds) func `A chart is written where its kind of object takes it from, and nothing else changes`(
        _ kind: Kind
    ) throws {
        let plan = try plan(manifest: kind.manifest)
        let expected = kind.manifest.replacing(kind.old, with: kind.new, maxReplacements: 1)
        #expect(edited(plan) == expected)
        let occurrence = try #require(plan.images.first)
        #expect(plan.images.count == 1 && occurrence.image.text == Self.chart)
        let release = try release()
        #expect(occurrence.isExactly(release.images[0]))
        #expect((occurrence.digest == nil) == kind.isByVersion)
        // Done again, nothing changes.
        #expect(try self.plan(manifest: expected).edits.isEmpty)
    }

    @Test func `Every kind that is known has an example, with and without what it does not have`() {
        for kind in ChartKind.all {
            let isShown = Self.kinds.contains {
                $0.manifest.contains("apiVersion: \(kind.group)/") && $0.manifest.contains("kind: \(kind.kind)\n")
            }
            #expect(isShown, "\(kind)")
        }
    }

    @Test func `A tag beside the digest goes where the release has none`() throws {
        let manifest = Self.object(
            "source.toolkit.fluxcd.io/v1", "OCIRepository",
            "  url: oci://\(Self.chart)\n  ref:\n    tag: 1.3.9\n    digest: \(Self.old)\n")
        let plan = try plan(manifest: manifest, tag: nil)
        #expect(edited(plan) == manifest.replacing("    tag: 1.3.9\n", with: "").replacing(Self.old, with: Self.digest))
    }

    @Test func `What takes a chart by its version needs a release that has one`() throws {
        for tag in [nil, "latest", "1.4"] as [String?] {
            #expect { try plan(manifest: Self.kinds[6].manifest, tag: tag) } throws: {
                ($0 as? PlanningError)?.hint?.contains("--chart \(Self.chart):<version>@\(Self.digest)") == true
            }
        }
    }

    @Test(arguments: [
        ("url: oci://\(chart)-other", "another chart"), ("url: https://\(chart)", "no registry"),
        ("url: oci://example.org/charts/web", "another registry"),
    ])
    func `An object that takes another chart is left alone`(_ url: String, _ what: String) throws {
        let manifest = Self.object("source.toolkit.fluxcd.io/v1", "OCIRepository", "  \(url)\n  ref: {tag: 1.0.0}\n")
        #expect(throws: PlanningError.self, "\(what)") { try plan(manifest: manifest) }
    }

    @Test(arguments: [
        ("argoproj.io/v1alpha1", "ApplicationSet", "templatePatch: 'spec: {source: {targetRevision: 2.0.0}}'"),
        (
            "argoproj.io/v1alpha1", "ApplicationSet",
            "generators: [{list: {elements: [], template: {spec: {source: {targetRevision: 2.0.0}}}}}]"
        ),
        ("helm.cattle.io/v1", "HelmChart", "chartContent: SGVsbQ=="),
    ])
    func `What something else of the object wins over does not count`(_ api: String, _ kind: String, _ more: String) throws {
        let chart =
            "  template: {spec: {source: {repoURL: 'oci://\(Self.chart)', targetRevision: '\(Self.digest)'}}}\n  chart: oci://\(Self.chart)\n  version: 1.4.0\n"
        #expect(throws: PlanningError.self) { try plan(manifest: Self.object(api, kind, chart + "  \(more)\n")) }
        #expect(try plan(manifest: Self.object(api, kind, chart)).images.count == 1)
        let plain = "  generators: [{list: {elements: [{template: ''}]}}]\n"
        #expect(try plan(manifest: Self.object(api, kind, chart + plain)).images.count == 1)
    }

    @Test(arguments: [
        "oci://Registry.Example/charts/web", "oci://registry.example:443/charts/web", "oci://registry.example/charts/web//",
    ])
    func `An address is that of a chart however its host is written`(_ url: String) throws {
        let manifest = Self.object(
            "source.toolkit.fluxcd.io/v1", "OCIRepository", "  url: \(url)\n  ref: {digest: '\(Self.old)'}\n")
        #expect(try edited(plan(manifest: manifest)) == manifest.replacing(Self.old, with: Self.digest))
    }

    @Test func `A HelmRelease whose repository is not there, or is two, is known by a marker alone`() throws {
        let manifest = Self.object(
            "helm.toolkit.fluxcd.io/v2", "HelmRelease",
            "  chart:\n    spec:\n      chart: web\n      version: 1.0.0\n      sourceRef: {kind: HelmRepository, name: acme}\n")
        #expect(throws: PlanningError.self) { try plan(manifest: manifest) }
        let second = Self.repository.replacing("registry.example", with: "other.example")
        #expect(throws: PlanningError.self) { try plan(manifest: Self.repository + second + manifest) }
        let marked = manifest.replacing("1.0.0", with: "1.0.0 # {\"$promote\": \"web:version\"}")
        let planned = try plan(manifest: marked)
        #expect(edited(planned) == marked.replacing("1.0.0", with: "1.4.0"))
        #expect(planned.images.map(\.evidence) == [.marked])
        let release = try release()
        #expect(planned.images.allSatisfy { $0.isExactly(release.images[0]) })
    }

    // MARK: Overlays

    private static let base = [
        "base/kustomization.yaml": "resources: [source.yaml]\n",
        "base/source.yaml": object("source.toolkit.fluxcd.io/v1", "OCIRepository", "  url: oci://\(chart)\n  interval: 5m\n")
            .replacing(", namespace: apps", with: ""),
    ]

    private static func patch(_ spec: String, name: String = "web") -> String {
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: \(name)}\nspec:\n\(spec)"
    }

    @Test(arguments: ["", "namePrefix: dev-\n", "nameSuffix: -dev\nnamespace: apps-dev\n"])
    func `A patch of an overlay is known by the object that it patches`(_ more: String) throws {
        let patch = Self.patch("  ref:\n    digest: \(Self.old)\n")
        let plan = try plan(
            overlay: Self.base.merging([
                "kustomization.yaml": "resources: [../../base]\npatches: [{path: chart.yaml}]\n" + more, "chart.yaml": patch,
            ]) { $1 })
        #expect(edited(plan, "chart.yaml") == patch.replacing(Self.old, with: Self.digest))
        #expect(plan.edits.count == 1)
        #expect(plan.images.map(\.digest) == [Self.digest])
    }

    @Test func `A base is not changed: where no file of the environment has the object, that is said`() throws {
        #expect {
            try plan(overlay: Self.base.merging(["kustomization.yaml": "resources: [../../base]\n"]) { $1 })
        } throws: { ($0 as? PlanningError)?.message == "no file of dev says which chart \(Self.chart) is taken" }
    }

    @Test func `Of an object and its patch, that is changed which has the digest`() throws {
        let files = [
            "kustomization.yaml": "resources: [source.yaml]\npatches: [{path: chart.yaml}]\n",
            "source.yaml": Self.object("source.toolkit.fluxcd.io/v1", "OCIRepository", "  url: oci://\(Self.chart)\n").replacing(
                ", namespace: apps", with: ""),
            "chart.yaml": Self.patch("  ref:\n    digest: \(Self.old)\n"),
        ]
        let plan = try plan(overlay: files)
        #expect(plan.edits.map(\.path.name) == ["chart.yaml"])
        // Where neither has, it cannot be told.
        #expect(throws: PlanningError.self) {
            try self.plan(overlay: files.merging(["chart.yaml": Self.patch("  interval: 1m\n")]) { $1 })
        }
    }

    @Test func `A patch of another object of that kind is left alone`() throws {
        let other = Self.object("source.toolkit.fluxcd.io/v1", "OCIRepository", "  url: oci://registry.example/charts/other\n")
            .replacing("name: web, namespace: apps", with: "name: we")
        let patch = Self.patch("  ref:\n    tag: 1.0.0\n", name: "we")
        let own = Self.patch("  ref:\n    tag: 1.0.0\n")
        let plan = try plan(
            overlay: [
                "base/kustomization.yaml": "resources: [source.yaml, other.yaml]\n",
                "base/source.yaml": try #require(Self.base["base/source.yaml"]),
                "base/other.yaml": other,
                "kustomization.yaml": "resources: [../../base]\npatches: [{path: one.yaml}, {path: two.yaml}]\n",
                "one.yaml": patch,
                "two.yaml": own,
            ])
        #expect(plan.edits.map(\.path.name) == ["two.yaml"])
    }

    @Test func `What a later patch overrides fails, whatever was written`() throws {
        let inline =
            "{apiVersion: source.toolkit.fluxcd.io/v1, kind: OCIRepository, metadata: {name: web}, spec: {ref: {digest: '\(Self.old)'}}}"
        let plan = try plan(
            overlay: Self.base.merging([
                "kustomization.yaml":
                    "resources: [../../base]\npatches:\n- path: chart.yaml\n- patch: \"\(inline)\"\n",
                "chart.yaml": Self.patch("  ref:\n    digest: \(Self.old)\n"),
            ]) { $1 })
        let release = try release()
        #expect(plan.images.count == 1 && plan.images.allSatisfy { !$0.isExactly(release.images[0]) })
    }

    // MARK: Properties

    /// However a file is written, a promotion changes the digest's bytes and no others.
    @Test func `Only the bytes of the value change, in whatever way the file is written`() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
            let quote = pick(["", "'", "\""])
            let comment = pick(["", " # why", "   # {x: 'y'}"])
            let lines = [
                pick(["", "# chart: registry.example/charts/web", "---"]), "apiVersion: source.toolkit.fluxcd.io/v1\(comment)",
                "kind: OCIRepository", "metadata:", "    name: \(quote)web\(quote)",
                "    annotations: {note: \"\(Self.old)\"}", "spec:",
                "    url: \(quote)oci://\(Self.chart)\(quote)\(comment)", "    ref:",
                pick(["      # before", "      semver: '*'"]),
                "      digest: \(quote)DIGEST\(quote)\(pick(["", " # it", " #"]))", pick(["", "# end", "---\na: 1\nkind: X"]),
            ].filter { !$0.isEmpty }
            let lineBreak = pick(["\n", "\r\n"])
            let template = lines.joined(separator: "\n").replacing("\n", with: lineBreak) + pick(["", lineBreak])
            let plan = try plan(
                manifest: template.replacing("DIGEST", with: Self.old).replacing(
                    "kind: X", with: "kind: X\(lineBreak)apiVersion: v1\(lineBreak)metadata: {name: x}"))
            #expect(
                edited(plan)
                    == template.replacing("DIGEST", with: Self.digest).replacing(
                        "kind: X", with: "kind: X\(lineBreak)apiVersion: v1\(lineBreak)metadata: {name: x}"), "seed \(seed)")
        }
    }

    // MARK: Vendored charts

    @Test(arguments: [("1.4.0", true), ("1.3.0", false), ("1.4", false)])
    func `A chart in the repository is judged by the version that it has, and not changed`(_ version: String, _ isExact: Bool)
        throws
    {
        let files = [
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: \(version)\n", "charts/web/values.yaml": "a: 1\n",
            "values/dev.yaml": "b: 1\n",
        ]
        let source = ApplicationSource.chart(
            ChartSource(
                chart: try #require(PathTemplate("charts/web")),
                values: [try #require(PathTemplate("values/{environment}.yaml"))],
                releaseName: nil, namespace: nil, options: ChartOptions(), images: []))
        let manifests = RenderedManifests.none
        let found = try planner(files).images(of: application(source), in: dev, rendered: manifests)
        let release = try release()
        #expect(found.map(\.object) == ["the folder charts/web"])
        #expect(found.allSatisfy { $0.isExactly(release.images[0]) } == isExact)
    }
}
