import Foundation
import PromoteTestSupport
import Testing

/// Applications that are Applications of Argo CD: what it renders is promoted, compared and judged.
@Suite struct ArgoSourceTests {
    /// - Parameter more: keys of the application besides its source.
    private func playground(
        _ source: (String) -> String, _ files: [String: String] = [:], more: String = ""
    ) throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}", "  argocd: {application: \"apps/{environment}.yaml\"}\(more)",
                below: seed.appending(path: "environments"))
            var files = files
            for environment in ["dev", "staging", "prod"] {
                files["apps/\(environment).yaml"] = """
                    # \(environment)
                    apiVersion: argoproj.io/v1alpha1
                    kind: Application
                    metadata:
                      name: web-\(environment)
                    spec:
                      destination: {namespace: shop-\(environment), server: https://kubernetes.default.svc}
                    \(source(environment))
                    """
            }
            for (path, text) in files {
                let file = seed.appending(path: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
        }
    }

    @Test func `An image that an Application overrides is promoted there, and its name stays`() throws {
        func source(_ reference: String) -> String {
            """
              source:
                path: base
                kustomize:
                  images:
                    - registry.example/web=\(reference)   # the image
                    - registry.example/other:1

            """
        }
        let playground = try playground { _ in source("registry.example/web:0.1") }
        let alice = try playground.promoteToProd()
        let text = try String(contentsOf: URL(filePath: alice.directory + "/apps/prod.yaml"), encoding: .utf8)
        #expect(text.contains(source("registry.example/web:1.4.0@\(Playground.digest("1"))")), "\(text)")
    }

    @Test func `A chart of a registry is promoted by its version, with the image in its values`() throws {
        func application(_ environment: String, _ version: String) -> String {
            """
              sources:
                - chart: web
                  repoURL: registry.example/charts
                  targetRevision: \(version) # which chart
                  helm:
                    valueFiles: ["$own/values/\(environment).yaml"]
                - {ref: own, repoURL: https://git.example.org/config.git}

            """
        }
        func values(_ tag: String) -> String {
            "image:\n  repository: registry.example/web\n  tag: \(tag) # {\"$promote\": \"registry.example/web:tag@digest\"}\n"
        }
        let files = ["dev", "staging", "prod"].map { ("values/\($0).yaml", values("0.1")) }
        let playground = try playground(
            { application($0, "0.1.0") }, Dictionary(uniqueKeysWithValues: files),
            more: "\n  charts: [{ name: registry.example/charts/web }]")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let registered = try ci.ask(
            "register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--chart",
            "registry.example/charts/web:2.0.0@\(Playground.digest("2"))", "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
        let detail = try alice.ask("plan", "build", "dev").check("digest-exact")?.detail ?? ""
        #expect(detail.contains("only by version, as no digest can stand there"), "\(detail)")
        #expect(detail.contains("Application web-dev (from chart web 2.0.0 of registry.example/charts)"), "\(detail)")
        #expect(detail.contains("of registry.example/web only marked values are known"), "\(detail)")
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        try alice.git.succeed("pull", "-q")
        func read(_ path: String) throws -> String {
            try String(contentsOf: URL(filePath: alice.directory + "/" + path), encoding: .utf8)
        }
        let written = try read("apps/dev.yaml")
        #expect(written.hasSuffix(application("dev", "2.0.0")), "\(written)")
        #expect(try read("values/dev.yaml") == values("1.4.0@\(Playground.digest("1"))"))
        let findings = try ci.ask("audit", "images")["findings"] as? [[String: Any]]
        #expect(findings?.contains { $0["environment"] as? String == "staging" } == true)
        #expect(findings?.contains { $0["environment"] as? String == "dev" } == false)
        #expect(try ci.ask("audit", "verify").status == 0)
        // Its values belong to the environment, and so does its version.
        for (path, old, new, rule) in [
            ("values/dev.yaml", "image:", "replicas: 3\nimage:", "scope"), ("apps/dev.yaml", "2.0.0", "2.0.1", "built-once"),
            ("apps/dev.yaml", "2.0.0", "2.x", "digest-exact"),
        ] {
            try Data(read(path).replacing(old, with: new).utf8).write(to: URL(filePath: alice.directory + "/" + path))
            try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
            let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
            #expect(judged.text("environments", 0, "rule") == rule, "\(judged.result.output)")
            #expect(
                judged["environments", 0, "changed"] as? Bool == true && judged["environments", 1, "changed"] as? Bool == false)
            try alice.git.succeed("reset", "-q", "--hard", "origin/main")
        }
    }

    @Test func `A change of what a file with values is a link to is one of the environment`() throws {
        let playground = try playground(
            { environment in
                """
                  sources:
                    - {chart: web, repoURL: https://charts.example, targetRevision: 1.0.0, helm: {valueFiles: ["$own/values/\(environment).yaml"]}}
                    - {ref: own, repoURL: https://git.example.org/config.git}

                """
            },
            [
                "values/dev.yaml": "a: 1\n", "values/staging.yaml": "a: 1\n", "values/prod.yaml": "a: 1\n",
                "shared/all.yaml": "a: 1\n",
            ])
        let alice = try playground.person("alice")
        try alice.git.succeed("rm", "-q", "values/prod.yaml")
        try FileManager.default.createDirectory(atPath: alice.directory + "/values", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: alice.directory + "/values/prod.yaml", withDestinationPath: "../shared/all.yaml")
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-S", "-m", "share")
        try Data("a: 2\n".utf8).write(to: URL(filePath: alice.directory + "/shared/all.yaml"))
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "HEAD~1", "--head", "HEAD")
        let changed = (0..<3).filter { judged["environments", $0, "changed"] as? Bool == true }
            .map { judged.text("environments", $0, "name") }
        #expect(changed == ["prod"], "\(judged.result.output)")
    }

    @Test(.enabled(if: !Oracles.helms.isEmpty, "scripts/fetch-oracles installs helm"))
    func `A chart is rendered with the Application's options, and promoted where its values are marked`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground(
            { environment in
                """
                  sources:
                    - path: charts/web
                      helm:
                        releaseName: shop
                        valueFiles: [values-common.yaml, "$own/values/\(environment).yaml"]
                        values: |
                          replicas: 4
                        parameters:
                          - {name: note, value: "a,b"}
                    - {ref: own, repoURL: https://git.example.org/config.git}

                """
            },
            [
                "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
                "charts/web/values-common.yaml": "replicas: 2\nimage: {repository: registry.example/web}\n",
                "charts/web/templates/web.yaml": """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}, annotations: {note: {{ .Values.note | quote }}}}
                spec:
                  replicas: {{ .Values.replicas }}
                  template: {spec: {containers: [{name: web, image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"}]}}

                """,
                "values/dev.yaml": "image:\n  tag: a # {\"$promote\": \"web:tag@digest\"}\n",
                "values/staging.yaml": "image:\n  tag: a # {\"$promote\": \"web:tag@digest\"}\n",
                "values/prod.yaml": "image:\n  tag: a # {\"$promote\": \"web:tag@digest\"}\n",
            ])
        let alice = try playground.promoteToProd { $0.having(helm: helm) }
        let rendered = try alice.promote.succeed("render", "web", "prod")
        for expected in [
            "image: registry.example/web:1.4.0@\(Playground.digest("1"))", "replicas: 4", "note: a,b", "name: shop",
            "namespace: shop-prod",
        ] {
            #expect(rendered.contains(expected), "\(expected) in \(rendered)")
        }
    }

    @Test(arguments: Oracles.helms)
    func `A name of a release is none of Helm's options, which would run a program`(_ helm: String) throws {
        let trace = NSTemporaryDirectory() + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: trace) }
        let alice = try playground(
            { _ in "  source: {path: charts/web, helm: {releaseName: --post-renderer=/bin/sh}}\n" },
            [
                "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
                "charts/web/templates/web.yaml": "kind: A\nmetadata: {name: a}\ntext: |\n\n  touch \(trace)\n",
            ]
        ).person("alice").having(helm: helm)
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 65 && refused.errors.contains("release name"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: trace))
    }

    @Test(.enabled(if: !Oracles.helms.isEmpty, "scripts/fetch-oracles installs helm"))
    func `Files with values beside a chart that all environments share are each environment's own`() throws {
        let helm = try #require(Oracles.helms.first)
        var files = [
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
            "charts/web/templates/web.yaml":
                "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'registry.example/web:{{ .Values.tag }}'}]}\n",
        ]
        for environment in ["dev", "staging", "prod"] {
            files["charts/web/values-\(environment).yaml"] = "tag: a # {\"$promote\": \"web:tag@digest\"}\n"
        }
        let playground = try playground(
            { "  source: {path: charts/web, helm: {valueFiles: [values-\($0).yaml]}}\n" }, files)
        let alice = try playground.promoteToProd { $0.having(helm: helm) }
        #expect(try alice.promote.succeed("render", "web", "prod").contains(Playground.digest("1")))
    }

    @Test func `A kustomization that environments share is named where it would be changed for all of them`() throws {
        let playground = try playground { _ in "  source: {path: base}\n" }
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let refused = try playground.person("alice").ask("build", "dev")
        #expect(
            refused.status == 77 && refused.result.output.contains("builds on base/kustomization.yaml"),
            "\(refused.result.output)")
    }

    @Test func `A marker of an image that no application has is told with its place`() throws {
        let playground = try playground { _ in
            "  source: {path: base, kustomize: {images: [\n    registry.example/other:1 # {\"$promote\": \"wbe\"}\n    ]}}\n"
        }
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let refused = try playground.person("alice").promote.run("build", "dev")
        #expect(refused.status == 65 && refused.errors.contains("apps/dev.yaml:9:"), "\(refused.errors)")
    }

    @Test func `A change of what it renders is judged`() throws {
        let alice = try playground { _ in "  source: {path: base}\n" }.person("alice")
        let file = URL(filePath: alice.directory + "/base/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data((text + "nameSuffix: -x\n").utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 75 && judged["environments", 2, "changed"] as? Bool == true, "\(judged.result.output)")
    }
}
