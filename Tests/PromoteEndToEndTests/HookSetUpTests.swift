import Foundation
import PromoteTestSupport
import Testing

/// The hook guards, or it refuses everything and says why.
@Suite struct HookSetUpTests {
    private let playground: Playground
    private let alice: Person
    private let server: Tool

    init() throws {
        playground = try Playground()
        server = Tool("git", in: playground.remote)
        alice = try playground.person("alice")
        try alice.git.succeed("commit", "-q", "--allow-empty", "-S", "-m", "Words")
    }

    private func install(_ repository: String? = nil) throws -> ToolResult {
        try Tool(Playground.builtProgram.path, in: "/").run("hook", "install", "--bare", repository ?? playground.remote)
    }

    private func refused(_ ref: String, saying words: String, _ place: SourceLocation = #_sourceLocation) throws {
        let before = try playground.remoteRefs()
        let result = try alice.git.run("push", "origin", "HEAD:\(ref)")
        #expect(result.status != 0, sourceLocation: place)
        #expect(result.errors.contains(words), "\(result.errors)", sourceLocation: place)
        #expect(try playground.remoteRefs() == before, sourceLocation: place)
    }

    @Test func `A HEAD that names no branch there is, is told at installing and at pushing, with what mends it`() throws {
        for head in ["refs/heads/master", "refs/tags/none"] {
            try server.succeed("symbolic-ref", "HEAD", "refs/heads/main")
            try server.succeed("symbolic-ref", "HEAD", head == "refs/tags/none" ? "refs/heads/none" : head)
            let result = try install()
            #expect(result.status == 65)
            #expect(result.errors.contains("symbolic-ref HEAD refs/heads/main"), "\(result.errors)")
            for ref in ["refs/heads/main", "refs/heads/master", "refs/heads/topic"] {
                try refused(ref, saying: "git symbolic-ref HEAD refs/heads/main")
            }
        }
        // Detached, it names none either.
        try server.succeed("update-ref", "--no-deref", "HEAD", server.succeed("rev-parse", "refs/heads/main"))
        #expect(try install().status == 65)
        try refused("refs/heads/main", saying: "names no branch")
        try server.succeed("config", "promote.branch", "main")
        #expect(try install().status == 0)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    @Test func `An empty repository takes its target branch first, and no ledger with it`() throws {
        try Tool("git", in: playground.scratch.path).succeed("init", "-q", "--bare", "-b", "master", "new.git")
        let new = playground.scratch.path + "/new.git"
        #expect(try install(new).status == 0)
        let other = try alice.git.run("push", new, "HEAD:refs/heads/main")
        #expect(other.errors.contains("git symbolic-ref HEAD refs/heads/main"), "\(other.errors)")
        let tip = try alice.git.succeed("rev-parse", "HEAD")
        let ledger = try alice.git.run("push", new, "\(tip):refs/heads/master", "\(tip):refs/heads/promote/ledger/web")
        #expect(ledger.errors.contains("there is no policy yet"), "\(ledger.errors)")
        try alice.git.succeed("push", "-q", new, "HEAD:refs/heads/master", "HEAD:refs/heads/topic")
    }

    @Test func `A hook that cannot judge lets nothing in`() throws {
        #expect(try install().status == 0)
        let hook = URL(filePath: playground.remote + "/hooks/pre-receive")
        let script = try String(contentsOf: hook, encoding: .utf8)
        func replace(_ program: String, asExecutable isExecutable: Bool = true) throws {
            let range = try #require(script.firstRange(of: /promote='[^']*'/))
            try Data(script.replacingCharacters(in: range, with: "promote='\(program)'").utf8).write(to: hook)
        }
        try replace("/nowhere/promote")
        try refused("refs/heads/main", saying: "/nowhere/promote is not there")
        try replace("/bin/false")
        try refused("refs/heads/main", saying: "ended with status 1 and no verdict")
        // What it reads is nothing that Git gives a hook.
        let program = Tool(Playground.builtProgram.path, in: playground.remote)
        #expect(try program.run("hook", "pre-receive").status == 64)
        #expect(try program.run(["hook", "pre-receive"], input: "nonsense\n").status == 64)
        // It takes longer than it may, here because it takes any time at all.
        #expect(try install().status == 0)
        try server.succeed("config", "promote.hookTimeout", "0")
        try refused("refs/heads/main", saying: "promote.hookTimeout “0” is not a number of seconds")
    }

    @Test func `The hook is written where Git looks for it, once, and so that it runs`() throws {
        #expect(try install().status == 0)
        let file = playground.remote + "/hooks/pre-receive"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(try install().output.contains("Installed"))
        #expect(FileManager.default.isExecutableFile(atPath: file))
        try server.succeed("config", "core.hooksPath", "elsewhere")
        #expect(try install().status == 0)
        #expect(FileManager.default.isExecutableFile(atPath: playground.remote + "/elsewhere/pre-receive"))
        try FileManager.default.removeItem(atPath: file)
        try refused("refs/heads/main/x", saying: "stand in the way")
    }
}
