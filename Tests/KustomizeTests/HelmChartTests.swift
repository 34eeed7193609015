import GitOpsTypes
import Testing

@testable import Kustomize

/// What Helm is asked for the charts of a kustomization, and what becomes of what it prints.
@Suite struct HelmChartTests {
    /// Prints what it was asked for.
    private final class Recorder: ChartInflating {
        private(set) var requests: [ChartRequest] = []
        let printed: String
        /// Whether what is printed has another name each time.
        var isNumbered = false

        init(_ printed: String = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n") { self.printed = printed }

        func inflate(_ request: ChartRequest, from files: any FileSource) -> InflatedChart {
            requests.append(request)
            let text = isNumbered ? printed.replacing("name: a}", with: "name: a\(requests.count)}") : printed
            return InflatedChart(text: Array(text.utf8), program: "helm v0", identity: "one")
        }

        func located(_ error: KustomizeError, in chart: InflatedChart, of request: ChartRequest) -> any Error { error }
    }

    private static let files = [
        "overlay/charts/web/Chart.yaml": "name: web\n",
        "overlay/charts/web/values.yaml": "a: {b: 1, c: [1, 2]}\nd: on\nat: 2020-01-01\n",
        "overlay/own.yaml": "own: true\n", "overlay/more.yaml": "more: 1\n", "shared/web/values.yaml": "shared: 1\n",
        "shared/web-1.2/web/values.yaml": "pinned: 1\n", "overlay/empty.yaml": "# nothing\n",
    ]

    private func render(
        _ kustomization: String, _ recorder: Recorder = Recorder(), as version: KustomizeVersion = .standard,
        loading: LoadRestrictions = .root, more: [String: String] = [:]
    ) throws -> RenderedManifests {
        let texts = Self.files.merging(more) { $1 }.merging(["overlay/kustomization.yaml": kustomization]) { first, _ in first }
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in texts { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        let dialect = KustomizeDialect(version, loading: loading)
        return try KustomizeRenderer(files: MemoryFiles(memory), in: dialect, charts: recorder).render(
            try #require(RepositoryPath("overlay")))
    }

    private func request(
        _ chart: String, _ more: String = "", as version: KustomizeVersion = .standard, loading: LoadRestrictions = .root
    )
        throws -> ChartRequest
    {
        let recorder = Recorder()
        _ = try render("\(more)helmCharts: [{name: web, \(chart)}]\n", recorder, as: version, loading: loading)
        return try #require(recorder.requests.first)
    }

    private static let merges = [
        ("releaseName: r", #"a: {b: 1, c: [1, 2]}\#nd: on\#nat: 2020-01-01\#n"#),
        ("valuesInline: {}", #"a: {b: 1, c: [1, 2]}\#nd: on\#nat: 2020-01-01\#n"#), ("valuesFile: own.yaml", "own: true\n"),
        ("valuesInline: {a: {b: 2, x: yes}}", #"{"a":{"b":2,"c":[1,2],"x":true},"at":"2020-01-01T00:00:00Z","d":"on"}"#),
        (
            "valuesMerge: override, valuesInline: {a: {c: [3]}, d: 010}",
            #"{"a":{"b":1,"c":[3]},"at":"2020-01-01T00:00:00Z","d":8}"#
        ),
        (
            "valuesMerge: merge, valuesInline: {a: {b: 2, x: 1}, z: 1}",
            #"{"a":{"b":1,"c":[1,2],"x":1},"at":"2020-01-01T00:00:00Z","d":"on","z":1}"#
        ),
        ("valuesMerge: replace, valuesInline: {z: {y: 2020-01-01}}", #"{"z":{"true":"2020-01-01"}}"#),
        ("valuesFile: own.yaml, valuesInline: {own: null}", "{}"),
    ]

    @Test(arguments: merges)
    func `Values come together as Kustomize has it`(_ chart: String, _ values: String) throws {
        #expect(String(decoding: try #require(try request(chart).values.first), as: UTF8.self) == values)
    }

    @Test func `What else a chart says is handed to Helm`() throws {
        let all = try request(
            "releaseName: r, namespace: ns, additionalValuesFiles: [more.yaml, own.yaml], includeCRDs: true, skipHooks: true, skipTests: true, apiVersions: [a/v1], kubeVersion: \"1.30\", debug: true, devel: true"
        )
        #expect(all.values.map { String(decoding: $0, as: UTF8.self) }.dropFirst() == ["more: 1\n", "own: true\n"])
        #expect(all.releaseName == "r" && all.namespace == "ns" && all.kubeVersion == "1.30" && all.apiVersions == ["a/v1"])
        #expect(all.includesCRDs && all.skipsHooks && all.skipsTests && all.nameTemplate == nil)
        let none = try request("nameTemplate: x")
        #expect(none.releaseName == nil && none.nameTemplate == "x" && none.namespace == nil && none.kubeVersion == nil)
        #expect(!none.includesCRDs && !none.skipsHooks && !none.skipsTests && none.chart.description == "overlay/charts/web")
    }

    @Test func `Charts are found where Kustomize finds them`() throws {
        let home = "helmGlobals: {chartHome: ../shared}\n"
        #expect(try request("valuesFile: own.yaml", home).chart.description == "shared/web")
        #expect(try request("valuesFile: own.yaml, version: \"1.2\"", home).chart.description == "shared/web")
        let pinned = try request("valuesFile: own.yaml, version: \"1.2\", repo: https://x", home)
        #expect(pinned.chart.description == "shared/web-1.2/web")
        // The values beside a chart elsewhere are read without restrictions alone.
        #expect { _ = try request("releaseName: r", home) } throws: {
            "\($0)".contains("outside of the kustomization's directory")
        }
        #expect(try request("releaseName: r", home, loading: .none).values == [Array("shared: 1\n".utf8)])
        let recorder = Recorder()
        _ = try render(
            "helmChartInflationGenerator: [{chartName: web, chartHome: ../shared, values: own.yaml, releaseName: old}]\n",
            recorder)
        #expect(recorder.requests.first?.chart.description == "shared/web" && recorder.requests.first?.releaseName == "old")
        _ = try render(
            "generators: [plugin.yaml]\n", recorder,
            more: [
                "overlay/plugin.yaml":
                    "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: web\nreleaseName: plugin\nchartHome: ../shared\nvaluesFile: own.yaml\n"
            ])
        #expect(recorder.requests.last?.releaseName == "plugin" && recorder.requests.last?.chart.description == "shared/web")
    }

    @Test(arguments: [
        ("name: other", "helmGlobals.chartHome"),
        (
            "name: other, repo: https://charts.example, version: 1.0.0",
            "helm pull --untar --untardir 'overlay/charts/other-1.0.0' --repo 'https://charts.example' 'other' --version '1.0.0'"
        ),
        (
            "name: other, repo: \"oci://r.example/charts\"",
            "helm pull --untar --untardir 'overlay/charts' 'oci://r.example/charts/other'"
        ),
        ("name: other, repo: \"https://x'; rm -rf /;'\"", "commit the chart there"),
        ("name: ''", "the name of a chart is missing"),
        ("name: ../../../x", "outside of the repository"), ("name: web, valuesMerge: all", "write override, merge or replace"),
        ("name: web, valuesInline: [1]", "valuesInline must be a mapping"),
        ("name: web, valuesFile: ../shared/web/values.yaml", "outside"),
        ("name: web, valuesFile: https://x.example/values.yaml", "is a file on a web server"),
        ("name: web, additionalValuesFiles: [none.yaml]", "does not exist"), ("name: web, url: x", "unknown field “url”"),
        ("name: web, valuesFile: empty.yaml, valuesInline: {a: 1}", "valuesMerge: replace"),
        ("name: web, valuesInline: {a: {$patch: some}}", "cannot go with its file: “some” is no $patch directive"),
        ("name: web, valuesInline: {a: [1]}", "a list where the object has a mapping"),
    ])
    func `What is not here, or not meant, is refused with what to do`(_ chart: String, _ words: String) throws {
        #expect { _ = try render("helmCharts: [{\(chart)}]\n") } throws: { "\($0)".contains(words) }
    }

    /// As Kustomize 5.5.0, 5.7.1 and 5.8.1 do, each in `helmCharts`, in the older field, or as a plugin.
    @Test(
        arguments: [
            ("helmCharts: [{name: web, devel: true}]", [.v5_7, .v5_8]), ("helmCharts: [{name: web, debug: true}]", all),
            ("helmCharts: [{Name: web, SKIPTESTS: true}]", all), ("helmCharts: [{chartName: web}]", []),
            ("helmCharts: [{name: web, chartHome: x}]", []), ("helmCharts: [{name: web, values: own.yaml}]", []),
            ("helmGlobals: {configHome: 5}\nhelmCharts: [{name: web}]", []),
            ("helmChartInflationGenerator: [{chartName: web, helmHome: c, helmBin: b, extraArgs: [--x]}]", all),
            ("helmChartInflationGenerator: [{chartName: web, helmBin: 5}]", []),
            ("helmChartInflationGenerator: [{chartName: web, extraArgs: x}]", []),
            ("helmChartInflationGenerator: [{chartHome: charts}]", []), ("helmChartInflationGenerator: [{name: web}]", []),
            ("plugin: {name: web, devel: true, unknown: 1}", all), ("plugin: {chartName: web}", []),
            ("plugin: {name: web, releaseName: 5}", []), ("plugin: {name: web, includeCRDs: 'yes'}", []),
            ("plugin: {name: web, additionalValuesFiles: own.yaml}", []), ("plugin: {name: web, chartHome: 5}", []),
        ] as [(String, [KustomizeVersion])])
    func `Fields are known as Kustomize knows them`(_ text: String, _ versions: [KustomizeVersion]) throws {
        let plugin = text.hasPrefix("plugin: {") ? text.dropFirst("plugin: {".count) : nil
        let file = plugin.map { "{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: x}, \($0)" } ?? ""
        let taken = KustomizeVersion.allCases.filter { version in
            do {
                _ = try render(
                    plugin == nil ? text + "\n" : "generators: [plugin.yaml]\n", as: version, more: ["overlay/plugin.yaml": file])
                return true
            } catch {
                return false
            }
        }
        #expect(taken == versions)
    }

    private static let all = KustomizeVersion.allCases

    /// Where charts are, by which of the fields.
    @Test(arguments: [
        ("helmChartInflationGenerator: [{chartName: web, chartHome: ../shared, values: own.yaml}]", ["shared/web"]),
        ("helmGlobals:\nhelmChartInflationGenerator: [{chartName: web, CHARTHOME: ../shared, values: own.yaml}]", ["shared/web"]),
        ("helmGlobals: {}\nhelmChartInflationGenerator: [{chartName: web, chartHome: ../shared}]", ["overlay/charts/web"]),
        (
            "helmGlobals: {configHome: c}\nhelmChartInflationGenerator: [{chartName: web, chartHome: ../shared}]",
            ["overlay/charts/web"]
        ),
        (
            "helmChartInflationGenerator: [{chartName: web, chartHome: ../shared, values: own.yaml}]\nhelmCharts: [{name: web, valuesFile: own.yaml, releaseName: b}]",
            ["shared/web", "shared/web"]
        ),
    ])
    func `The home of charts is the one that Kustomize takes`(_ kustomization: String, _ charts: [String]) throws {
        let recorder = Recorder()
        recorder.isNumbered = true
        _ = try render(kustomization + "\n", recorder)
        #expect(recorder.requests.map(\.chart.description) == charts)
    }

    @Test func `Helm puts objects into the namespace of the kustomization, or of the nearest one above it`() throws {
        let base = [
            "base/kustomization.yaml":
                "helmGlobals: {chartHome: ../shared}\nhelmCharts: [{name: web, releaseName: r, valuesFile: v.yaml}]\n",
            "base/v.yaml": "a: 1\n",
        ]
        let printed =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: helms}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
        func namespaces(_ version: KustomizeVersion) throws -> (String?, [String]) {
            let recorder = Recorder(printed)
            let rendered = try render("namespace: outer\nresources: [../base]\n", recorder, as: version, more: base)
            return (recorder.requests.first?.namespace, rendered.objects.map(\.namespace))
        }
        let (new, newer) = try namespaces(.v5_8)
        #expect(new == "outer" && newer.sorted() == ["", "helms"])
        let (old, older) = try namespaces(.v5_7)
        #expect(old == nil && older == ["outer", "outer"])
    }

    @Test func `A base with charts is rendered for each namespace that builds on it`() throws {
        let files = [
            "base/kustomization.yaml":
                "helmGlobals: {chartHome: ../shared}\nhelmCharts: [{name: web, releaseName: r, valuesFile: v.yaml}]\n",
            "base/v.yaml": "a: 1\n",
            "one/kustomization.yaml": "namespace: one\nnamePrefix: one-\nresources: [../base]\n",
            "two/kustomization.yaml": "namespace: two\nnamePrefix: two-\nresources: [../base]\n",
        ]
        let recorder = Recorder()
        #expect(try render("resources: [../one, ../two]\n", recorder, more: files).objects.count == 2)
        #expect(recorder.requests.map(\.namespace) == ["one", "two"])
    }

    @Test func `Objects of charts go through the kustomization like any other`() throws {
        let rendered = try render(
            "namePrefix: p-\nlabels: [{pairs: {x: z}}]\nbuildMetadata: [originAnnotations]\npatches: [{target: {kind: ConfigMap}, patch: '- {op: add, path: /data, value: {k: v}}'}]\nhelmCharts: [{name: web, releaseName: r}]\n"
        )
        let text = String(decoding: rendered.yaml(), as: UTF8.self)
        #expect(text.contains("name: p-a") && text.contains("x: z") && text.contains("k: v"), "\(text)")
        #expect(text.contains("kind: HelmChartInflationGenerator") && !text.contains("internal.config"), "\(text)")
        #expect(rendered.program == "helm v0" && rendered.chartProgram == "one")
        #expect {
            _ = try render("resources: [a.yaml]\nhelmCharts: [{name: web}]\n", more: ["overlay/a.yaml": Recorder().printed])
        } throws: {
            "\($0)".contains("exists already")
        }
    }

    @Test func `Without something that renders charts, one is refused`() throws {
        let files = MemoryFiles([try #require(RepositoryPath("kustomization.yaml")): Array("helmCharts: [{name: web}]\n".utf8)])
        #expect { try KustomizeRenderer(files: files).render(.root) } throws: { "\($0)".contains("no helm is run here") }
    }

    @Test func `A render has a bound on its charts`() throws {
        func requests(charts count: Int) -> (made: Int, error: KustomizeError.Code?) {
            let recorder = Recorder("")
            let charts = String(repeating: "  - {name: web, releaseName: a}\n", count: count)
            do {
                _ = try render("helmCharts:\n" + charts, recorder)
                return (recorder.requests.count, nil)
            } catch {
                return (recorder.requests.count, (error as? KustomizeError)?.code)
            }
        }
        let (within, beyond) = (requests(charts: 99), requests(charts: 100))
        #expect(within.made == 99 && within.error == nil)
        #expect(beyond.made == 99 && beyond.error == .limit)
    }

    // MARK: Reach

    private static let reaches = [
        ("overlay/charts/web/templates/new.yaml", true), ("overlay/charts/web/values.yaml", true), ("overlay/own.yaml", true),
        ("overlay/more.yaml", true), ("overlay/kustomization.yaml", true), ("overlay/charts/other/Chart.yaml", false),
        ("shared/web/values.yaml", false), ("overlay/charts/web-1.2/web/Chart.yaml", true),
    ]

    @Test(arguments: reaches)
    func `A change of a chart or its values is seen, and any other is not`(_ path: String, _ isTouched: Bool) throws {
        var memory: [RepositoryPath: [UInt8]] = [:]
        let kustomization =
            "helmCharts: [{name: web, version: \"1.2\", repo: x, valuesFile: own.yaml, additionalValuesFiles: [more.yaml]}]\n"
        let texts = Self.files.merging(["overlay/kustomization.yaml": kustomization]) { $1 }
        for (path, text) in texts {
            memory[try #require(RepositoryPath(path))] = Array(text.utf8)
        }
        var reach = KustomizationReach(files: MemoryFiles(memory))
        #expect(
            try reach.isTouched(try #require(RepositoryPath("overlay")), by: [try #require(RepositoryPath(path))]) == isTouched)
        // Keys that are merged, or written otherwise, may name what is not looked for.
        for chart in ["{<<: {valuesFile: ../x.yaml}, name: web}", "{name: web, VERSION: \"1\", repo: x}"] {
            memory[try #require(RepositoryPath("overlay/kustomization.yaml"))] = Array("helmCharts: [\(chart)]\n".utf8)
            reach = KustomizationReach(files: MemoryFiles(memory))
            #expect(try reach.reach(of: try #require(RepositoryPath("overlay"))) == .unknown, "\(chart)")
        }
        memory[try #require(RepositoryPath("overlay/kustomization.yaml"))] = Array(kustomization.utf8)
        // A chart that names another one by a path may be rendered from anything.
        memory[try #require(RepositoryPath("overlay/charts/web/Chart.yaml"))] = Array(
            "dependencies: [{name: x, repository: \"file://../x\"}]".utf8)
        reach = KustomizationReach(files: MemoryFiles(memory))
        #expect(try reach.reach(of: try #require(RepositoryPath("overlay"))) == .unknown)
    }
}
