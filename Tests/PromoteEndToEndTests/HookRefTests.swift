import Foundation
import PromoteTestSupport
import Testing

/// Which refs a push may move with the hook in place, whatever they are called.
@Suite struct HookRefTests {
    private let playground: Playground
    private let alice: Person
    private let server: Tool

    init() throws {
        playground = try Playground()
        server = Tool("git", in: playground.remote)
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
        alice = try playground.person("alice")
    }

    /// Pushes `HEAD` to a ref, and expects that nothing lands.
    private func refused(
        _ ref: String, _ person: Person? = nil, saying words: String, _ place: SourceLocation = #_sourceLocation
    ) throws {
        let before = try playground.remoteRefs()
        let result = try (person ?? alice).git.run("push", "origin", "+HEAD:\(ref)")
        #expect(result.status != 0, "\(ref)", sourceLocation: place)
        #expect(result.errors.contains("promote refuses this push"), "\(ref): \(result.errors)", sourceLocation: place)
        #expect(result.errors.contains(words), "\(ref): \(result.errors)", sourceLocation: place)
        #expect(try playground.remoteRefs() == before, sourceLocation: place)
    }

    private func cutReplicas(_ person: Person) throws {
        let file = URL(filePath: person.directory).appending(path: "overlays/prod/kustomization.yaml")
        try Data(try String(contentsOf: file, encoding: .utf8).replacing("count: 6", with: "count: 0").utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "No replicas")
    }

    @Test func `An alias of a branch is that branch, however many steps away`() throws {
        for (alias, target) in [
            ("refs/heads/master", "refs/heads/main"), ("refs/heads/live", "refs/heads/master"),
            ("refs/remotes/x/HEAD", "refs/heads/main"),
            ("refs/heads/topic", "refs/heads/promote/ledger/web"),
        ] {
            try server.succeed("symbolic-ref", alias, target)
        }
        try cutReplicas(alice)
        for alias in ["refs/heads/master", "refs/heads/live", "refs/remotes/x/HEAD", "refs/heads/main"] {
            try refused(alias, saying: "what it renders to changes without a promotion")
        }
        try refused("refs/heads/topic", saying: "would count for no reader")
        // Also where the configuration names the alias.
        try server.succeed("symbolic-ref", "HEAD", "refs/heads/live")
        try refused("refs/heads/main", saying: "what it renders to changes without a promotion")
        try server.succeed("config", "promote.branch", "master")
        try refused("refs/heads/main", saying: "what it renders to changes without a promotion")
        try server.succeed("symbolic-ref", "refs/heads/a", "refs/heads/b")
        try server.succeed("symbolic-ref", "refs/heads/b", "refs/heads/a")
        let result = try alice.git.run("push", "origin", "HEAD:refs/heads/a")
        #expect(result.status != 0)
    }

    @Test func `Names in the way of ours are refused, and those that stand there may go`() throws {
        for name in ["promotion", "promotion/web", "promote", "promote/ledger/web/x", "Main", "HEAD"] {
            try refused("refs/heads/\(name)", saying: "(scope)")
        }
        for ref in ["refs/tags/main", "refs/tags/origin/main", "refs/remotes/origin/main", "refs/promote/origin/seen/web"] {
            try refused(ref, saying: "(scope)")
        }
        let tip = try alice.git.succeed("rev-parse", "HEAD")
        try refused("refs/replace/\(tip)", saying: "refs/replace/* would show other commits")
        try refused("refs/heads/\(tip.prefix(10))", saying: "abbreviate an object")
        try refused("refs/tags/v/\(tip.prefix(7))", saying: "abbreviate an object")
        try server.succeed("update-ref", "refs/heads/promotion/notes", tip)
        try alice.git.succeed("push", "-q", "origin", ":refs/heads/promotion/notes")
        for ref in ["refs/heads/feature", "refs/tags/v1", "refs/notes/commits", "refs/heads/facade"] {
            try alice.git.succeed("push", "-q", "origin", "HEAD:\(ref)")
        }
    }

    @Test func `Many branches are judged at once`() throws {
        let tip = try alice.git.succeed("rev-parse", "HEAD")
        let refs = (1...1000).map { "\(tip):refs/heads/topic/\($0)" }
        try alice.git.succeed(["push", "-q", "origin"] + refs)
        let bad = (1...30).map { "\(tip):refs/heads/promotion/x\($0)" }
        let result = try alice.git.run(["push", "-q", "origin"] + bad)
        #expect(result.status != 0)
        #expect(result.errors.contains("and 10 more refs"), "\(result.errors)")
    }

    @Test func `The first push of an environment's own branch needs what its environment asks for`() throws {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(
                text.replacing(
                    "  promotesFrom: [staging]\n", with: "  promotesFrom: [staging]\n  delivery: { branch: env/prod }\n"
                ).utf8
            ).write(to: file)
        }
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
        let (alice, bob, carol) = (try playground.person("alice"), try playground.person("bob"), try playground.person("carol"))
        let mallory = try playground.person("mallory")
        try cutReplicas(mallory)
        let stolen = try mallory.git.run("push", "origin", "HEAD:refs/heads/env/prod")
        #expect(stolen.errors.contains("(scope): what it renders to changes"), "\(stolen.errors)")
        #expect(try mallory.git.run("push", "origin", "HEAD:refs/heads/env").status != 0)
        // What its approvers consented to is made.
        try alice.git.succeed("commit", "-q", "--allow-empty", "-S", "-m", "prod has a branch")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/new-prod")
        #expect(try alice.git.run("push", "origin", "HEAD:refs/heads/env/prod").status != 0)
        let head = try alice.git.succeed("rev-parse", "HEAD")
        for person in [bob, carol] {
            try person.git.succeed("fetch", "-q", "origin")
            #expect(try person.ask("approve", "--change", head, "--branch", "env/prod").status == 0)
        }
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/env/prod")
    }
}
