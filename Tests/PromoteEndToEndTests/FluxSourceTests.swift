import Foundation
import PromoteTestSupport
import Testing

/// Applications that are Kustomizations of Flux: what its controller applies is promoted, compared and judged.
@Suite struct FluxSourceTests {
    private static func flux(_ environment: String) -> String {
        """
        # what \(environment) has
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: web
          namespace: flux-system
        spec:
          path: ./base
          targetNamespace: shop-\(environment)
          postBuild:
            substitute:
              stage: \(environment)

        """
    }

    private func playground() throws -> Playground {
        try Playground { seed in
            try Playground.replace(
                "  overlay: overlays/{environment}", "  flux: {kustomization: \"clusters/{environment}/web.yaml\"}",
                below: seed.appending(path: "environments"))
            for environment in ["dev", "staging", "prod"] {
                let file = seed.appending(path: "clusters/\(environment)/web.yaml")
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(Self.flux(environment).utf8).write(to: file)
            }
        }
    }

    @Test func `A Kustomization of Flux is promoted through all environments`() throws {
        let alice = try playground().promoteToProd()
        let text = try String(contentsOf: URL(filePath: alice.directory + "/clusters/prod/web.yaml"), encoding: .utf8)
        #expect(
            text == Self.flux("prod") + "  images:\n  - name: registry.example/web\n    digest: \(Playground.digest("1"))\n",
            "\(text)")
        let rendered = try alice.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("registry.example/web@\(Playground.digest("1"))") && rendered.contains("namespace: shop-prod"))
    }

    @Test func `A change of what it builds is one of each environment that builds it`() throws {
        let alice = try playground().person("alice")
        let file = URL(filePath: alice.directory + "/base/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data((text + "nameSuffix: -x\n").utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 75, "\(judged.result.output)")
        for index in 0..<3 { #expect(judged["environments", index, "changed"] as? Bool == true) }
    }
}
