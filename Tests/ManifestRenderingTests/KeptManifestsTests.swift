import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import ManifestRendering

/// What is rendered comes back from where it is kept as it was, whatever has rendered it.
@Suite struct KeptManifestsTests {
    /// A helm that prints the same for every chart.
    private struct Helm: RenderingPrograms {
        static let printed =
            "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n  apiVersion: v1\n  metadata: {name: a}\n  data: {on: \"yes\", n: \"010\"}\n"

        func identity(of program: String) -> String? { "\(program) of this machine" }

        func run(_ runs: [ProgramRun]) -> [ProgramOutput] {
            runs.map { run in
                let text = run.arguments.first == "version" ? "v3.17.0" : Self.printed
                return ProgramOutput(status: 0, standardOutput: Array(text.utf8), standardError: "")
            }
        }
    }

    private static let files = [
        "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "charts/web/values.yaml": "a: 1\n",
        "web/kustomization.yaml": "resources: [task.yaml]\nconfigurations: [images.yaml]\n",
        "web/images.yaml": "images: [{path: spec/image, kind: Task}]\n",
        "web/task.yaml":
            "apiVersion: example.org/v1\nkind: Task\nmetadata: {name: t}\nspec: {image: registry.example/web:1, z: '${V}', a: 1.0}\n",
        "both/kustomization.yaml":
            "resources: [../web]\nhelmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, valuesFile: own.yaml}]\n",
        "both/own.yaml": "a: 1\n",
        "plain/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {at: 2020-01-01, b: \"y\"}\n",
        "apps/argo.yaml":
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {sources: [{path: charts/web}, {path: web}]}\n",
        "apps/charts.yaml":
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: both}}\n",
        "apps/remote.yaml":
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, labels: {b: 'on', a: 010}}\nspec: {sources: [{chart: x, repoURL: https://charts.example, helm: {valueFiles: [$values/values/dev.yaml]}}, {ref: values}]}\n",
        "values/dev.yaml": "z: ~\na: [1.0, 'yes', 2020-01-01, 0x1F]\nb: >-\n  a\n\n  b\n",
        "apps/flux.yaml":
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec: {path: web, commonMetadata: {labels: {a: 'on'}}, postBuild: {substitute: {V: '010'}}}\n",
    ]

    private static let sources: [(String, ApplicationSource, Int)] = [
        ("chart", .chart(ChartSource(chart: template("charts/web"), values: [], images: [])), 0),
        ("overlay", .overlay(template("both"), as: .standard), 1), ("manifests", .manifests(template("plain")), 0),
        ("argo", .argo(ArgoSource(application: template("apps/argo.yaml"))), 1),
        ("argo with charts", .argo(ArgoSource(application: template("apps/charts.yaml"))), 1),
        ("argo with a remote chart", .argo(ArgoSource(application: template("apps/remote.yaml"))), 0),
        ("flux", .flux(FluxSource(kustomization: template("apps/flux.yaml"))), 1),
    ]

    private static func template(_ text: String) -> PathTemplate {
        guard let template = PathTemplate(text) else { preconditionFailure("\(text) is a path") }
        return template
    }

    @Test(arguments: sources.map(\.0))
    func `What is kept is what was rendered`(_ name: String) throws {
        let (_, source, images) = try #require(Self.sources.first { $0.0 == name })
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in Self.files { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        let place = source.place(of: try #require(ApplicationName("web")), in: try #require(EnvironmentName("dev")))
        let rendered = try SourceRenderers(programs: Helm()).renderer(of: place).render(MemoryFiles(memory))
        let again = try RenderedManifests(rendered.kept, of: place.path, reads: rendered.reads)
        #expect(again.objects == rendered.objects && again.configuredImages == rendered.configuredImages)
        #expect(again.text == rendered.text && again.printed() == rendered.printed() && again.yaml() == rendered.yaml())
        #expect(again.program == rendered.program && again.chartProgram == rendered.chartProgram)
        #expect(again.reads == rendered.reads)
        // Those of every source, each with its object.
        #expect(rendered.configuredImages.count == images)
        for image in rendered.configuredImages { #expect(rendered.objects[image.object].kind == "Task") }
    }
}
