import Foundation
import PromoteTestSupport
import Testing

// Charts as they are found, and as an attacker would have them.
extension ChartTests {
    private static let chart = "apiVersion: v2\nname: web\nversion: 0.1.0\n"

    private func alice(
        images: String = "{name: registry.example/web, repository: /image/repository, tag: /image/tag}",
        template: String = ChartTests.template, change: (URL) throws -> Void = { _ in }
    ) throws -> Person {
        let helm = try #require(Oracles.helms.first)
        let playground = try playground(images: images, template: template, change: change)
        try register(playground.person("ci"))
        return try playground.person("alice").having(helm: helm)
    }

    private func values(_ path: String, of person: Person) throws -> String {
        try person.git.succeed("pull", "-q")
        return try String(contentsOf: URL(filePath: person.directory).appending(path: path), encoding: .utf8)
    }

    @Test(arguments: [("test", true), ("test-success, test", true), ("test,post-install", false), ("post-install", false)])
    func `A test of the chart with a name by chance is left out, and nothing else`(_ hook: String, _ isLeftOut: Bool) throws {
        let pod =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: 'a-{{ randAlphaNum 8 | lower }}', annotations: {helm.sh/hook: '\(hook)'}}\n"
        let alice = try alice { try Self.write(pod, to: "charts/web/templates/tests/pod.yaml", below: $0) }
        let rendered = try alice.promote.run("render", "web", "dev")
        #expect(rendered.status == (isLeftOut ? 0 : 65), "\(rendered.errors)")
        #expect(!isLeftOut || rendered.output.contains("kind: Deployment") && !rendered.output.contains("kind: Pod"))
        let stable = try alice.promote.run("render", "web", "dev")
        #expect(stable.output == rendered.output)
    }

    @Test func `Of a key given twice the last one counts, as to agents`() throws {
        let twice = Self.template.replacing(
            "        - name: web\n", with: "        - name: web\n          image: registry.example/web:old\n")
        let alice = try alice(template: twice)
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try alice.promote.succeed("render", "web", "dev").contains("image: registry.example/web:old\n"))
        let other = Self.template + "          image: registry.example/web:old\n"
        let refused = try self.alice(template: other).ask("build", "dev")
        #expect(refused.status == 77 && refused.result.output.contains("digest-exact"), "\(refused.result.output)")
    }

    @Test func `A chart for each environment has the digests in its own values`() throws {
        let alice = try alice { seed in
            try Playground.replace(
                "chart: charts/web", "chart: \"charts/{environment}\"", below: seed.appending(path: "environments"))
            try Playground.replace(
                "values: [values/common.yaml, \"charts/web/values-{environment}.yaml\"]", "values: [values/common.yaml]",
                below: seed.appending(path: "environments"))
            for environment in ["dev", "staging", "prod"] {
                try Self.write(Self.chart, to: "charts/\(environment)/Chart.yaml", below: seed)
                try Self.write(Self.template, to: "charts/\(environment)/templates/web.yaml", below: seed)
                try Self.write(
                    "image: {repository: registry.example/web, tag: none}\n", to: "charts/\(environment)/values.yaml", below: seed
                )
            }
        }
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        let text = try values("charts/dev/values.yaml", of: alice)
        #expect(text == "image: {repository: registry.example/web, tag: 1.4.0@\(Playground.digest("1"))}\n")
        #expect(try values("values/common.yaml", of: alice) == "replicas: 2\n")
    }

    @Test(arguments: [
        ("image: {registry: registry.example, repository: web, tag: none}\n", 0),
        ("image: {registry: registry.example, repository: other, tag: none}\n", 65),
        ("image: {registry: elsewhere.example, repository: web, tag: none}\n", 65),
    ])
    func `What the chart's own values call the image is looked at`(_ values: String, _ status: Int32) throws {
        let template = Self.template.replacing(
            "{{ .Values.image.repository }}", with: "{{ .Values.image.registry }}/{{ .Values.image.repository }}")
        let images = "{name: registry.example/web, registry: /image/registry, repository: /image/repository, tag: /image/tag}"
        let alice = try alice(images: images, template: template) {
            try Self.write("replicas: 1\n" + values, to: "charts/web/values.yaml", below: $0)
        }
        let planned = try alice.ask("plan", "build", "dev")
        #expect(planned.status == status, "\(planned.result.output)\(planned.result.errors)")
    }

    @Test(arguments: ["image: {tag: }\n", "image:\n  tag:\n", "image:\n  tag: null # none\n", "image: {tag: ~}\n"])
    func `A tag of nothing is written over`(_ text: String) throws {
        let alice = try alice { try Self.write(text, to: "charts/web/values-dev.yaml", below: $0) }
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        let new = try values("charts/web/values-dev.yaml", of: alice)
        #expect(
            new.contains("tag: 1.4.0@\(Playground.digest("1"))") && new.contains("# none") == text.contains("# none"), "\(new)")
    }

    @Test func `A path with a comma is one file, and not another one of this machine`() throws {
        let alice = try alice { seed in
            try Playground.replace(
                "charts/web/values-{environment}.yaml", "values/a, \\\"b\\\",{environment}.yaml",
                below: seed.appending(path: "environments"))
            for environment in ["dev", "staging", "prod"] {
                try Self.write("replicas: 7\n", to: "values/a, \"b\",\(environment).yaml", below: seed)
            }
        }
        #expect(try alice.promote.succeed("render", "web", "dev").contains("replicas: 7"))
    }

    @Test func `A link to nothing in a chart is refused, as by helm`() throws {
        let alice = try alice { seed in
            try FileManager.default.createSymbolicLink(
                atPath: seed.path + "/charts/web/LICENSE", withDestinationPath: "../../LICENSE-of-none")
        }
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(refused.status == 65 && refused.errors.contains("charts/web/LICENSE"), "\(refused.errors)")
    }

    @Test func `A schema that refers to the network is passed over, and another one is not`() throws {
        let schema = #"{"type": "object", "properties": {"replicas": {"$ref": "https://schema.example/replicas.json"}}}"#
        let alice = try alice { try Self.write(schema, to: "charts/web/values.schema.json", below: $0) }
        #expect(try alice.promote.run("render", "web", "dev").status == 0)
        let strict = #"{"type": "object", "properties": {"replicas": {"type": "string"}}}"#
        let other = try self.alice { try Self.write(strict, to: "charts/web/values.schema.json", below: $0) }
        let refused = try other.promote.run("render", "web", "dev")
        #expect(refused.status == 65 && refused.errors.contains("schema"), "\(refused.errors)")
    }

    @Test func `What helm prints is named by its template where it is no manifest`() throws {
        let alice = try alice { try Self.write("a: 1\n", to: "charts/web/templates/none.yaml", below: $0) }
        let refused = try alice.promote.run("render", "web", "dev")
        #expect(
            refused.status == 65 && refused.errors.contains("web/templates/none.yaml: a manifest has no kind"),
            "\(refused.errors)")
    }

    @Test func `A chart that prints without end is told of, and other programs of that name are not run`() throws {
        let alice = try alice()
        func script(_ text: String, in folder: String) throws -> Person {
            let file = URL(filePath: alice.directory).appending(path: folder + "/helm")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
            return alice.with(
                path: (folder == "." ? "." : file.deletingLastPathComponent().path) + ":" + (alice.environment["PATH"] ?? ""))
        }
        let endless = try script("if [ $1 = template ]; then exec yes; fi; echo v4.0.0", in: "bin").promote.run(
            "render", "web", "dev")
        #expect(endless.status == 65 && endless.errors.contains("without end"), "\(endless.errors)")
        let planted = try script("echo planted", in: ".").promote.run("render", "web", "dev")
        #expect(planted.status == 0 && !planted.output.contains("planted"), "\(planted.errors)")
    }
}
