import Foundation
import PromoteTestSupport
import Testing

/// Repositories that cannot be worked in are told from those that can, with the reason and what mends it.
@Suite struct RepositoryShapeTests {
    private let release = "registry.example/web:v1@\(Playground.digest("1"))"

    private func hint(_ answer: JSONAnswer) -> String { answer.text("error", "hint") ?? "" }

    @Test func `Objects named by SHA-256 are refused`() throws {
        let scratch = try ScratchDirectory()
        let git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q", "--object-format=sha256")
        let program = try Playground().person("alice").promote.path
        for command in [["status"], ["doctor"], ["register", release], ["--offline", "history"]] {
            let answer = JSONAnswer(try Tool(program, in: scratch.path).run(command + ["--json"]))
            #expect(answer.status == 65)
            #expect(answer.message?.contains("SHA-256") == true)
            #expect(hint(answer).contains("fast-import"))
        }
    }

    @Test func `A mirror is read, and nothing is written from it`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        let mirror = playground.scratch.path + "/mirror.git"
        try Tool("git", in: playground.scratch.path).succeed("clone", "-q", "--mirror", playground.remote, mirror)
        let promote = Tool(alice.promote.path, in: mirror, environment: ["PROMOTE_ACTOR": "ci@example.org"])
        #expect(try promote.run("status").status == 0)
        let before = try playground.remoteRefs()
        let refused = JSONAnswer(try promote.run("register", release, "--json"))
        #expect(refused.status == 65)
        #expect(refused.message?.contains("mirror") == true)
        #expect(hint(refused).contains("remote.origin.mirror"))
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `What is pushed elsewhere than it is read is refused, and so is a second place`() throws {
        let playground = try Playground()
        let ci = try playground.person("ci")
        let fork = playground.scratch.path + "/fork.git"
        try ci.git.succeed("clone", "-q", "--mirror", playground.remote, fork)
        let changes = [
            ["config", "remote.origin.pushurl", fork],
            ["config", "--replace-all", "url.\(fork).pushInsteadOf", playground.remote],
            ["config", "--add", "remote.origin.url", fork],
        ]
        for (number, change) in changes.enumerated() {
            let other = try playground.person("ci", clone: "ci-\(number)")
            try other.git.succeed(change)
            let answer = try other.ask("register", release)
            #expect(answer.status == 65, "\(change)")
            #expect(answer.message?.contains(fork) == true)
            #expect(try other.ask("status").status == 0)
        }
        let same = try playground.person("ci", clone: "ci-same")
        try same.git.succeed("config", "remote.origin.pushurl", "file://\(playground.remote)")
        #expect(try same.ask("register", release).status == 0)
    }

    @Test func `An overlay in a submodule says so`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        let library = playground.scratch.path + "/library"
        let git = Tool("git", in: playground.scratch.path)
        try git.succeed("init", "-q", library)
        try Tool("git", in: library).succeed(
            "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "--allow-empty", "-m", "x")
        try alice.git.succeed("-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "vendor/lib")
        try Data("resources: [../../vendor/lib/base]\n".utf8)
            .write(to: URL(filePath: alice.directory + "/overlays/dev/kustomization.yaml"))
        try alice.git.succeed("commit", "-q", "-a", "-m", "A base in a submodule")
        try alice.git.succeed("push", "-q", "origin", "main")
        let answer = try alice.ask("render", "web", "dev")
        #expect(answer.status == 65)
        #expect(answer.message?.contains("vendor/lib/base is in the submodule vendor/lib") == true, "\(answer.result)")
        #expect(hint(answer).contains("git rm --cached vendor/lib"))
    }

    @Test(arguments: ["overlays/dev/kustomization.yaml", "overlays/dev/m.yaml", "environments/application.yaml"])
    func `A pointer of Git LFS is no manifest`(_ path: String) throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "1", count: 64))\nsize 12\n"
        let folder = URL(filePath: alice.directory)
        if path.hasSuffix("m.yaml") {
            try Data("resources: [m.yaml]\n".utf8).write(to: folder.appending(path: "overlays/dev/kustomization.yaml"))
        }
        try Data(pointer.utf8).write(to: folder.appending(path: path))
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-m", "A pointer")
        try alice.git.succeed("push", "-q", "origin", "main")
        let answer = try alice.ask("render", "web", "dev")
        #expect(answer.status == 65)
        #expect(answer.message?.contains(path) == true)
        #expect(answer.message?.contains("LFS") == true)
    }
}
