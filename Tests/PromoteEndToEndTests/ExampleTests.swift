import Foundation
import PromoteTestSupport
import Testing

/// The examples of docs/sources.md, promoted as their READMEs say.
@Suite struct ExampleTests {
    private static let folder = Playground.repositoryRoot.appending(component: "examples")

    /// A repository that has one of the examples, and nothing else but keys.
    private func playground(_ example: String) throws -> Playground {
        try Playground { seed in
            for name in ["base", "overlays"] { try FileManager.default.removeItem(at: seed.appending(component: name)) }
            let environments = seed.appending(component: "environments")
            for name in try FileManager.default.contentsOfDirectory(atPath: environments.path) where name.hasSuffix(".yaml") {
                try FileManager.default.removeItem(at: environments.appending(component: name))
            }
            let source = Self.folder.appending(component: example)
            for name in try FileManager.default.contentsOfDirectory(atPath: source.path) where name != "environments" {
                try FileManager.default.copyItem(at: source.appending(component: name), to: seed.appending(component: name))
            }
            try FileManager.default.copyItem(
                at: source.appending(path: "environments/policy.yaml"), to: environments.appending(component: "policy.yaml"))
        }
    }

    private func promote(_ example: String, _ person: (Person) -> Person = { $0 }) throws {
        let playground = try playground(example)
        let ci = person(try playground.person("ci").runningGates())
        let registered = try ci.ask(
            "register", "registry.example/web@\(Playground.digest("1"))", "--app", "web", "--tag", "1.4.0", "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
        for (from, to) in [("build", "dev"), ("dev", "staging"), ("staging", "prod")] {
            let merged = try ci.ask(from, to, "--merge")
            #expect(merged.text("state") == "merged", "\(merged.result.output)\(merged.result.errors)")
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try ci.promote.succeed("render", "web", "prod").contains("registry.example/web:1.4.0@\(Playground.digest("1"))"))
        #expect(try ci.ask("audit", "images").status == 0)
        #expect(try ci.ask("sync").status == 0)
    }

    @Test(arguments: ["manifests", "argocd", "renderer"])
    func `An example is promoted to prod`(_ example: String) throws { try promote(example) }

    @Test(.enabled(if: !Oracles.helms.isEmpty, "scripts/fetch-oracles installs helm"), arguments: ["helm", "helmcharts"])
    func `The example of a chart is promoted to prod`(_ example: String) throws {
        let helm = try #require(Oracles.helms.first)
        try promote(example) { $0.having(helm: helm) }
    }

    @Test func `The example of a chart of a registry is promoted to prod`() throws {
        let ci = try playground("charts").person("ci")
        let (image, chart) = (Playground.digest("1"), Playground.digest("2"))
        let registered = try ci.ask(
            "register", "registry.example/web:1.4.0@\(image)", "--chart", "registry.example/charts/web:2.0.0@\(chart)", "--app",
            "web",
            "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
        for (from, to) in [("build", "dev"), ("dev", "staging"), ("staging", "prod")] {
            let merged = try ci.ask(from, to, "--merge")
            #expect(merged.text("state") == "merged", "\(merged.result.output)\(merged.result.errors)")
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        let rendered = try ci.promote.succeed("render", "web", "prod")
        #expect(
            rendered.contains("registry.example/web:1.4.0@\(image)") && rendered.contains(chart)
                && rendered.contains("tag: 2.0.0"))
        #expect(try ci.ask("audit", "images").status == 0)
        #expect(try ci.ask("sync").status == 0)
    }

    @Test func `The example of Flux is promoted to prod, without a tag in what is rendered`() throws {
        let playground = try playground("flux")
        let ci = try playground.person("ci")
        #expect(
            try ci.ask("register", "registry.example/web@\(Playground.digest("1"))", "--app", "web", "--no-registry").status == 0)
        for (from, to) in [("build", "dev"), ("dev", "staging"), ("staging", "prod")] {
            #expect(try ci.ask(from, to, "--merge").text("state") == "merged")
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        let rendered = try ci.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("registry.example/web@\(Playground.digest("1"))") && rendered.contains("replicas: 3"))
    }
}
