import Foundation
import PromoteTestSupport
import Testing

@Suite struct SetUpTests {
    private let image = "registry.example/web"

    @Test func `A promotion that would change another environment, too, is out of scope`() throws {
        let playground = try Playground { seed in
            let prod = seed.appending(path: "overlays/prod/kustomization.yaml")
            try Data("resources:\n- ../staging\nnamePrefix: p-\n".utf8).write(to: prod)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        _ = try alice.ask("build", "dev", "--merge")
        _ = try ci.ask("verify", "dev", "--result", "passed")
        let refused = try alice.ask("dev", "staging")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "scope")
        #expect(refused.message?.contains("would change prod, too") == true)
    }

    @Test func `render prints a directory as it is, and an environment as its branch has it, now or then`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        _ = try alice.ask("build", "dev", "--merge")
        let folder = try alice.promote.run("render", "overlays/dev")
        #expect(folder.status == 0)
        #expect(folder.output.contains("\(image)@sha256:0000"))
        let now = try alice.promote.run("render", "web", "dev")
        #expect(now.output == folder.output.replacing(String(repeating: "0", count: 64), with: String(repeating: "1", count: 64)))
        let then = try alice.promote.run("render", "web", "dev", "--at", "HEAD")
        #expect(then.output == folder.output)
        #expect(try alice.promote.run("render", "web", "dev", "--at", "nothing").status == 64)
        #expect(try alice.promote.run("render", "nowhere").status == 64)
        #expect(try alice.promote.run("render", "environments").status == 65)
    }

    @Test func `An overlay behind a symbolic link is refused, and the link stays`() throws {
        let playground = try Playground { seed in
            let dev = seed.appending(path: "overlays/dev")
            try FileManager.default.moveItem(at: dev.appending(path: "kustomization.yaml"), to: dev.appending(path: "real.yaml"))
            try FileManager.default.createSymbolicLink(
                atPath: dev.appending(path: "kustomization.yaml").path, withDestinationPath: "real.yaml")
        }
        let ci = try playground.person("ci")
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        let refused = try ci.ask("build", "dev")
        #expect(refused.status == 65)
        #expect(refused.message?.contains("symbolic link") == true)
    }

    @Test func `An overlay that cannot be rendered stops its own promotion and nobody's status`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        _ = try alice.ask("build", "dev")
        let file = URL(filePath: alice.directory).appending(path: "base/kustomization.yaml")
        try Data((String(contentsOf: file, encoding: .utf8) + "helmCharts: [{name: redis}]\n").utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-am", "unsupported")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let status = try alice.ask("status")
        #expect(status.status == 0)
        let merge = try alice.ask("merge", "web-1")
        #expect(merge.refusedBy == "mergeable")
        #expect(merge.message?.contains("base/kustomization.yaml:") == true)
    }

    @Test func `Errors of usage and of configuration say where and what`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        #expect(try alice.promote.run("aprove", "web-1").errors.contains("did you mean the command `promote approve`?"))
        #expect(try alice.promote.run("logs").errors.contains("there is no command “logs”"))
        #expect(try alice.promote.run("dev", "prd").errors.contains("did you mean “prod”?"))
        #expect(try alice.promote.run("stauts").errors.contains("did you mean `promote status`?"))
        #expect(try alice.promote.run("-C", alice.directory, "stauts").errors.contains("did you mean `promote status`?"))
        #expect(try alice.ask("dev", "stagin").message?.contains("there is no environment “stagin”") == true)
        #expect(try alice.ask("dev", "dev").status == 64)
        #expect(try alice.ask("show", "nonsense").status == 64)
        #expect(try alice.ask("show", "web-9").status == 64)
        #expect(try alice.promote.run("-C", "/nonexistent", "status").status == 64)
        #expect(try Tool(alice.promote.path, in: "/").run("status").status == 64)
        #expect(try alice.promote.run("--help").status == 0)
        #expect(try alice.promote.run("--version").output == "0.1.0-dev\n")
        #expect(try alice.promote.run([]).status == 64)
        let file = URL(filePath: alice.directory).appending(path: "environments/environments.yaml")
        try Data((String(contentsOf: file, encoding: .utf8).replacing("approvals:", with: "aprovals:")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-am", "typo")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let refused = try alice.ask("status")
        #expect(refused.status == 65)
        #expect(refused.message == "environments/environments.yaml:26:3: unknown key “aprovals” in an Environment's spec")
        #expect(refused.text("error", "hint") == "did you mean “approvals”?")
    }

    @Test func `The remote's branch may be called anything, and a full disk for the answer is no crash`() throws {
        let playground = try Playground()
        let ci = try playground.person("ci")
        let directory = playground.scratch.path + "/bare.git"
        try Tool("git", in: "/").succeed("clone", "-q", "--bare", playground.remote, directory)
        let git = Tool("git", in: directory)
        try git.succeed("config", "user.email", "ci@example.org")
        try git.succeed("config", "gpg.format", "ssh")
        try git.succeed("config", "user.signingkey", ci.keyFile)
        #expect(try Tool(ci.promote.path, in: directory).run("register", "\(image)@\(Playground.digest("1"))").status == 0)
        let full = try Tool("sh", in: directory).run("-c", "exec \"$0\" status > /dev/full", ci.promote.path)
        #expect(full.status == 69)
        #expect(full.errors.contains("could not be written"))
    }
}
