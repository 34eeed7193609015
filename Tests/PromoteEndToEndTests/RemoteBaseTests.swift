import Foundation
import PromoteTestSupport
import Testing

/// Applications whose overlays build on another repository, pinned by a full commit.
@Suite struct RemoteBaseTests {
    /// What an overlay names; Git's configuration has the folder for it.
    private static let address = "https://git.example/org/shared"

    private let shared: ScratchDirectory
    private let git: Tool
    private let playground: Playground
    /// The commit that all environments build on.
    private let commit: String

    init() throws {
        let shared = try ScratchDirectory()
        let folder = shared.url.appending(path: "org/shared")
        try FileManager.default.createDirectory(at: folder.appending(component: "empty"), withIntermediateDirectories: true)
        let git = Tool("git", in: folder.path)
        try git.succeed("init", "-q", "--template=")
        for (key, value) in [("user.name", "a"), ("user.email", "a@example.org")] { try git.succeed("config", key, value) }
        try FileManager.default.copyItem(
            at: Playground.repositoryRoot.appending(component: "base"), to: folder.appending(component: "deploy"))
        try git.succeed("add", "-A")
        for subject in ["first", "second"] { try git.succeed("commit", "-q", "--allow-empty", "-m", subject) }
        let commit = try git.succeed("rev-parse", "HEAD")
        (self.shared, self.git, self.commit) = (shared, git, commit)
        playground = try Playground { seed in
            try FileManager.default.removeItem(at: seed.appending(component: "base"))
            try Self.build(on: "\(Self.address)//deploy?ref=\(commit)", in: seed)
            try Playground.replace(
                "  overlay: overlays/{environment}", "  overlay: overlays/{environment}\n  bases: {remote: pinned}",
                below: seed.appending(component: "environments"))
        }
    }

    /// Has all overlays build on something else.
    private static func build(on base: String, in seed: URL) throws {
        for environment in ["dev", "staging", "prod"] {
            try Playground.replace("../../base", base, below: seed.appending(path: "overlays/\(environment)"))
        }
    }

    /// A person whose Git finds the other repository.
    private func reaching(_ person: Person) -> Person {
        var person = person
        person.environment["GIT_CONFIG_COUNT"] = "1"
        person.environment["GIT_CONFIG_KEY_0"] = "url.\(shared.path)/.insteadOf"
        person.environment["GIT_CONFIG_VALUE_0"] = "https://git.example/"
        return person
    }

    private func person(_ name: String, clone: String? = nil) throws -> Person {
        reaching(try playground.person(name, clone: clone))
    }

    /// Another commit of the shared repository.
    private func change() throws -> String {
        let file = URL(filePath: git.directory).appending(path: "deploy/deployment.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("    metadata:\n", with: "    metadata:\n      annotations: {changed: \"yes\"}\n").utf8).write(
            to: file)
        try git.succeed("commit", "-q", "-a", "-m", "third")
        return try git.succeed("rev-parse", "HEAD")
    }

    /// A commit on top of main whose overlay of prod builds on something else.
    private func proposal(_ person: Person, _ base: String) throws -> String {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "change", "origin/main")
        let file = URL(filePath: person.directory).appending(path: "overlays/prod/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let changed = text.replacing("\(Self.address)//deploy?ref=\(commit)", with: base)
        try #require(changed != text)
        try Data(changed.utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "Another base")
        return try person.git.succeed("rev-parse", "HEAD")
    }

    @Test func `It is promoted through all environments, and what it is built on is told`() throws {
        let alice = try playground.promoteToProd(reaching)
        let rendered = try alice.promote.succeed("render", "web", "prod")
        #expect(rendered.contains("registry.example/web@\(Playground.digest("1"))") && rendered.contains("LOG_FORMAT"))
        #expect(try alice.promote.succeed("show", "web-3").contains("\(Self.address) at \(commit.prefix(10))"))
        let export = try alice.promote.succeed("audit", "export")
        #expect(export.contains("\"bases\":[{\"commit\":\"\(commit)\",\"repository\":\"\(Self.address)\"}]"), "\(export)")
        // Once it is here, neither the other repository nor a network is needed.
        try FileManager.default.removeItem(at: shared.url)
        try FileManager.default.removeItem(atPath: alice.directory + "/.git/promote/state.sqlite")
        #expect(try alice.promote.succeed("render", "web", "prod", "--offline") == rendered)
        try alice.git.succeed("-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now")
        #expect(try alice.promote.succeed("render", "web", "prod") == rendered)
        // Elsewhere it cannot be had, and the answer says what would help.
        let fresh = try person("bob", clone: "fresh")
        for options in [[], ["--offline"]] {
            let answer = try fresh.promote.run(["render", "web", "prod"] + options)
            #expect(answer.status == 69 && answer.errors.contains("the remote base \(Self.address)"), "\(answer.errors)")
        }
        #expect(
            try fresh.promote.run("render", "web", "prod", "--offline").errors.contains("promote fetch-base '\(Self.address)"))
        #expect(try fresh.ask("doctor").result.output.contains("cannot be had"))
    }

    @Test func `A plan says on which commit it is built`() throws {
        let ci = try person("ci")
        #expect(try ci.ask("register", "registry.example/web:1.4.0@\(Playground.digest("1"))", "--no-registry").status == 0)
        let plan = try ci.promote.run("plan", "build", "dev")
        #expect(
            plan.status == 0 && plan.output.contains("built on\n    \(Self.address) at \(commit)\n"),
            "\(plan.output)\(plan.errors)")
        let answer = try ci.ask("plan", "build", "dev")
        #expect(answer.text("plan", "bases", 0, "commit") == commit, "\(answer.result.output)")
    }

    @Test func `What a proposal builds on is fetched when it is asked for, and not before`() throws {
        let alice = try person("alice")
        let (old, new) = (commit, try change())
        let head = try proposal(alice, "\(Self.address)//deploy?ref=\(new)")
        let gate = try alice.promote.run("gate", "--head", head)
        #expect(gate.status == 69 && gate.errors.contains("promote fetch-base '\(Self.address)//?ref=\(new)'"), "\(gate.errors)")
        #expect(try alice.ask("fetch-base", "\(Self.address)//?ref=\(new)").text("commit") == new)
        let judged = try alice.ask("gate", "--head", head, "--offline")
        #expect(judged.text("verdict") == "pending", "\(judged.result.output)\(judged.result.errors)")
        let changed = (judged["environments"] as? [[String: Any]] ?? []).filter { $0["changed"] as? Bool == true }
        #expect(changed.map { $0["name"] as? String } == ["prod"] && old != new)
        // CI fetches it in its fresh clone, where it is told to.
        var ci = try person("ci", clone: "runner")
        try ci.git.succeed("fetch", "-q", alice.directory, "change")
        ci.environment["PROMOTE_FETCH_BASES"] = "1"
        #expect(try ci.ask("gate", "--head", head).text("verdict") == "pending")
    }

    @Test(arguments: ["main", "", "HEAD", "0123456"])
    func `What is not pinned is refused with what to write`(_ ref: String) throws {
        let alice = try person("alice")
        let head = try proposal(alice, "\(Self.address)//deploy" + (ref.isEmpty ? "" : "?ref=\(ref)"))
        let gate = try alice.ask("gate", "--head", head)
        #expect(
            gate.status == 77 && gate.result.output.contains("pin it: \(Self.address)//deploy?ref=<40 digits>"),
            "\(gate.result.output)")
    }

    @Test func `A push that builds on what the server does not have is refused until it is fetched there`() throws {
        let alice = try person("alice")
        try Tool(Playground.builtProgram.path, in: playground.scratch.path).succeed(
            "hook", "install", "--bare", playground.remote)
        let server = Tool(Playground.builtProgram.path, in: playground.remote, environment: alice.environment)
        try server.succeed("fetch-base", "\(Self.address)?ref=\(commit)")
        let new = try change()
        _ = try proposal(alice, "\(Self.address)//deploy?ref=\(new)")
        let refused = try alice.git.run("push", "origin", "HEAD:main")
        #expect(
            refused.status != 0 && refused.errors.contains("promote fetch-base '\(Self.address)//?ref=\(new)'"),
            "\(refused.errors)")
        try server.succeed("fetch-base", "\(Self.address)?ref=\(new)")
        let judged = try alice.git.run("push", "origin", "HEAD:main")
        #expect(judged.status != 0 && judged.errors.contains("approve"), "\(judged.errors)")
    }

    @Test func `Without the application's word, a remote base is refused`() throws {
        let plain = try Playground { try Self.build(on: "\(Self.address)//deploy?ref=\(commit)", in: $0) }
        let answer = try reaching(plain.person("alice")).promote.run("render", "web", "prod")
        #expect(
            answer.status == 65 && answer.errors.contains("write bases: {remote: pinned} on the application"), "\(answer.errors)")
    }

    @Test(.enabled(if: Oracles.kubectl != nil, "scripts/fetch-oracles installs kubectl"))
    func `It renders as Kustomize prints it`() throws {
        let alice = try person("alice")
        try alice.git.succeed("config", "promote.baseProtocols", "file")
        let base = "file://\(git.directory)"
        try FileManager.default.createDirectory(
            at: URL(filePath: git.directory).appending(component: "root"), withIntermediateDirectories: true)
        try Data("configMapGenerator: [{name: g, literals: [a=b]}]\nresources: [deploy]\n".utf8).write(
            to: URL(filePath: git.directory).appending(component: "kustomization.yaml"))
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", "-m", "root")
        let head = try git.succeed("rev-parse", "HEAD")
        for (path, more) in [
            ("//deploy?ref=\(head)", ""), ("?ref=\(head)", "\nbuildMetadata: [originAnnotations, transformerAnnotations]"),
            ("//deploy/?timeout=90&submodules=false&ref=\(head)", ""),
        ] {
            let file = URL(filePath: alice.directory).appending(path: "overlays/dev/kustomization.yaml")
            try alice.git.succeed("checkout", "-q", "-B", "change", "origin/main")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data((text.replacing("\(Self.address)//deploy?ref=\(commit)", with: base + path) + more + "\n").utf8).write(
                to: file)
            try alice.git.succeed("commit", "-q", "-a", "-m", "x")
            let change = try alice.git.succeed("rev-parse", "HEAD")
            try alice.promote.succeed("fetch-base", "\(base)?ref=\(head)")
            let printed = try Tool(try #require(Oracles.kubectl), in: alice.directory).succeed("kustomize", "overlays/dev")
            #expect(try alice.promote.succeed("render", "web", "dev", "--at", change) == printed)
        }
    }
}
