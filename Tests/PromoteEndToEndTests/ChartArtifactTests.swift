import Foundation
import PromoteTestSupport
import Testing

/// Charts that a release pins beside its images: registered from a registry, promoted, judged and rolled back like them.
@Suite struct ChartArtifactTests {
    private static let chart = "registry.example/charts/web"
    private static let image = "registry.example/web"

    private static let source = """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata: { name: web-chart }
        spec: { interval: 5m, url: "oci://\(chart)", layerSelector: { mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip } }
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web }
        spec: { interval: 5m, chartRef: { kind: OCIRepository, name: web-chart } }

        """

    private static func patch(_ digest: String, _ version: String) -> String {
        """
        # Which chart runs here.
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata:
          name: web-chart
        spec:
          ref:
            tag: \(version)   # for people
            digest: '\(digest)'

        """
    }

    /// One that Flux takes by its version.
    private static let versioned = """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: { name: charts }
        spec: { type: oci, url: oci://registry.example/charts }
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: { name: web-chart }
        spec: { interval: 5m, chart: { spec: { chart: web, sourceRef: { kind: HelmRepository, name: charts } } } }

        """

    private static func versionPatch(_ version: String) -> String {
        """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: web-chart
        spec:
          chart:
            spec:
              version: "\(version)" # which

        """
    }

    /// The example, with a chart besides its Deployment.
    private func playground(
        _ registry: RealRegistry, verify: String = "", _ files: [String: String] = [:], source: String = source,
        patch: String = patch(Playground.digest("0"), "0.0.0")
    ) throws -> Playground {
        try Playground { seed in
            let folder = seed.appending(path: "environments")
            let mirror =
                "apiVersion: promote/v1alpha1\nkind: Registry\nmetadata: { name: registry.example }\nspec: { mirrors: [\"\(registry.host)\"] }\n"
            for (name, text) in files.merging(["registries.yaml": mirror], uniquingKeysWith: { $1 }) {
                try Data(text.utf8).write(to: folder.appending(component: name))
            }
            try Playground.replace(
                "    - name: registry.example/web",
                "    - { name: registry.example/web, select: { semver: \"*\" } }\n  charts:\n    - { name: \(Self.chart), select: { semver: \"*\" }\(verify) }",
                below: folder)
            try Data(source.utf8).write(to: seed.appending(path: "base/chart.yaml"))
            try Playground.replace(
                "  - service.yaml\n", "  - service.yaml\n  - chart.yaml\n", below: seed.appending(path: "base"))
            for environment in ["dev", "staging", "prod"] {
                let overlay = seed.appending(path: "overlays/\(environment)")
                try Data(patch.utf8).write(to: overlay.appending(component: "chart.yaml"))
                let patches = environment == "prod" ? "patches:\n" : "  - ../../base\n"
                try Playground.replace(
                    patches, patches + (environment == "prod" ? "" : "patches:\n") + "  - path: chart.yaml\n", below: overlay)
            }
        }
    }

    private func read(_ person: Person, _ path: String) throws -> String {
        try person.git.succeed("fetch", "-q", "origin")
        return try person.git.succeed("show", "origin/main:\(path)") + "\n"
    }

    @Test func `An image and a chart go from dev to prod, and back`() throws {
        let registry = try RealRegistry()
        let first = try registry.push(chart: "web", version: "1.4.0", to: "charts/web")
        let image = try registry.push(
            image: ["org.opencontainers.image.revision": RegistryTests.commit], to: "web", tag: "1.0.0")
        let playground = try playground(registry)
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let registered = try ci.ask("register", "\(Self.image):1.0.0", "--chart", "oci://\(Self.chart):1.4.0")
        #expect(registered.status == 0, "\(registered.result.output)\(registered.result.errors)")
        #expect(registered.text("images", 0, "digest") == image && registered["images", 1] == nil)
        #expect(registered.text("charts", 0, "digest") == first && registered.text("charts", 0, "version") == "1.4.0")
        #expect(registered.text("registry", 0, "version") == "1.4.0", "\(registered.result.output)")

        let planned = try alice.ask("plan", "build", "dev")
        #expect(planned.check("digest-exact")?.status == "pass", "\(planned.result.output)")
        #expect(planned.text("charts", 0, "digest") == first)
        #expect(
            planned.text("plan", "unrendered", 0, "object") == "HelmRelease storefront-dev/web",
            "\(planned.result.output)")
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try read(alice, "overlays/dev/chart.yaml") == Self.patch(first, "1.4.0"))
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try alice.ask("dev", "staging", "--merge").text("state") == "merged")
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        let opened = try alice.ask("staging", "prod")
        let promotion = try #require(opened.text("promotion"), "\(opened.result.output)")
        #expect(opened.text("pullRequest", "body")?.contains("| \(Self.chart) | 1.4.0 | \(first) |") == true)
        for name in ["bob", "carol"] { #expect(try playground.person(name).ask("approve", promotion).status == 0) }
        #expect(try alice.ask("merge", promotion).text("state") == "merged")
        #expect(try read(alice, "overlays/prod/chart.yaml") == Self.patch(first, "1.4.0"))
        let status = try alice.ask("status")
        #expect(status.text("applications", 0, "environments", 2, "charts", 0, "version") == "1.4.0", "\(status.result.output)")
        #expect(try alice.promote.succeed("status").contains("1.0.0,chart 1.4.0"))
        #expect(try ci.ask("audit", "verify").status == 0)
        let audited = try ci.ask("audit", "images")
        #expect(audited.status == 0, "\(audited.result.output)")
        #expect(try ci.promote.succeed("images", "--in-use").contains("\(Self.chart)@\(first)"))

        // The image stays what it is, and the chart is another: that is another release.
        let second = try registry.push(chart: "web", version: "1.5.0+build.7", to: "charts/web")
        #expect(try ci.ask("discover").text("steps", 0, "action") == "known")
        let newer = try ci.ask("register", "\(Self.image)@\(image)", "--chart", "\(Self.chart)@\(second)")
        #expect(newer.text("charts", 0, "version") == "1.5.0+build.7", "\(newer.result.output)")
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try read(alice, "overlays/dev/chart.yaml") == Self.patch(second, "1.5.0_build.7"))
        let difference = try alice.promote.run(["diff", "dev", "prod"]).output
        #expect(difference.contains("spec.ref.tag: 1.5.0_build.7 → 1.4.0"), "\(difference)")
        let back = try alice.ask("rollback", "dev", "--reason", "the chart is broken", "--merge")
        #expect(back.text("state") == "merged", "\(back.result.output)")
        #expect(try read(alice, "overlays/dev/chart.yaml") == Self.patch(first, "1.4.0"))
        #expect(try ci.ask("audit", "verify").status == 0)
    }

    @Test func `A chart that is taken by its version is watched in its registry`() throws {
        let registry = try RealRegistry()
        let chart = try registry.push(chart: "web", version: "1.4.0", to: "charts/web")
        try registry.push(image: ["a": "1"], to: "web", tag: "1.0.0")
        let playground = try playground(registry, source: Self.versioned, patch: Self.versionPatch("0.0.0"))
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("discover").text("steps", 0, "action") == "registered")
        let detail = try alice.ask("plan", "build", "dev").check("digest-exact")?.detail ?? ""
        #expect(detail.contains("only by version") && detail.contains("HelmRelease storefront-dev/web-chart"), "\(detail)")
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        #expect(try read(alice, "overlays/dev/chart.yaml") == Self.versionPatch("1.4.0"))
        func dev() throws -> [String] {
            let findings = try ci.ask("audit", "images")["findings"] as? [[String: Any]] ?? []
            return findings.filter { $0["environment"] as? String == "dev" }.compactMap { $0["kind"] as? String }
        }
        #expect(try dev().isEmpty)
        let moved = try registry.push(chart: "web", version: "1.4.0", to: "charts/web", content: "changed")
        #expect(moved != chart)
        #expect(try dev() == ["unregistered"])
        #expect(try ci.ask("audit", "images").status == 77)
    }

    @Test func `What is no chart, is in another version, or was built twice is not registered`() throws {
        let registry = try RealRegistry()
        let chart = try registry.push(chart: "web", version: "1.4.0", to: "charts/web")
        let image = try registry.push(image: ["a": "1"], to: "web", tag: "1.0.0")
        let posing = try registry.push(image: ["a": "2"], to: "charts/web", tag: "2.0.0")
        let disguised = try registry.push(chart: "web", version: "1.0.0", to: "web", tag: "2.0.0")
        let ci = try playground(registry).person("ci")
        func refusal(_ image: String, _ chart: String) throws -> JSONAnswer {
            try ci.ask("register", "\(Self.image)@\(image)", "--chart", "\(Self.chart)\(chart)")
        }
        for (image, chart, why) in [
            (image, "@\(posing)", "is no Helm chart"), (image, ":2.0.0", "is no Helm chart"),
            (disguised, "@\(chart)", "is a Helm chart"), (image, ":1.4.1@\(chart)", "says that it is version 1.4.0"),
            (image, ":9.9.9", "charts/web"), (image, "@\(Playground.digest("1"))", "charts/web"),
        ] {
            let refused = try refusal(image, chart)
            #expect(refused.refusedBy == "built-once" && refused.message?.contains(why) == true, "\(refused.result.output)")
        }
        #expect(try refusal(image, "@\(chart)").status == 0)
        // The same version again, of something else: in the registry, and where it is not asked.
        let rebuilt = try registry.push(chart: "web", version: "1.4.0", to: "charts/web", content: "changed")
        let again = try refusal(image, ":1.4.0")
        #expect(again.refusedBy == "built-once" && again.message?.contains("was built again") == true, "\(again.result.output)")
        let other = try registry.push(image: ["a": "3"], to: "web", tag: "1.1.0")
        let old = try ci.ask("register", "\(Self.image)@\(other)", "--chart", "\(Self.chart):1.4.0@\(chart)")
        #expect(old.refusedBy == "built-once" && old.message?.contains(rebuilt.prefix(19)) == true, "\(old.result.output)")
        let unasked = try ci.ask(
            "register", "\(Self.image)@\(other)", "--chart", "\(Self.chart):1.4.0@\(Playground.digest("7"))", "--no-registry")
        #expect(unasked.message?.contains("was built again") == true, "\(unasked.result.output)")
        // A moved version is told of what is registered, too.
        #expect(try ci.ask("audit", "images").result.output.contains("moved"))
    }

    @Test func `Images and charts are told apart on the command line`() throws {
        let registry = try RealRegistry()
        let ci = try playground(registry).person("ci")
        let (one, two) = (Playground.digest("1"), Playground.digest("2"))
        for (arguments, why) in [
            (["\(Self.image)@\(one)", "\(Self.chart)@\(two)"], "is a chart of web, and given as an image"),
            (["--chart", "\(Self.image)@\(one)", "--chart", "\(Self.chart)@\(two)"], "is an image of web, and given as a chart"),
            (["\(Self.image)@\(one)"], "missing: \(Self.chart)"),
            (["--chart", "\(Self.chart)@\(two)"], "missing: \(Self.image)"),
            (["\(Self.image)@\(one)", "--chart", "nonsense:"], "is not a chart"), ([], "name the images and charts"),
        ] {
            let refused = try ci.promote.run(["register"] + arguments + ["--no-registry"])
            #expect(refused.status == 64 && refused.errors.contains(why), "\(refused.status) \(refused.errors)")
        }
    }

    @Test func `A chart has to be signed where the policy says so`() throws {
        let registry = try RealRegistry()
        let signer = try ImageSigner()
        let chart = try registry.push(chart: "web", version: "1.4.0", to: "charts/web")
        let image = try registry.push(image: ["a": "1"], to: "web", tag: "1.0.0")
        let ci = try playground(
            registry, verify: ", verify: { keys: [cosign.pub] }", ["cosign.pub": signer.publicKey()]
        ).person("ci")
        let arguments = ["\(Self.image)@\(image)", "--chart", "\(Self.chart)@\(chart)"]
        let refused = try ci.ask("register", arguments[0], arguments[1], arguments[2])
        #expect(refused.refusedBy == "provenance", "\(refused.result.output)")
        try signer.sign(chart, of: Self.chart, in: registry, at: "charts/web")
        let registered = try ci.ask("register", arguments[0], arguments[1], arguments[2])
        #expect(registered.status == 0, "\(registered.result.output)")
        #expect(registered.text("registry", 0, "provenance", 0) == "signed with cosign.pub", "\(registered.result.output)")
    }

    @Test func `A chart that another writes by hand is a change without a promotion, and refused`() throws {
        let registry = try RealRegistry()
        let chart = try registry.push(chart: "web", version: "1.4.0", to: "charts/web")
        try registry.push(image: ["a": "1"], to: "web", tag: "1.0.0")
        let playground = try playground(registry)
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("discover").text("steps", 0, "action") == "registered")
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: alice.directory + "/overlays/dev/chart.yaml")
        for (text, rule) in [
            (Self.patch(Playground.digest("9"), "1.4.0"), "built-once"),
            (Self.patch(chart, "1.4.0").replacing("    digest:", with: "    x:"), "digest-exact"),
        ] {
            try Data(text.utf8).write(to: file)
            try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
            let judged = try alice.ask("gate", "--base", "origin/main", "--head", "HEAD")
            #expect(judged.status == 77, "\(judged.result.output)")
            #expect(judged.text("environments", 0, "rule") == rule, "\(judged.result.output)")
            try alice.git.succeed("reset", "-q", "--hard", "origin/main")
        }
    }
}
