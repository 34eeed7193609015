import Foundation
import PromoteTestSupport
import Testing

/// `promote init` on repositories that are there, to their first merged promotions.
@Suite struct InitTests {
    static func deployment(of image: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec: { containers: [{ name: main, image: "\(image)" }] }

        """
    }

    /// A base, and overlays in `folders` with kustomizations of this name.
    private static func overlays(_ folders: [String], file: String = "kustomization.yaml") -> [String: String] {
        var files = [
            "base/\(file)": "resources: [deployment.yaml]\n",
            "base/deployment.yaml": deployment(of: "registry.example/web:1.0"),
        ]
        for folder in folders {
            let up = folder.split(separator: "/").map { _ in ".." }.joined(separator: "/")
            files["\(folder)/\(file)"] = "# Kept.\nresources:\n  - \(up)/base\n"
        }
        return files
    }

    static let layouts: [(folders: [String], file: String, environments: [String])] = [
        (["overlays/dev", "overlays/staging", "overlays/prod"], "kustomization.yaml", ["dev", "staging", "prod"]),
        (["overlays/dev", "overlays/prod"], "kustomization.yml", ["dev", "prod"]),
        (["qa/web", "live/web"], "Kustomization", ["qa", "live"]),
        (["apps/web/envs/test", "apps/web/envs/production"], "kustomization.yaml", ["test", "production"]),
    ]

    @Test(arguments: layouts)
    func `What is there is promoted to production after init alone`(
        _ folders: [String], _ file: String, _ environments: [String]
    ) throws {
        let repository = try AdoptedRepository(Self.overlays(folders, file: file))
        try repository.promote("registry.example/web", of: "web", through: environments)
    }

    @Test func `An empty repository gets a starter, with the person's key and team`() throws {
        let repository = try AdoptedRepository([:])
        let alice = repository.person
        let flags = ["--app", "shop", "--image", "registry.example/shop"]
        let written = try alice.promote.run(["init"] + flags)
        #expect(written.status == 0, "\(written.errors)")
        #expect(written.output.contains("overlays/staging/kustomization.yaml"))
        #expect(
            written.output.hasSuffix(
                "next: git add environments base overlays && git commit -m \"Start promoting\" && git push; then: promote doctor\n"
            ))
        let signers = try String(contentsOfFile: alice.directory + "/environments/allowed_signers", encoding: .utf8)
        #expect(signers.contains("\nalice@example.org ssh-"))
        #expect(try alice.promote.run(["init"] + flags).output.contains("Nothing to do"))
        #expect(try alice.promote.run("init", "--app", "other").status == 64)
        try repository.push("Start promoting")
        #expect(try alice.ask("doctor").status == 0)
        _ = try alice.ask("register", "registry.example/shop:1@\(Playground.digest("a"))", "--no-registry")
        for (source, environment) in [("build", "dev"), ("dev", "staging"), ("staging", "prod")] {
            let merged = try alice.ask(source, environment, "--merge")
            #expect(merged.status == 0, "\(merged.result.output)")
            _ = try alice.ask("verify", environment, "--result", "passed")
        }
    }

    @Test func `Without a key, production is restricted to none, and the file says how`() throws {
        let repository = try AdoptedRepository([:], signs: false)
        #expect(try repository.person.ask("init").text("next", 0) == "promote keys add")
        let environments = try String(
            contentsOfFile: repository.person.directory + "/environments/environments.yaml", encoding: .utf8)
        #expect(environments.contains("# promoters: [release-managers]"))
    }

    @Test func `init writes nothing where something is in the way`() throws {
        let scratch = try ScratchDirectory()
        let git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q")
        try scratch.write("a file", to: "overlays")
        let program = try Playground().person("alice").promote.path
        #expect(try Tool(program, in: scratch.path).run("init").status == 64)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == [".git", "overlays"])
    }

    @Test func `Nothing is written that could not be read`() throws {
        let repository = try AdoptedRepository(Self.overlays(["overlays/status", "overlays/prod"]))
        let refused = try repository.person.ask("init", "--env", "status", "--env", "prod")
        #expect(refused.status == 65)
        #expect(refused.message?.contains("is a command of promote") == true)
        #expect(try repository.person.git.succeed("status", "--porcelain").isEmpty)
    }

    @Test func `A dry run shows the files and why, and writes none`() throws {
        let repository = try AdoptedRepository(Self.overlays(["overlays/dev", "overlays/prod"]))
        let shown = try repository.person.ask("init", "--dry-run")
        #expect(shown.status == 0)
        #expect(shown.text("files", 0, "path") == "environments/environments.yaml")
        #expect(shown.text("files", 0, "content")?.contains("kind: Environment") == true)
        #expect(shown.text("guesses", 0, "because")?.isEmpty == false)
        #expect(shown["next"] as? [String] == ["promote init"])
        let chosen = try repository.person.ask(
            "init", "--dry-run", "--overlay", "overlays/{environment}", "--team", "ops=alice@example.org", "--environments-dir",
            "promote")
        #expect(
            chosen["next"] as? [String] == [
                "promote init --overlay 'overlays/{environment}' --team ops=alice@example.org --environments-dir promote"
            ])
        #expect(!FileManager.default.fileExists(atPath: repository.person.directory + "/environments"))
    }

    @Test func `What is added later joins the configuration in files of its own`() throws {
        let repository = try AdoptedRepository(Self.overlays(["apps/web/envs/dev", "apps/web/envs/prod"]))
        _ = try repository.person.ask("init")
        try repository.push("Start promoting")
        let before = try repository.person.git.succeed("ls-files", "-s", "environments")
        for environment in ["dev", "prod"] {
            try repository.write("resources: [../../../../other]\n", to: "apps/api/envs/\(environment)/kustomization.yaml")
        }
        try repository.write("resources: [deployment.yaml]\n", to: "other/kustomization.yaml")
        try repository.write(Self.deployment(of: "registry.example/api"), to: "other/deployment.yaml")
        try repository.push("Another application")
        let added = try repository.person.ask("init", "--yes")
        #expect(added["written"] as? [String] == ["environments/application-2.yaml"], "\(added.result.output)")
        try repository.push("Promote it")
        let after = try repository.person.git.succeed("ls-files", "-s", "environments").split(separator: "\n")
        #expect(Set(before.split(separator: "\n")).isSubset(of: after))
        #expect(try repository.person.ask("init", "--yes").result.output.contains("\"written\" : [\n\n  ]"))
    }

    @Test func `An environment that is there since joins the configuration`() throws {
        let repository = try AdoptedRepository(Self.overlays(["overlays/dev", "overlays/prod"]))
        _ = try repository.person.ask("init")
        try repository.push("Start promoting")
        try repository.write("resources:\n  - ../../base\n", to: "overlays/qa/kustomization.yaml")
        try repository.push("Another environment")
        let added = try repository.person.ask("init", "--yes")
        #expect(added["written"] as? [String] == ["environments/environments-2.yaml"], "\(added.result.output)")
        try repository.push("Promote into it")
        #expect(try repository.person.ask("init", "--yes").result.output.contains("\"written\" : [\n\n  ]"))
    }

    @Test func `A folder of that name that is something else is told, and left alone`() throws {
        var files = Self.overlays(["overlays/dev", "overlays/prod"])
        files["environments/dev.yaml"] = "replicas: 1\n"
        let repository = try AdoptedRepository(files)
        let refused = try repository.person.ask("init")
        #expect(refused.status == 65)
        #expect(refused.message?.contains("environments/ is taken: dev.yaml") == true)
        #expect(refused.text("error", "hint")?.contains("--environments-dir promote") == true)
    }

    @Test func `Where environments is what is deployed, the configuration is in another folder, which Git's configuration names`()
        throws
    {
        var files = Self.overlays(["environments/dev", "environments/prod"])
        files["environments/prod/values.yaml"] = "replicas: 1\n"
        let repository = try AdoptedRepository(files)
        let shown = try repository.person.ask("init", "--dry-run")
        #expect(shown.result.output.contains("--environments-dir promote"))
        try repository.promote(
            "registry.example/web", of: "web", through: ["dev", "prod"], folder: "promote", ["--environments-dir", "promote"])
        #expect(try repository.person.git.succeed("config", "promote.directory") == "promote")
        let overlay = try repository.person.git.succeed("show", "origin/main:environments/prod/kustomization.yaml")
        #expect(overlay.contains(Playground.digest("1")))
        #expect(try repository.person.promote.run("init", "--environments-dir", "..").status == 64)
        try Self.requireFound("promote", in: repository.person)
        try repository.person.git.succeed("config", "promote.directory", "../elsewhere")
        #expect(try repository.person.ask("status").status == 65)
    }

    /// That another clone, which does not know of the folder, is told the one command that makes it known, and makes no second
    /// configuration.
    private static func requireFound(_ folder: String, in person: Person) throws {
        try person.git.succeed("config", "--unset", "promote.directory")
        let command = "git config promote.directory \(folder)"
        #expect(try person.ask("status").text("error", "hint") == command)
        #expect(try person.ask("keys", "add").text("error", "hint") == command)
        let refused = try person.ask("init", "--yes")
        #expect(refused.status == 65)
        #expect(refused.text("error", "hint")?.hasPrefix(command + ";") == true, "\(refused.result.output)")
        // So does init, by its option.
        #expect(try person.ask("init", "--environments-dir", folder).status == 0)
        #expect(try person.git.succeed("config", "promote.directory") == folder)
        #expect(try person.ask("status").status == 0)
    }

    @Test func `What a folder of that name was before is no policy`() throws {
        let repository = try AdoptedRepository(["environments/dev/values.yaml": "replicas: 1\n"])
        try repository.person.git.succeed("rm", "-q", "-r", "environments")
        for (path, text) in Self.overlays(["overlays/dev", "overlays/prod"]) { try repository.write(text, to: path) }
        try repository.push("Overlays instead")
        try repository.promote("registry.example/web", of: "web", through: ["dev", "prod"])
    }

    @Test func `Manifests without environments are no empty repository`() throws {
        let repository = try AdoptedRepository([
            "kustomization.yml": "resources: [deployment.yaml]\n", "deployment.yaml": Self.deployment(of: "registry.example/web"),
        ])
        let refused = try repository.person.ask("init")
        #expect(refused.status == 64)
        #expect(refused.text("error", "hint")?.contains("--overlay") == true)
        let shown = try repository.person.ask("init", "--dry-run")
        #expect(shown.status == 0)
        #expect((shown["files"] as? [Any])?.isEmpty == true)
        #expect(try repository.person.git.succeed("status", "--porcelain").isEmpty)
    }

    @Test func `What is not committed yet is read where nothing is`() throws {
        let repository = try AdoptedRepository(["README.md": "Later.\n"])
        for (path, text) in Self.overlays(["overlays/dev", "overlays/prod"]) { try repository.write(text, to: path) }
        let written = try repository.person.ask("init")
        #expect((written["written"] as? [String])?.contains("environments/application.yaml") == true, "\(written.result.output)")
        #expect((written["written"] as? [String])?.contains("base/deployment.yaml") == false)
    }

    @Test func `From the first error to the first status, no command leads back to one that was run`() throws {
        let repository = try AdoptedRepository(Self.overlays(["overlays/dev", "overlays/prod"]))
        let alice = repository.person
        #expect(try alice.ask("status").text("error", "hint")?.contains("`promote init`") == true)
        #expect(try alice.ask("init").text("next", 0)?.hasPrefix("git add environments") == true)
        #expect(try alice.ask("status").text("error", "hint")?.contains("git push origin HEAD:main") == true)
        #expect(try alice.ask("init").text("next", 0)?.hasPrefix("git add environments") == true)
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-m", "Start")
        #expect(try alice.ask("init").text("next", 0) == "git push")
        try alice.git.succeed("push", "-q")
        #expect(try alice.ask("init").text("next", 0) == "promote doctor")
        #expect(try alice.ask("status").status == 0)
    }

    @Test func `A team that is given gets production, with approvals once two members have keys`() throws {
        let repository = try AdoptedRepository(Self.overlays(["overlays/dev", "overlays/prod"]))
        _ = try repository.person.ask("init", "--team", "deployers=alice@example.org,bob@example.org")
        func content(_ name: String) throws -> String {
            try String(contentsOfFile: repository.person.directory + "/environments/" + name, encoding: .utf8)
        }
        #expect(try content("teams.yaml").contains("members: [alice@example.org, bob@example.org]"))
        // With one key of two, nothing could ever be approved, and so nothing changed.
        #expect(try content("environments.yaml").contains("\n  # approvals: { required: 1, from: [deployers] }"))
        #expect(try content("environments.yaml").contains("\n  promoters: [deployers]"))
        #expect(try repository.person.ask("init", "--team", "deployers").status == 64)
        #expect(try repository.person.ask("init", "--env", "Not A Name").status == 64)
    }
}
