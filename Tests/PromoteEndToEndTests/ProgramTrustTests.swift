import Foundation
import PromoteTestSupport
import Testing

/// Programs that a policy names run in the versions that were permitted, and in those that the configuration was adopted with.
@Suite struct ProgramTrustTests {
    /// - Parameter isFounding: whether the configuration is adopted with the gate, or gets it later.
    private func playground(
        policy: String = "cat > /dev/null; echo ran >> \"$HOME/ran\"", isFounding: Bool = false
    ) throws -> Playground {
        let gated = { (text: String) in
            text.replacing(
                "  promotesFrom: [build]\n",
                with: "  promotesFrom: [build]\n  gates: [{ name: check, command: [sh, policy/check, 'a b'], files: [policy] }]\n"
            )
        }
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            // Without approvals, so that a push may change the policy.
            let text = try String(contentsOf: file, encoding: .utf8).split(separator: "  approvals:")[0]
            try Data((isFounding ? gated(String(text)) : String(text)).utf8).write(to: file)
            try FileManager.default.createDirectory(at: seed.appending(path: "policy"), withIntermediateDirectories: true)
            try Data((policy + "\n").utf8).write(to: seed.appending(path: "policy/check"))
        }
        if !isFounding {
            let path = try playground.person("carol", clone: "reader").directory + "/environments/environments.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try change(playground, "environments/environments.yaml", to: gated(text))
        }
        #expect(try playground.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        return playground
    }

    @Test func `What the configuration was adopted with runs, until it is changed`() throws {
        let playground = try playground(isFounding: true)
        let alice = try person("alice", in: playground)
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pass")
        #expect(try hasRun(alice))
        try change(playground, "policy/check", to: "cat > /dev/null; echo more >> \"$HOME/ran\"\n")
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pending")
        #expect(try !hasRun(alice))
    }

    /// Somebody whose home tells whether a program ran.
    private func person(_ name: String, in playground: Playground, clone: String? = nil) throws -> Person {
        var person = try playground.person(name, clone: clone)
        person.environment["HOME"] = person.directory + "-home"
        try FileManager.default.createDirectory(atPath: person.directory + "-home", withIntermediateDirectories: true)
        return person
    }

    private func hasRun(_ person: Person) throws -> Bool {
        let mark = person.directory + "-home/ran"
        defer { _ = try? Tool("rm", in: "/").run("-f", mark) }
        return FileManager.default.fileExists(atPath: mark)
    }

    private func change(_ playground: Playground, _ path: String, to text: String) throws {
        let owner = try playground.person("carol", clone: "owner-\(UUID().uuidString)")
        try Data(text.utf8).write(to: URL(filePath: owner.directory + "/" + path))
        try owner.git.succeed("add", "-A")
        try owner.git.succeed("commit", "-q", "-S", "-m", "Change \(path)")
        try owner.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    @Test func `Nothing runs before trust, whatever is asked, and the gate waits with what to do`() throws {
        let playground = try playground()
        let alice = try person("alice", in: playground)
        for command in [
            ["plan", "build", "dev"], ["status"], ["build", "dev"], ["show", "web-1"], ["explain", "web-1"], ["explain", "dev"],
            ["merge", "web-1"], ["reconcile"], ["sync"], ["gate", "--head", "HEAD"], ["doctor"], ["diff", "dev", "staging"],
            ["trust", "--dry-run"],
        ] {
            let result = try alice.promote.run(command)
            #expect(try !hasRun(alice), "\(command)")
            #expect([0, 75].contains(result.status), "\(command) \(result.errors)")
        }
        let merge = try alice.ask("merge", "web-1")
        #expect(merge.status == 75)
        #expect(merge.refusedBy == "gate/check")
        #expect(merge.check("gate/check")?.status == "pending")
        #expect(merge.check("gate/check")?.detail.contains("promote trust") == true)
        #expect(merge.text("error", "hint")?.contains("promote trust") == true)
        #expect(try alice.promote.run("doctor").output.contains("gate/check of dev"))
    }

    @Test func `trust shows what it permits, in this clone only`() throws {
        let playground = try playground()
        let alice = try person("alice", in: playground)
        let shown = try alice.promote.run("trust", "--dry-run")
        #expect(shown.output.contains("sh policy/check 'a b'"))
        #expect(shown.output.contains("environments/environments.yaml"))
        #expect(shown.output.contains("promote trust --at"))
        let answer = try alice.ask("trust")
        #expect(answer.status == 0)
        #expect(answer["programs", 0, "command"] as? [String] == ["sh", "policy/check", "a b"])
        #expect(answer["programs", 0, "trusted"] as? Bool == false)
        #expect(try alice.ask("trust")["programs", 0, "trusted"] as? Bool == true)
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pass")
        #expect(try hasRun(alice))
        let other = try person("alice", in: playground, clone: "other")
        #expect(try other.ask("plan", "build", "dev").check("gate/check")?.status == "pending")
        #expect(try !hasRun(other))
    }

    @Test func `A changed program, by its script or by the policy, is asked for again, and other changes are not`() throws {
        let playground = try playground()
        let alice = try person("alice", in: playground)
        #expect(try alice.ask("trust").status == 0)
        let team = "apiVersion: promote/v1alpha1\nkind: Team\nmetadata: { name: friends }\nspec: { members: [a@example.org] }\n"
        try change(playground, "environments/team.yaml", to: team)
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pass")
        #expect(try hasRun(alice))
        try change(playground, "policy/check", to: "cat > /dev/null; echo more >> \"$HOME/ran\"\n")
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pending")
        #expect(try !hasRun(alice))
        // What was looked at is what is permitted, and nothing that came since.
        let looked = try #require(try alice.ask("trust", "--dry-run").text("commit"))
        let policy = try String(contentsOfFile: alice.directory + "/environments/environments.yaml", encoding: .utf8)
        try change(playground, "environments/environments.yaml", to: policy.replacing("'a b'", with: "evil"))
        #expect(try alice.ask("trust", "--at", looked).status == 75)
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pending")
        #expect(try !hasRun(alice))
        let now = try #require(try alice.ask("trust", "--dry-run").text("commit"))
        #expect(try alice.ask("trust", "--at", String(now.prefix(10))).status == 0)
        #expect(try alice.ask("plan", "build", "dev").check("gate/check")?.status == "pass")
    }

    @Test func `CI runs them by an option or a variable, and a value that is neither yes nor no is refused`() throws {
        let playground = try playground()
        var ci = try person("alice", in: playground)
        #expect(try ci.ask("plan", "build", "dev", "--run-gates").check("gate/check")?.status == "pass")
        #expect(try hasRun(ci))
        #expect(try ci.runningGates().ask("plan", "build", "dev").check("gate/check")?.status == "pass")
        for value in ["0", "", "false"] {
            ci.environment["PROMOTE_RUN_GATES"] = value
            #expect(try ci.ask("plan", "build", "dev").check("gate/check")?.status == "pending")
        }
        ci.environment["PROMOTE_RUN_GATES"] = "perhaps"
        #expect(try ci.ask("plan", "build", "dev").status == 64)
    }

    @Test func `A merge that cannot be judged without a program is left to a clone that may, and is no violation`() throws {
        let playground = try playground(policy: "cat > /dev/null")
        let (alice, ci) = (try person("alice", in: playground), try person("ci", in: playground, clone: "other").runningGates())
        #expect(try alice.ask("build", "dev").status == 0)
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "Merge", "origin/promotion/web/dev/1")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let looked = try alice.ask("sync")
        #expect(looked.text("steps", 0, "action") == "stuck", "\(looked.result.output)")
        #expect(looked.text("steps", 0, "detail")?.contains("promote trust") == true)
        #expect(try ci.ask("sync").text("steps", 0, "action") == "merged")
        #expect(try alice.ask("status")["applications", 0, "environments", 0, "tainted"] as? Bool == false)
    }

    @Test func `A hook runs programs where the server's operator said so`() throws {
        let playground = try playground(policy: "cat > /dev/null")
        let alice = try person("alice", in: playground)
        #expect(try alice.promote.run("hook", "install", "--bare", playground.remote).status == 0)
        #expect(try alice.ask("build", "dev").status == 0)
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "Merge", "origin/promotion/web/dev/1")
        let refused = try alice.git.run("push", "-q", "origin", "HEAD:main")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("gate/check"))
        #expect(refused.errors.contains("hook install --run-gates"))
        #expect(try alice.promote.run("hook", "install", "--bare", playground.remote, "--run-gates").output.contains("Installed"))
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
    }
}
