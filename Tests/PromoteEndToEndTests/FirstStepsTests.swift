import Foundation
import PromoteTestSupport
import Testing

/// What a newcomer is told who has a configuration, and not yet where promote looks for it.
@Suite struct FirstStepsTests {
    @Test func `What is not committed, and then what is not pushed, is told with the command that does it`() throws {
        let repository = try AdoptedRepository([:])
        let alice = repository.person
        #expect(try alice.ask("status").text("error", "hint")?.contains("`promote init` begins") == true)
        #expect(try alice.ask("init", "--app", "shop", "--image", "registry.example/shop").status == 0)
        let written = try alice.ask("status")
        #expect(written.status == 65)
        #expect(
            written.text("error", "hint")
                == "environments/ is here and not committed: git add . && git commit -m \"Start promoting\" && git push origin HEAD:main"
        )
        try alice.git.succeed("add", ".")
        try alice.git.succeed("commit", "-q", "-m", "Start promoting")
        let committed = try alice.ask("status")
        #expect(
            committed.text("error", "hint") == "environments/ is committed here and not pushed: git push origin HEAD:main")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.ask("status").status == 0)
    }

    @Test func `The same where the branch has other things`() throws {
        let repository = try AdoptedRepository(["readme": "x"])
        let alice = repository.person
        #expect(try alice.ask("status").text("error", "hint")?.hasPrefix("`promote init` writes one") == true)
        #expect(try alice.ask("init", "--app", "shop", "--image", "registry.example/shop").status == 0)
        let hint = try alice.ask("status").text("error", "hint")
        #expect(hint?.hasPrefix("environments/ is here and not committed: git add environments && ") == true, "\(hint ?? "")")
        try alice.git.succeed("add", ".")
        try alice.git.succeed("commit", "-q", "-m", "Start promoting")
        #expect(try alice.ask("status").text("error", "hint")?.hasSuffix("not pushed: git push origin HEAD:main") == true)
    }

    @Test func `A repository without a remote says so`() throws {
        let alice = try Playground().person("alice")
        let scratch = try ScratchDirectory()
        try Tool("git", in: "/").succeed("init", "-q", "-b", "main", scratch.path)
        let refused = try alice.working(in: scratch.path).ask("status")
        #expect(refused.status == 65)
        #expect(refused.message == "there is no remote, and no branch main here")
        #expect(refused.text("error", "hint")?.hasPrefix("git remote add origin ") == true)
    }

    @Test func `Without the remote, what Git itself fetched is seen`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        let seen = try alice.ask("status", "--offline")
        #expect(seen.status == 0, "\(seen.result.output)")
        #expect(try alice.ask("doctor", "--offline").status == 0)
        #expect(try alice.git.succeed("for-each-ref", "refs/promote").isEmpty)
        // From its own first fetch on, promote goes by that.
        #expect(try alice.ask("status").status == 0)
        try alice.git.succeed("update-ref", "-d", "refs/remotes/origin/main")
        #expect(try alice.ask("status", "--offline").status == 0)
    }

    @Test func `Who approves nothing in particular is told what waits for it`() throws {
        let playground = try Playground()
        let (ci, alice, bob) = (try playground.person("ci"), try playground.person("alice"), try playground.person("bob"))
        #expect(try bob.ask("approve").text("error", "hint") == "no promotion waits for your approval")
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        for (from, to) in [("build", "dev"), ("dev", "staging")] {
            #expect(try alice.ask(from, to, "--merge").status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        let asked = try bob.ask("approve")
        #expect(asked.status == 64)
        #expect(asked.text("error", "hint") == "for your approval wait 1: promote approve web-3")
        #expect(try alice.ask("approve").text("error", "hint") == "no promotion waits for your approval")
    }

    @Test func `What a command lacks is told with the whole of it`() throws {
        let promote = Tool(Playground.builtProgram.path, in: "/")
        let cases: [([String], String, String)] = [
            (["rollback", "prod"], "say why: --reason <why>", "promote rollback prod --reason <why>; see"),
            (["close", "web-1"], "say why: --reason <why>", "promote close web-1 --reason <why>; see"),
            (["yank"], "<release> and --reason <why> are missing", "promote yank <release> --reason <why>; see"),
            (
                ["verify", "dev", "--app", "a b"], "--result <result> is missing",
                "promote verify dev --app 'a b' --result <result>; see"
            ),
        ]
        for (arguments, message, hint) in cases {
            let refused = JSONAnswer(try promote.run(arguments + ["--json"]))
            #expect(refused.status == 64)
            #expect(refused.message == message)
            #expect(
                refused.text("error", "hint")?.replacing(" --json", with: "").hasPrefix(hint) == true, "\(refused.result.output)")
        }
        #expect(try promote.run("version").errors.contains("hint: promote --version"))
        #expect(try promote.run("build").errors.contains("promote build <environment>"))
        #expect(try promote.run("dev").errors.contains("promote dev <to>; into it: promote <from> dev"))
    }
}
