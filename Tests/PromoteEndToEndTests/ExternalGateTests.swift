import Foundation
import PromoteTestSupport
import Testing

/// Programs of the policy's own judge what would be rendered.
@Suite struct ExternalGateTests {
    /// The chain up to staging, with `gates` for prod, and a script `policy/check` on the target branch.
    private func playground(_ gates: String, script: String = "") throws -> Playground {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            var text = try String(contentsOf: file, encoding: .utf8)
            text = text.replacing("  promotesFrom: [staging]\n", with: "  promotesFrom: [staging]\n  gates: \(gates)\n")
            try Data(text.utf8).write(to: file)
            let folder = seed.appending(path: "policy")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(script.utf8).write(to: folder.appending(path: "check"))
        }
        let (ci, alice) = (
            try playground.person("ci", clone: "ci-before"), try playground.person("alice", clone: "alice-before")
        )
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        return playground
    }

    @Test func `A gate reads the manifests, and refuses with its own words`() throws {
        let script =
            "grep -q \"image: registry.example/web@\(Playground.digest("1"))\" && echo no replicas for $PROMOTE_ENVIRONMENT && exit 3"
        let playground = try playground("[{ name: policy, command: [sh, policy/check], files: [policy] }]", script: script)
        let alice = try playground.person("alice").runningGates()
        let answer = try alice.ask("staging", "prod")
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "gate/policy")
        #expect(answer.message?.contains("exit status 3") == true)
        #expect(answer.message?.contains("no replicas for prod") == true)
    }

    @Test func `A gate that passes lets it through, and status asks none`() throws {
        let playground = try playground(
            "[{ name: policy, command: [sh, policy/check], files: [policy] }]", script: "cat > /dev/null")
        let alice = try playground.person("alice").runningGates()
        let answer = try alice.ask("staging", "prod")
        #expect(answer.status == 0)
        #expect(answer.check("gate/policy")?.status == "pass")
        let open = try alice.ask("status")["applications", 0, "environments", 2, "open"] as? [String: Any]
        let checks = open?["checks"] as? [[String: Any]] ?? []
        #expect(checks.first { $0["rule"] as? String == "gate/policy" }?["status"] as? String == "pending")
        for name in ["bob", "carol"] { #expect(try playground.person(name).runningGates().ask("approve", "web-3").status == 0) }
        #expect(try alice.ask("merge", "web-3").status == 0)
    }

    @Test(arguments: [
        ("[{ name: policy, command: [no-such-program-here] }]", "no verdict"),
        ("[{ name: policy, command: [sleep, '30'], timeout: 1s }]", "within 1 s"),
        ("[{ name: policy, command: [yes], timeout: 20s }]", "no verdict"),
        ("[{ name: policy, command: [cat], files: [nowhere] }]", "not on the target branch"),
    ])
    func `A gate that says nothing keeps it waiting`(_ gates: String, _ reason: String) throws {
        let playground = try playground(gates)
        let alice = try playground.person("alice").runningGates()
        let answer = try alice.ask("staging", "prod")
        #expect(answer.status == 0)
        let check = try #require(answer.check("gate/policy"))
        #expect(check.status == "pending")
        #expect(check.detail.contains(reason), "\(check.detail)")
        for name in ["bob", "carol"] { #expect(try playground.person(name).runningGates().ask("approve", "web-3").status == 0) }
        #expect(try alice.ask("merge", "web-3").status == 75)
    }

    @Test(arguments: ["[\"true\"]", "[grep, -q, kind]", "[sh, -c, 'test \"$PROMOTE_ENVIRONMENT\" = prod']"])
    func `A gate that decides without reading everything is heard`(_ command: String) throws {
        let playground = try playground("[{ name: policy, command: \(command) }]")
        let alice = try playground.person("alice").runningGates()
        let big =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata: {x: \"\(String(repeating: "a", count: 400_000))\"}\n"
        let base = URL(filePath: alice.directory).appending(path: "base")
        let kustomization = base.appending(path: "kustomization.yaml")
        try Data(big.utf8).write(to: base.appending(path: "big.yaml"))
        let text = try String(contentsOf: kustomization, encoding: .utf8)
        try Data(text.replacing("resources:\n", with: "resources:\n  - big.yaml\n").utf8).write(to: kustomization)
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-m", "Something big")
        try alice.git.succeed("push", "-q", "origin", "main")
        for _ in 0..<5 {
            let answer = try alice.ask("plan", "staging", "prod")
            #expect(answer.check("gate/policy")?.status == "pass", "\(answer.status) \(answer.result)")
        }
    }

    @Test func `A gate gets no secrets, and no shell reads its arguments`() throws {
        let playground = try playground(
            "[{ name: policy, command: [sh, policy/check, '$(touch hacked); *'], files: [policy] }]",
            script: "cat > /dev/null; env; ls; echo \"$1\"; exit 1")
        var tool = try playground.person("alice").runningGates().promote
        tool.environment["GITHUB_TOKEN"] = "s3cret"
        tool.environment["PROMOTE_TOKEN"] = "s3cret"
        let result = try tool.run("staging", "prod", "--json")
        #expect(result.status == 77)
        // All that it printed is in the answer, line by line: its environment, its folder, its argument.
        #expect(result.output.contains("PROMOTE_ENVIRONMENT=prod\\n"))
        #expect(result.output.contains("policy\\n$(touch hacked); *\\n"))
        #expect(!result.output.contains("s3cret"))
        #expect(!result.output.contains("hacked\\n"))
    }

    @Test func `The answer would show a token and a file that a gate made`() throws {
        let playground = try playground(
            "[{ name: policy, command: [sh, policy/check, x], files: [policy] }]",
            script: "cat > /dev/null; env; echo TOKEN=s3cret; touch hacked; ls; exit 1")
        let result = try playground.person("alice").runningGates().promote.run("staging", "prod", "--json")
        #expect(result.output.contains("TOKEN=s3cret\\n"))
        #expect(result.output.contains("hacked\\n"))
    }

    @Test func `What a gate goes by is on the target branch, and not what a change brings`() throws {
        let playground = try playground(
            "[{ name: policy, command: [sh, policy/check], files: [policy] }]", script: "cat > /dev/null; exit 1")
        let alice = try playground.person("alice").runningGates()
        try Data("exit 0\n".utf8).write(to: URL(filePath: alice.directory + "/policy/check"))
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "A kinder gate")
        #expect(try alice.ask("staging", "prod").refusedBy == "gate/policy")
    }
}
