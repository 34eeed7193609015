import Foundation
import PromoteTestSupport
import Testing

/// A repository laid out as Flux's published examples are: HelmReleases with marked values, Deployments with marked images.
@Suite struct FluxLayoutTests {
    private static let image = "registry.example/acme/podinfo"

    /// - Parameter setting: of the environment dev, besides what it has.
    private func playground(dev setting: String? = nil) throws -> Playground {
        try Playground { seed in
            for folder in ["base", "overlays"] { try FileManager.default.removeItem(at: seed.appending(component: folder)) }
            var files = [
                "apps/base/podinfo/kustomization.yaml": "resources:\n- release.yaml\n- migration.yaml\n",
                "apps/base/podinfo/release.yaml": """
                apiVersion: helm.toolkit.fluxcd.io/v2
                kind: HelmRelease
                metadata:
                  name: podinfo
                  namespace: podinfo
                spec:
                  chart:
                    spec:
                      chart: podinfo
                  values:
                    replicas: 1

                """,
                "apps/base/podinfo/migration.yaml": """
                apiVersion: batch/v1
                kind: Job
                metadata: { name: migrate, namespace: podinfo }
                spec: { template: { spec: { containers: [{ name: migrate, image: \(Self.image) }] } } }

                """,
            ]
            for environment in ["dev", "staging", "prod"] {
                files["apps/\(environment)/kustomization.yaml"] = """
                    resources:
                    - ../base/podinfo
                    patches:
                    - path: podinfo-values.yaml
                    - path: migration.yaml
                    configMapGenerator:
                    - name: plan
                      namespace: podinfo
                      files: [images.tfvars]

                    """
                files["apps/\(environment)/podinfo-values.yaml"] = """
                    # Which podinfo runs here.
                    apiVersion: helm.toolkit.fluxcd.io/v2
                    kind: HelmRelease
                    metadata:
                      name: podinfo
                      namespace: podinfo
                    spec:
                      values:
                        image:
                          repository: \(Self.image) # {"$imagepolicy": "flux-system:podinfo:name"}
                          tag: "6.0.0"   # {"$imagepolicy": "flux-system:podinfo:tag"}
                          digest: 'sha256:0'  # {"$promote": "podinfo:digest"}
                        other:
                          tag: 1.0.0 # {"$imagepolicy": "flux-system:other:tag"}

                    """
                files["apps/\(environment)/migration.yaml"] = """
                    apiVersion: batch/v1
                    kind: Job
                    metadata:
                      name: migrate
                      namespace: podinfo
                    spec:
                      template:
                        spec:
                          containers:
                          - name: migrate
                            image: \(Self.image):6.0.0 # {"$imagepolicy": "flux-system:podinfo-main"}

                    """
                files["apps/\(environment)/images.tfvars"] = """
                    region = "eu" # not ours
                    podinfo = "sha256:0"  # {"$promote": "podinfo:digest"}

                    """
            }
            for (path, text) in files {
                let file = seed.appending(path: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let environments = seed.appending(path: "environments")
            try Playground.replace(
                "- name: registry.example/web", "- { name: \(Self.image), policies: [podinfo-main] }", below: environments)
            try Playground.replace("overlays/{environment}", "apps/{environment}", below: environments)
            if let setting {
                try Playground.replace("promotesFrom: [build]", "promotesFrom: [build]\n  \(setting)", below: environments)
            }
        }
    }

    @Test func `Marked values are promoted, and nothing else changes`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let digest = Playground.digest("1")
        #expect(try ci.ask("register", "\(Self.image):6.1.0@\(digest)", "--no-registry").status == 0)
        let opened = try alice.ask("build", "dev")
        #expect(opened.status == 0, "\(opened.result.output)")
        #expect(opened.check("digest-exact")?.status == "pass")
        #expect(try alice.ask("merge", "web-1").status == 0)
        try alice.git.succeed("fetch", "-q", "origin")
        let diff = try alice.git.succeed("diff", "--unified=0", "origin/main~1", "origin/main")
        let changed = diff.split(separator: "\n").filter {
            ($0.hasPrefix("+") || $0.hasPrefix("-")) && !$0.hasPrefix("+++") && !$0.hasPrefix("---")
        }
        #expect(
            Set(changed.filter { $0.hasPrefix("+") }.map(String.init)) == [
                #"+      tag: "6.1.0"   # {"$imagepolicy": "flux-system:podinfo:tag"}"#,
                #"+      digest: '\#(digest)'  # {"$promote": "podinfo:digest"}"#,
                #"+        image: \#(Self.image):6.1.0@\#(digest) # {"$imagepolicy": "flux-system:podinfo-main"}"#,
                #"+podinfo = "\#(digest)"  # {"$promote": "podinfo:digest"}"#,
            ], "\(diff)")
        #expect(changed.count == 8)
        #expect(
            Set(diff.split(separator: "\n").filter { $0.hasPrefix("+++ ") }.map { String($0.dropFirst(6)) }) == [
                "apps/dev/images.tfvars", "apps/dev/migration.yaml", "apps/dev/podinfo-values.yaml",
            ])
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try alice.ask("dev", "staging", "--merge").text("state") == "merged")
        #expect(try ci.ask("audit", "verify").status == 0)
        #expect(try ci.ask("audit", "images").text("findings", 0, "kind") != "unregistered")
    }

    @Test func `A release of a remote chart is told, and refused where the environment says so`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(Self.image):6.1.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let origin = "chart podinfo"
        let planned = try alice.ask("plan", "build", "dev")
        #expect(planned.status == 0, "\(planned.result.output)")
        #expect(planned.check("digest-exact")?.detail.contains("HelmRelease podinfo/podinfo (from \(origin))") == true)
        #expect(planned.text("plan", "unrendered", 0, "from") == origin, "\(planned.result.output)")
        #expect(try alice.promote.run(["plan", "build", "dev"]).output.contains("  not rendered here\n"))
        let strict = try self.playground(dev: "unrendered: refuse").person("ci")
        #expect(try strict.ask("register", "\(Self.image):6.1.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let refused = try strict.ask("plan", "build", "dev")
        #expect(refused.status == 77, "\(refused.result.output)")
        #expect(refused.check("digest-exact")?.status == "fail")
        #expect(refused.check("digest-exact")?.detail.contains("dev has `unrendered: refuse`") == true)
    }

    @Test func `A marked digest that somebody types is a change without a promotion`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(Self.image):6.1.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        #expect(try alice.ask("build", "dev", "--merge").status == 0)
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: alice.directory + "/apps/dev/podinfo-values.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
        #expect(judged.status == 77, "\(judged.result.output)")
        #expect(judged.result.output.contains("built-once"))
    }

    @Test func `A marker that marks nothing, and a tag that a release lacks, are told with their places`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(Self.image)@\(Playground.digest("1"))", "--no-registry").status == 0)
        let refused = try alice.ask("build", "dev")
        #expect(refused.status == 65)
        #expect(
            refused.message?.contains("apps/dev/podinfo-values.yaml:11:1: this value is the tag") == true,
            "\(refused.message ?? "")")
    }
}
