import Foundation
import PromoteTestSupport
import Testing

/// Applications that are Applications of Argo CD: what it renders is promoted, compared and judged.
@Suite struct ArgoSourceTests {
    private func playground(_ source: (String) -> String, _ files: [String: String] = [:]) throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}", "  argocd: {application: \"apps/{environment}.yaml\"}",
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
