import Foundation
import PromoteTestSupport
import Testing

/// After something came in without a promotion: what is said of an environment is what Git has there.
@Suite struct AcceptedStateTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person

    /// The first release went to prod; the second one is in staging, and not verified there.
    init() throws {
        playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("    required: 2\n", with: "    required: 1\n").utf8).write(to: file)
        }
        (ci, alice, bob) = (try playground.person("ci"), try playground.person("alice"), try playground.person("bob"))
        try promote("1", into: ["dev", "staging", "prod"])
        try promote("2", into: ["dev", "staging"])
    }

    private func promote(_ digit: Character, into environments: [String]) throws {
        #expect(try ci.ask("register", "registry.example/web:v\(digit)@\(Playground.digest(digit))").status == 0)
        for (from, to) in zip(["build"] + environments, environments) {
            let id = try #require(try alice.ask(from, to).text("promotion"))
            if to == "prod" { #expect(try bob.ask("approve", id).status == 0) }
            #expect(try alice.ask("merge", id).status == 0)
            if digit == "1" || to == "dev" { #expect(try ci.ask("verify", to, "--result", "passed").status == 0) }
        }
    }

    /// Changes a file of an overlay by hand, and pushes that.
    private func edit(_ path: String, by person: Person, _ change: (String) -> String) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: "\(person.directory)/\(path)")
        try Data(change(try String(contentsOf: file, encoding: .utf8)).utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        try person.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    /// Takes the last commit of main back, and pushes that.
    private func revert(by person: Person, merge: Bool = false) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        try person.git.run(["revert", "--no-edit", "-S"] + (merge ? ["-m", "1"] : []) + ["HEAD"]).requireSuccess()
        try person.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    private func environment(_ index: Int, _ person: Person) throws -> [String: Any] {
        try person.ask("status")["applications", 0, "environments", index] as? [String: Any] ?? [:]
    }

    private func digests(_ environment: [String: Any]) -> [String] {
        (environment["images"] as? [[String: Any]] ?? []).compactMap { $0["digest"] as? String }
    }

    @Test func `A promotion that is taken back by hand and accepted leaves the release that Git has, for every reader`() throws {
        try revert(by: alice, merge: true)
        let found = try ci.ask("sync")
        #expect(found.text("steps", 0, "action") == "takenBack")
        #expect(found.text("steps", 0, "detail")?.contains("promote rollback staging") == true)
        let tainted = try environment(1, bob)
        #expect((tainted["git"] as? [String: Any])?["release"] as? String == (try environment(2, bob))["release"] as? String)
        // Nothing is verified that is not there.
        let verification = try ci.ask("verify", "staging", "--result", "passed")
        #expect(verification.refusedBy == "verified-upstream")
        #expect(verification.message?.contains("a verification proves what is there") == true)
        #expect(try alice.promote.succeed("accept", "staging", "--reason", "v2 broke it").contains("it runs web-"))
        for person in [alice, try playground.person("carol")] {
            let present = try environment(1, person)
            #expect(digests(present) == [Playground.digest("1")])
            #expect(present["state"] as? String == "accepted")
            #expect(present["tainted"] as? Bool == false)
        }
        #expect(try bob.ask("history").text("events", 0, "summary")?.contains(Playground.digest("1")) == true)
        #expect(
            try ci.ask("verify", "staging", "--result", "passed").text("release") == (try environment(2, bob))["release"]
                as? String)
        let second = try #require(try environment(0, bob)["release"] as? String)
        #expect(try ci.ask("verify", "staging", "--release", second, "--result", "passed").refusedBy == "verified-upstream")
        #expect(try alice.ask("staging", "prod", "--release", second).refusedBy == "verified-upstream")
        #expect(try bob.ask("audit", "verify").status == 0)
        #expect(try ci.ask("sync").status == 0)
    }

    @Test func `What was verified before it was taken away stays verified`() throws {
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        let second = try #require(try environment(1, bob)["release"] as? String)
        try revert(by: alice, merge: true)
        #expect(try ci.ask("sync").status == 0)
        #expect(try alice.ask("accept", "staging", "--reason", "back").status == 0)
        #expect(try alice.ask("staging", "prod", "--release", second).status == 0)
    }

    @Test func `An unregistered image that is accepted is shown as what it is, and moves nowhere`() throws {
        try edit("overlays/staging/kustomization.yaml", by: alice) {
            $0.replacing(Playground.digest("2"), with: Playground.digest("9"))
        }
        let found = try ci.ask("sync")
        #expect(found.status == 77)
        #expect(found.text("steps", 0, "action") == "violation")
        #expect(try bob.promote.succeed("status").hasPrefix("TAINTED web in staging"))
        let explained = try bob.promote.succeed("explain", "staging")
        #expect(explained.hasPrefix("TAINTED web in staging"))
        #expect(explained.contains("promote accept staging --app web --reason"))
        #expect(try alice.ask("accept", "staging", "--reason", "a hotfix").status == 0)
        let present = try environment(1, try playground.person("carol"))
        #expect(present["release"] is NSNull)
        #expect(present["registered"] as? Bool == false)
        #expect(present["state"] as? String == "unregistered")
        #expect(digests(present) == [Playground.digest("9")])
        #expect(try bob.promote.succeed("status").contains("not registered"))
        for refused in [try ci.ask("verify", "staging", "--result", "passed"), try alice.ask("staging", "prod")] {
            #expect(refused.status == 77)
            #expect(refused.message?.contains("not registered") == true, "\(refused.message ?? "")")
        }
        #expect(try bob.promote.succeed("images", "--in-use").contains(Playground.digest("9")))
        let audit = try bob.ask("audit", "images")
        #expect(audit.status == 77)
        #expect(audit.result.output.contains("unregistered"))
        // A promotion, or a rollback, brings the environment back among the registered.
        let back = try #require(try alice.ask("rollback", "staging", "--reason", "enough").text("promotion"))
        #expect(try alice.ask("merge", back).status == 0)
        #expect(digests(try environment(1, bob)) == [Playground.digest("2")])
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    @Test func `What was accepted in an environment that is gone, with its branch, was accepted all the same`() throws {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(
                text.replacing("  promotesFrom: [dev]\n", with: "  promotesFrom: [dev]\n  delivery: { branch: env/staging }\n")
                    .utf8
            ).write(to: file)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/env/staging")
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to) in [("build", "dev"), ("dev", "staging")] {
            #expect(try alice.ask(from, to, "--merge").status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "staging", "origin/env/staging")
        let overlay = URL(filePath: "\(alice.directory)/overlays/staging/kustomization.yaml")
        let text = try String(contentsOf: overlay, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: overlay)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        try alice.git.succeed("push", "-q", "origin", "HEAD:env/staging")
        #expect(try ci.ask("sync").status == 77)
        #expect(try alice.ask("accept", "staging", "--reason", "a hotfix").status == 0)
        // The environment is retired, and its branch goes.
        try alice.change("environments/environments.yaml") { text in
            let documents = text.split(separator: "---\n").map(String.init)
            return documents[0] + "---\n" + documents[2].replacing("promotesFrom: [staging]", with: "promotesFrom: [dev]")
        }
        try playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main", ":refs/heads/env/staging")
        for person in [ci, try playground.person("bob", clone: "fresh")] {
            let audit = try person.ask("audit", "verify")
            #expect(audit.status == 0, "\(audit.result.output)")
        }
    }

    @Test func `An acceptance that says something else than what its commit has counts for no reader`() throws {
        try edit("overlays/staging/kustomization.yaml", by: alice) {
            $0.replacing(Playground.digest("2"), with: Playground.digest("9"))
        }
        #expect(try ci.ask("sync").status == 77)
        let before = try alice.git.succeed("ls-remote", "origin", "refs/heads/promote/ledger/web").prefix(40)
        #expect(try alice.ask("accept", "staging", "--reason", "a hotfix").status == 0)
        try alice.git.succeed("fetch", "-q", "origin", "refs/heads/promote/ledger/web")
        let lie = try alice.git.succeed("show", "FETCH_HEAD:event.json").replacing(
            Playground.digest("9"), with: Playground.digest("1"))
        let blob = try alice.git.succeed("hash-object", "-w", "--stdin", input: lie)
        let tree = try alice.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try alice.git.succeed("commit-tree", tree, "-p", String(before), "-m", "an event", "-S")
        try alice.git.succeed("push", "-q", "-f", "origin", "\(commit):refs/heads/promote/ledger/web")
        let carol = try playground.person("carol")
        #expect(try carol.ask("history").text("events", 0, "rejection")?.contains("not what is said of it") == true)
        #expect(try environment(1, carol)["tainted"] as? Bool == true)
    }

    @Test func `What is accepted without a record of what is there is compared with Git, and may be accepted with one`() throws {
        try edit("overlays/staging/kustomization.yaml", by: alice) {
            $0.replacing(Playground.digest("2"), with: Playground.digest("1"))
        }
        _ = try ci.ask("sync")
        let before = try alice.git.succeed("ls-remote", "origin", "refs/heads/promote/ledger/web").prefix(40)
        #expect(try alice.ask("accept", "staging", "--reason", "as before").status == 0)
        // As a program writes it that knows nothing of what was found.
        try alice.git.succeed("fetch", "-q", "origin", "refs/heads/promote/ledger/web")
        let event = try alice.git.succeed("show", "FETCH_HEAD:event.json").replacing(/"found":\{.*?\]\},/, with: "")
        let blob = try alice.git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try alice.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try alice.git.succeed("commit-tree", tree, "-p", String(before), "-m", "an event", "-S")
        try alice.git.succeed("push", "-q", "-f", "origin", "\(commit):refs/heads/promote/ledger/web")
        let carol = try playground.person("carol")
        let present = try environment(1, carol)
        #expect(present["tainted"] as? Bool == false)
        #expect(digests(present) == [Playground.digest("2")])
        #expect((present["git"] as? [String: Any])?["release"] as? String == (try environment(2, carol))["release"] as? String)
        #expect(try carol.promote.succeed("status").hasPrefix("DIFFERS web in staging"))
        #expect(try carol.ask("staging", "prod").refusedBy == "not-tainted")
        #expect(try carol.ask("accept", "staging", "--reason", "what is there").status == 0)
        #expect(digests(try environment(1, carol)) == [Playground.digest("1")])
        #expect(try carol.ask("accept", "staging", "--reason", "what is there")["created"] as? Bool == false)
        #expect(try carol.ask("audit", "verify").status == 0)
    }

    @Test func `Taking back what nothing permitted is permitted, and taking it back again is not`() throws {
        try edit("overlays/prod/kustomization.yaml", by: alice) { $0.replacing("CACHE_SECONDS=600", with: "CACHE_SECONDS=1") }
        #expect(try ci.ask("sync").status == 77)
        try alice.git.succeed("revert", "--no-edit", "-S", "HEAD")
        let gate = try bob.ask("gate", "--base", "origin/main", "--head", try pushed("mend", by: alice))
        #expect(gate.status == 0)
        #expect(gate.result.output.contains("goes back to"))
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 0)
        // It stays tainted until an operator has seen it.
        #expect(try environment(2, bob)["tainted"] as? Bool == true)
        #expect(try environment(2, bob)["git"] is NSNull)
        #expect(try bob.ask("accept", "prod", "--reason", "mended").status == 0)
        // A fresh clone finds nothing either.
        #expect(try playground.person("ci", clone: "fresh").ask("sync").status == 0)
        try revert(by: alice)
        #expect(try ci.ask("sync").status == 77)
    }

    @Test func `Going back to what a promotion brought is permitted, and to another release only by a rollback`() throws {
        try edit("overlays/prod/kustomization.yaml", by: alice) {
            $0.replacing(Playground.digest("1"), with: Playground.digest("9"))
        }
        // Not found yet by anyone: what the promotion brought is known all the same.
        try alice.git.succeed("revert", "--no-edit", "-S", "HEAD")
        #expect(try bob.ask("gate", "--base", "origin/main", "--head", try pushed("mend", by: alice)).status == 0)
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: "\(alice.directory)/overlays/staging/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("2"), with: Playground.digest("1")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "down again")
        let gate = try bob.ask("gate", "--base", "origin/main", "--head", try pushed("down", by: alice))
        #expect(gate.status == 77)
        #expect(gate.result.output.contains("promote rollback staging"))
    }

    /// The commit that `person` has checked out, in a branch of the remote.
    private func pushed(_ branch: String, by person: Person) throws -> String {
        try person.git.succeed("push", "-q", "-f", "origin", "HEAD:refs/heads/\(branch)")
        try bob.git.succeed("fetch", "-q", "origin")
        return try person.git.succeed("rev-parse", "HEAD")
    }
}

extension ToolResult {
    fileprivate func requireSuccess() throws {
        guard status == 0 else { throw Failed(description: errors) }
    }
}
