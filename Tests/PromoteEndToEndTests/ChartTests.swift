import Foundation
import PromoteTestSupport
import Testing

/// Applications that are Helm charts, rendered by the real `helm` and promoted in their values.
@Suite(.enabled(if: !Oracles.helms.isEmpty, "scripts/fetch-oracles installs helm"))
struct ChartTests {
    static let template = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}
          namespace: {{ .Release.Namespace }}
        spec:
          replicas: {{ .Values.replicas }}
          template:
            spec:
              containers:
                - name: web
                  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}"

        """

    /// A repository whose application is a chart.
    ///
    /// - Parameters:
    ///   - images: where its values name the image.
    ///   - template: of the one object that it has.
    func playground(
        images: String = "{name: registry.example/web, repository: /image/repository, tag: /image/tag}",
        template: String = Self.template, change: (URL) throws -> Void = { _ in }
    ) throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}",
                """
                  helm:
                    chart: charts/web
                    values: [values/common.yaml, "charts/web/values-{environment}.yaml"]
                    namespace: "storefront-{environment}"
                    images: [\(images)]
                """, below: seed.appending(path: "environments"))
            var files = [
                "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
                "charts/web/values.yaml": "replicas: 1\nimage: {repository: registry.example/web, tag: none}\n",
                "charts/web/templates/web.yaml": template, "values/common.yaml": "replicas: 2\n",
            ]
            for environment in ["dev", "staging", "prod"] {
                files["charts/web/values-\(environment).yaml"] = "# \(environment)\nreplicas: 3 # few\n"
            }
            for (path, text) in files { try Self.write(text, to: path, below: seed) }
            try change(seed)
        }
    }

    static func write(_ text: String, to path: String, below folder: URL) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func register(_ person: Person, _ digit: Character = "1", tag: String = "1.4.0") throws {
        let registered = try person.ask("register", "registry.example/web:\(tag)@\(Playground.digest(digit))", "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
    }

    static let digestImages =
        "{name: registry.example/web, repository: /image/repository, tag: /image/tag, digest: /image/digest}"

    @Test(arguments: Oracles.helms, [true, false])
    func `A chart is promoted through all environments`(_ helm: String, _ hasDigest: Bool) throws {
        let playground = try hasDigest ? playground(images: Self.digestImages) : playground()
        let alice = try playground.promoteToProd { $0.having(helm: helm) }
        let rendered = try alice.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("image: \"registry.example/web:1.4.0@\(Playground.digest("1"))\""), "\(rendered)")
        let values = try String(contentsOf: URL(filePath: alice.directory + "/charts/web/values-prod.yaml"), encoding: .utf8)
        let image = hasDigest ? "digest: \(Playground.digest("1"))\n  tag: 1.4.0\n" : "tag: 1.4.0@\(Playground.digest("1"))\n"
        #expect(values == "# prod\nreplicas: 3 # few\nimage:\n  \(image)")
    }

    @Test(arguments: Oracles.helms)
    func `It renders as helm prints it, and an unchanged chart starts no program`(_ helm: String) throws {
        let alice = try playground().person("alice").having(helm: helm)
        let rendered = try alice.promote.run("render", "web", "dev").output
        let printed = try Tool("helm", in: alice.directory, environment: alice.environment).run(
            "template", "web", "./charts/web", "--kube-version", "1.37", "--include-crds", "--namespace", "storefront-dev",
            "--values", "values/common.yaml", "--values", "charts/web/values-dev.yaml")
        #expect(printed.status == 0 && rendered == printed.output)
        // A helm that leaves a trace of each time that it is started.
        let other = alice.directory + "/bin"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        let trace = other + "/trace"
        try Data("#!/bin/sh\necho >> \(trace)\nexec \(Oracles.folder(ofHelm: helm))/helm \"$@\"\n".utf8).write(
            to: URL(filePath: other + "/helm"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: other + "/helm")
        let traced = alice.with(path: other + ":" + (alice.environment["PATH"] ?? ""))
        #expect(try traced.promote.run("render", "web", "dev").output == rendered)
        let count = try String(contentsOf: URL(filePath: trace), encoding: .utf8)
        #expect(try traced.promote.run("render", "web", "dev").output == rendered)
        let after = try String(contentsOf: URL(filePath: trace), encoding: .utf8)
        #expect(after == count && count == "\n\n\n", "\(count.count), then \(after.count)")
    }

    @Test func `What a chart makes up is refused with the template's name`() throws {
        let helm = try #require(Oracles.helms.first)
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: {{ randAlphaNum 12 | quote }}}\n"
        let stamp = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {at: {{ now | date \"15:04:05\" | quote }}}\n"
        for (name, text) in [("secret", secret), ("stamp", stamp)] {
            let alice = try playground { try Self.write(text, to: "charts/web/templates/\(name).yaml", below: $0) }
                .person("alice").having(helm: helm)
            let refused = try alice.promote.run("render", "web", "dev")
            #expect(refused.status == 65 && refused.errors.contains("web/templates/\(name).yaml"), "\(refused.errors)")
        }
    }

    @Test func `Without helm a chart is no answer, and everything else goes on`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground()
        let alice = try playground.person("alice").having(helm: helm)
        try register(playground.person("ci"))
        let without = alice.with(path: "/usr/bin:/bin")
        let refused = try without.promote.run("build", "dev")
        #expect(refused.status == 69 && refused.errors.contains("install Helm"), "\(refused.errors)")
        #expect(try without.promote.run("status").status == 0)
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try without.promote.run("history").status == 0)
    }

    @Test func `A chart that ignores the digest is not promoted`() throws {
        let helm = try #require(Oracles.helms.first)
        let ignoring = Self.template.replacing("{{ with .Values.image.digest }}@{{ . }}{{ end }}", with: "")
        let playground = try playground(images: Self.digestImages, template: ignoring)
        let alice = try playground.person("alice").having(helm: helm)
        try register(playground.person("ci"))
        let refused = try alice.ask("build", "dev")
        #expect(refused.status == 77 && refused.result.output.contains("digest-exact"), "\(refused.result.output)")
    }

    @Test func `A chart that runs another image is not promoted, whatever its values say`() throws {
        let helm = try #require(Oracles.helms.first)
        let other = Self.template.replacing("{{ .Values.image.repository }}", with: "registry.example/wbe")
        let playground = try playground(template: other)
        try register(playground.person("ci"))
        let refused = try playground.person("alice").having(helm: helm).ask("build", "dev")
        #expect(refused.status == 77 && refused.result.output.contains("digest-exact"), "\(refused.result.output)")
    }

    @Test func `A custom resource of a chart counts with the image's name and digest`() throws {
        let helm = try #require(Oracles.helms.first)
        let resource =
            "apiVersion: example.org/v1\nkind: Engine\nmetadata: {name: web}\nspec: {image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'}\n"
        let playground = try playground(template: resource)
        try register(playground.person("ci"))
        let merged = try playground.person("alice").having(helm: helm).ask("build", "dev", "--merge")
        #expect(merged.text("state") == "merged", "\(merged.result.output)")
    }

    @Test func `What a chart needs and does not have is told with the command that mends it`() throws {
        let helm = try #require(Oracles.helms.first)
        let chart =
            "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example'}]\n"
        let alice = try playground { try Self.write(chart, to: "charts/web/Chart.yaml", below: $0) }.person("alice").having(
            helm: helm)
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 65 && refused.errors.contains("helm dependency build charts/web"), "\(refused.errors)")
    }

    @Test func `A chart that is named by its path is rendered with it`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground { seed in
            try Self.write(
                "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: common, version: 0.1.0, repository: 'file://../common'}]\n",
                to: "charts/web/Chart.yaml", below: seed)
            try Self.write("apiVersion: v2\nname: common\nversion: 0.1.0\n", to: "charts/common/Chart.yaml", below: seed)
            try Self.write(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\ndata: {a: one}\n",
                to: "charts/common/templates/c.yaml",
                below: seed)
        }
        let alice = try playground.person("alice").having(helm: helm)
        #expect(try alice.promote.succeed("render", "web", "dev").contains("a: one"))
        // And a change of it is one of every environment.
        let file = URL(filePath: alice.directory + "/charts/common/templates/c.yaml")
        try Data("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\ndata: {a: two}\n".utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 75 && judged["environments", 2, "changed"] as? Bool == true, "\(judged.result.output)")
    }

    @Test func `A digest that is typed into the values is a change without a promotion`() throws {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground()
        let alice = try playground.person("alice").having(helm: helm)
        try register(playground.person("ci"))
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        try alice.git.succeed("pull", "-q")
        let file = URL(filePath: alice.directory + "/charts/web/values-dev.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 77 && judged.result.output.contains("built-once"), "\(judged.result.output)")
    }
}
