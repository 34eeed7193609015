import Foundation
import PromoteTestSupport
import Testing

/// Overlays with `helmCharts`, rendered by the real `helm` and promoted by their `images`, and by markers in their values.
@Suite(.enabled(if: !Oracles.helms.isEmpty, "scripts/fetch-oracles installs helm"))
struct KustomizationChartTests {
    private static let chart = [
        "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
        "values.yaml":
            "replicas: 1\nimage: {repository: registry.example/web, tag: none}\nextra: {a: [1, 2], on: yes, at: 2020-01-01}\n",
        "crds/crd.yaml":
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.org}\nspec: {group: example.org}\n",
        "templates/web.yaml": ChartTests.template.replacing(
            "  template:\n", with: "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"),
        "templates/more.yaml": """
        {{- if .Values.replicas }}
        apiVersion: v1
        kind: List
        items:
          - {apiVersion: v1, kind: ConfigMap, metadata: {name: "{{ .Release.Name }}-one"}, data: {all: {{ .Values | toJson | quote }}}}
          - {apiVersion: v1, kind: Secret, metadata: {name: two, namespace: fixed}, stringData: {a: b}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: capabilities
          labels: {chart: "{{ .Chart.Name }}-{{ .Chart.Version }}"}
        data:
          kube: {{ .Capabilities.KubeVersion.Version | quote }}
          api: {{ .Capabilities.APIVersions.Has "example.org/v1" | quote }}
          service: {{ .Release.Service }}
        {{- end }}
        """,
        "templates/hook.yaml":
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\nspec: {template: {spec: {restartPolicy: Never}}}\n",
        "templates/tests/t.yaml":
            "apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\nspec: {containers: [{name: a, image: busybox}]}\n",
    ]

    // MARK: As Kustomize prints it

    private static let plain = [
        "helmCharts: [{name: web, releaseName: web}]", "helmCharts: [{name: web}]",
        "namespace: put\nnamePrefix: p-\nhelmCharts: [{name: web, releaseName: web, includeCRDs: true, namespace: own}]",
        "namespace: put\nhelmCharts: [{name: web, releaseName: web, skipHooks: true, kubeVersion: \"1.29.3\", apiVersions: [example.org/v1]}]",
        "helmCharts: [{name: web, nameTemplate: \"{{ 'a' }}b\", skipTests: true, valuesFile: own.yaml}]".replacing(
            "{{ 'a' }}", with: "x-"),
        "helmCharts: [{name: web, releaseName: a, valuesInline: {extra: {a: [3], new: {b: 010, c: 1e3, d: ~}}, replicas: 4}}]",
        "helmCharts: [{name: web, releaseName: a, valuesMerge: merge, valuesInline: {extra: {a: [3], new: no}, replicas: 4}}]",
        "helmCharts: [{name: web, releaseName: a, valuesMerge: replace, valuesInline: {replicas: 5}, additionalValuesFiles: [own.yaml]}]",
        "helmCharts: [{name: web, releaseName: a, skipTests: true}, {name: web, releaseName: b, skipTests: true, skipHooks: true, valuesInline: {replicas: 0}}]"
            .replacing("releaseName: b", with: "releaseName: b, namespace: other"),
        "helmGlobals: {chartHome: ../home}\nhelmCharts: [{name: web, releaseName: web, version: 1.2.3, repo: https://charts.example, valuesFile: own.yaml}]",
        "resources: [../below]\nnamespace: above\nbuildMetadata: [originAnnotations]\nlabels: [{pairs: {x: z}, includeSelectors: true}]\nimages: [{name: registry.example/web, newTag: v2}]\npatches: [{target: {kind: Deployment}, patch: '- {op: replace, path: /spec/replicas, value: 9}'}]\nreplicas: [{name: web, count: 7}]",
        "generators: [plugin.yaml]\nnamespace: put",
        "helmChartInflationGenerator: [{chartName: web, chartHome: ../home/web-1.2.3, values: own.yaml, releaseName: old, releaseNamespace: unread}]",
    ]

    /// A folder with overlays of the charts.
    private func folder(_ kustomization: String) throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        for home in ["overlay/charts", "home/web-1.2.3", "below/charts"] {
            for (path, text) in Self.chart { try ChartTests.write(text, to: "\(home)/web/\(path)", below: scratch.url) }
        }
        let files = [
            "overlay/kustomization.yaml": kustomization + "\n", "overlay/own.yaml": "replicas: 8\nextra: {own: \"yes\"}\n",
            "overlay/plugin.yaml":
                "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: web\nreleaseName: plugin\nvaluesInline: {replicas: 2}\n",
            "below/kustomization.yaml": "helmCharts: [{name: web, releaseName: web, includeCRDs: true, skipTests: true}]\n",
        ]
        for (path, text) in files { try ChartTests.write(text, to: path, below: scratch.url) }
        try Tool("git", in: scratch.path).succeed("init", "-q", "--template=")
        return scratch
    }

    private func expectSame(_ kustomization: String, kubectl: String, as version: String, helm: String) throws {
        let scratch = try folder(kustomization)
        let environment = [
            "PATH": "\(Oracles.folder(ofHelm: helm)):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        ]
        let printed = try Tool(kubectl, in: scratch.path, environment: environment).run("kustomize", "--enable-helm", "overlay")
        let promote = Tool(Playground.builtProgram.path, in: scratch.path, environment: environment)
        let rendered = try promote.run("render", "overlay", "--kustomize", version)
        #expect(printed.status == 0, "\(printed.errors)")
        #expect(
            rendered.status == 0 && rendered.output == printed.output,
            "\(kustomization)\n\(rendered.errors)\(rendered.output)\n\(printed.output)")
    }

    @Test(.enabled(if: Oracles.kubectl != nil, "scripts/fetch-oracles installs kubectl"), arguments: plain, Oracles.helms)
    func `It renders as Kustomize prints it with Helm`(_ kustomization: String, _ helm: String) throws {
        try expectSame(kustomization, kubectl: try #require(Oracles.kubectl), as: "5.8", helm: helm)
    }

    /// Those before 5.8 take Helm 3 alone.
    @Test(.enabled(if: Oracles.helms.contains("3.17.3") && Oracles.olderKubectls.count == 2), arguments: plain, ["5.5", "5.7"])
    func `It renders as an older Kustomize prints it`(_ kustomization: String, _ version: String) throws {
        try expectSame(kustomization, kubectl: try #require(Oracles.olderKubectls[version]), as: version, helm: "3.17.3")
    }

    // MARK: Promoted

    /// A repository whose overlays have the chart, each with values of its own.
    private func playground(more: String = "", values: String = "replicas: 2\n") throws -> Playground {
        try Playground { seed in
            for (path, text) in Self.chart where !path.contains("hook") {
                try ChartTests.write(text, to: "charts/web/\(path)", below: seed)
            }
            for environment in ["dev", "staging", "prod"] {
                let kustomization = """
                    namespace: storefront-\(environment)
                    helmGlobals: {chartHome: ../../charts}
                    helmCharts:
                      - {name: web, releaseName: web, skipTests: true, valuesFile: values.yaml}
                    \(more)
                    """
                try FileManager.default.removeItem(at: seed.appending(path: "overlays/\(environment)"))
                try ChartTests.write(kustomization, to: "overlays/\(environment)/kustomization.yaml", below: seed)
                try ChartTests.write(values, to: "overlays/\(environment)/values.yaml", below: seed)
            }
        }
    }

    private static let images = "images: [{name: registry.example/web, newTag: none, digest: \(Playground.digest("0"))}]\n"

    @Test(arguments: Oracles.helms, [true, false])
    func `A kustomization with a chart is promoted through all environments`(_ helm: String, _ hasEntry: Bool) throws {
        let marked = "replicas: 2\nimage:\n  tag: none # {\"$promote\": \"web:tag@digest\"}\n"
        let playground = try hasEntry ? playground(more: Self.images) : playground(values: marked)
        let alice = try playground.promoteToProd { $0.having(helm: helm) }
        let rendered = try alice.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("image: registry.example/web:1.4.0@\(Playground.digest("1"))"), "\(rendered)")
        #expect(rendered.contains("namespace: storefront-prod") && rendered.contains("replicas: 2"))
        let values = try String(contentsOf: URL(filePath: alice.directory + "/overlays/prod/values.yaml"), encoding: .utf8)
        #expect(hasEntry ? values == "replicas: 2\n" : values.contains("tag: 1.4.0@\(Playground.digest("1")) # {"), "\(values)")
        let export = try alice.promote.succeed("audit", "export")
        #expect(export.contains("\"renderer\":\"helm v\(helm)\""), "\(export)")
        #expect(try alice.ask("audit", "images").status == 0)
    }

    @Test func `A plan names the helm, an unchanged chart starts no program, and without helm it is no answer`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground(more: Self.images)
        let ci = try playground.person("ci").having(helm: helm)
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        // A helm that leaves a trace of each time that it is started.
        let folder = ci.directory + "/../bin", trace = ci.directory + "/../trace"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("#!/bin/sh\necho >> \(trace)\nexec \(Oracles.folder(ofHelm: helm))/helm \"$@\"\n".utf8).write(
            to: URL(filePath: folder + "/helm"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/helm")
        let traced = ci.with(path: URL(filePath: folder).standardizedFileURL.path + ":" + (ci.environment["PATH"] ?? ""))
        let plan = try traced.promote.run("plan", "build", "dev")
        #expect(plan.status == 0 && plan.output.contains("rendered by helm v\(helm)"), "\(plan.output)\(plan.errors)")
        let count = try String(contentsOf: URL(filePath: trace), encoding: .utf8)
        // Of this environment alone, and once as older releases have it: twice, and asked for its version.
        #expect(count.count == 2 * 3, "\(count.count)")
        #expect(try traced.promote.run("plan", "build", "dev").output == plan.output)
        #expect(try String(contentsOf: URL(filePath: trace), encoding: .utf8) == count)
        let without = ci.with(path: "/usr/bin:/bin")
        let refused = try without.promote.run("plan", "build", "dev")
        #expect(refused.status == 69 && refused.errors.contains("there is no helm in PATH"), "\(refused.errors)")
        #expect(try without.ask("status").status == 0)
        #expect(try without.ask("doctor").result.output.contains("there is no helm in PATH"))
    }

    @Test func `A change of a chart or of values is judged by what it renders to`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground(more: Self.images)
        let alice = try playground.person("alice").having(helm: helm)
        func changed(_ path: String, _ old: String, _ new: String) throws -> [String] {
            try alice.git.succeed("checkout", "-q", "-B", "change", "origin/main")
            let file = URL(filePath: alice.directory).appending(path: path)
            let text = try String(contentsOf: file, encoding: .utf8)
            try #require(text.contains(old))
            try Data(text.replacing(old, with: new).utf8).write(to: file)
            try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "A change")
            let answer = try alice.ask("gate", "--head", "HEAD")
            #expect([0, 75].contains(answer.status), "\(answer.result.output)\(answer.result.errors)")
            let environments = answer["environments"] as? [[String: Any]] ?? []
            return environments.filter { $0["changed"] as? Bool == true }.compactMap { $0["name"] as? String }.sorted()
        }
        #expect(try changed("charts/web/templates/more.yaml", "name: capabilities", "name: other") == ["dev", "prod", "staging"])
        #expect(try changed("overlays/prod/values.yaml", "replicas: 2", "replicas: 3") == ["prod"])
        #expect(try changed("charts/web/values.yaml", "replicas: 1", "replicas: 1 # still") == [])
    }

    @Test func `What a chart makes up is refused, and so is one that is not here`() throws {
        let helm = try #require(Oracles.helms.first)
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: {{ randAlphaNum 12 | quote }}}\n"
        for (kustomization, more, words) in [
            ("helmCharts: [{name: web, releaseName: a}]", secret, "web/templates/secret.yaml"),
            (
                "helmCharts: [{name: web, nameTemplate: \"a-{{ now | unixEpoch }}\"}]", "",
                "is not the same when it is rendered twice"
            ),
            ("helmCharts: [{name: none, repo: https://charts.example, releaseName: a}]", "", "helm pull --untar"),
            ("helmCharts: [{name: web, releaseName: --post-renderer=/bin/true}]", "", "helm: "),
            ("helmCharts: [{name: web, releaseName: a, apiVersions: ['--post-renderer=/bin/true']}]", "", ""),
        ] {
            let scratch = try folder(kustomization)
            if !more.isEmpty { try ChartTests.write(more, to: "overlay/charts/web/templates/secret.yaml", below: scratch.url) }
            let path = "\(Oracles.folder(ofHelm: helm)):/usr/bin:/bin"
            let answer = try Tool(Playground.builtProgram.path, in: scratch.path, environment: ["PATH": path]).run(
                "render", "overlay")
            #expect(
                words.isEmpty ? answer.status == 0 : answer.status == 65 && answer.errors.contains(words),
                "\(kustomization): \(answer.status) \(answer.errors)")
        }
    }
}
