import Foundation
import PromoteTestSupport
import Testing

/// Merges made with another program are found afterwards, and are either what was approved or a violation.
@Suite struct SyncTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person

    /// web-3 is open into prod.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
    }

    private func approve() throws {
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
    }

    private func land(_ person: Person, _ way: String) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        switch way {
        case "merge": try person.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", "origin/promotion/web/prod/3")
        case "squash":
            try person.git.succeed("merge", "-q", "--squash", "origin/promotion/web/prod/3")
            try person.git.succeed("commit", "-q", "-S", "-m", "squashed")
        // Within the second in which it was proposed, the same commit would come out, which is a fast-forward.
        default: try person.git.succeed("cherry-pick", "-S", "-x", "origin/promotion/web/prod/3")
        }
    }

    private func push(_ person: Person) throws { try person.git.succeed("push", "-q", "origin", "HEAD:main") }

    private func steps(_ person: Person) throws -> [String] {
        let answer = try person.ask("sync")
        let steps = (answer["steps"] as? [[String: Any]] ?? []).map { "\($0["action"] ?? "") \($0["environment"] ?? "")" }
        let isFound = steps.contains { $0.hasPrefix("violation") }
        #expect(answer.status == (isFound ? 77 : 0), "\(answer.result.output)")
        return steps
    }

    private func environment(_ answer: JSONAnswer) -> [String: Any] {
        answer["applications", 0, "environments", 2] as? [String: Any] ?? [:]
    }

    @Test(arguments: ["merge", "squash", "rebase"])
    func `What was approved and merged elsewhere becomes a merge in the ledger, once`(_ way: String) throws {
        try approve()
        try land(alice, way)
        try push(alice)
        #expect(try steps(ci) == ["merged prod"])
        #expect(try steps(ci).isEmpty)
        #expect(try steps(bob).isEmpty)
        let status = environment(try bob.ask("status"))
        #expect(status["state"] as? String == "merged")
        #expect(status["tainted"] as? Bool == false)
        #expect(try bob.ask("show", "web-3").text("mergeCommit") != nil)
        #expect(try playground.remoteRefs().contains("promotion/") == false)
        #expect(try bob.ask("audit", "verify").status == 0)
        #expect(try ci.ask("verify", "prod", "--result", "passed").status == 0)
    }

    @Test func `What was merged elsewhere after a merge the other way round is found as what it is`() throws {
        try approve()
        try alice.git.succeed("fetch", "-q", "origin")
        let root = try alice.git.succeed("rev-list", "--max-parents=0", "origin/main")
        let side = try alice.git.succeed("commit-tree", "-S", "-m", "side", "-p", root, "\(root)^{tree}")
        let pull = try alice.git.succeed(
            "commit-tree", "-S", "-m", "pull", "-p", side, "-p", "origin/main", "origin/main^{tree}")
        try alice.git.succeed("push", "-q", "origin", "\(pull):refs/heads/main")
        try land(alice, "merge")
        try push(alice)
        #expect(try steps(ci) == ["merged prod"])
        #expect(try steps(bob).isEmpty)
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == false)
    }

    @Test(arguments: ["merge", "squash"])
    func `What was merged with Git is not merged again: it becomes the merge in the ledger`(_ way: String) throws {
        try approve()
        try land(alice, way)
        try push(alice)
        let tip = try alice.git.succeed("rev-parse", "HEAD")
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 0, "\(merge.result.output)")
        #expect(try alice.ask("show", "web-3").text("mergeCommit") == tip)
        #expect(try alice.git.succeed("ls-remote", "origin", "refs/heads/main").hasPrefix(tip))
        #expect(try steps(ci).contains { $0.hasPrefix("violation") } == false)
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == false)
    }

    @Test func `What was merged with Git against the rules is no merge that the ledger would hide`() throws {
        try land(ci, "merge")
        try push(ci)
        try approve()
        let refs = try playground.remoteRefs()
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 77)
        #expect(try playground.remoteRefs().contains("promotion/web/prod/3") == refs.contains("promotion/web/prod/3"))
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == true)
    }

    /// A commit of a minute ago that changes how often prod runs, proposed on a branch.
    private func proposedChange() throws -> String {
        try alice.change("overlays/prod/kustomization.yaml") { $0.replacing("count: 6", with: "count: 7") }
        var git = alice.git
        git.environment["GIT_COMMITTER_DATE"] = try Tool("date", in: "/").succeed("-d", "-60 seconds", "+%s +0000")
        try git.succeed("commit", "-q", "--amend", "-S", "--no-edit")
        try alice.git.succeed("push", "-q", "-f", "origin", "HEAD:refs/heads/seven")
        return try alice.git.succeed("rev-parse", "HEAD")
    }

    @Test(arguments: [true, false])
    func `A change that becomes the tip itself is authorized by approvals that were there before it`(_ before: Bool) throws {
        let head = try proposedChange()
        if !before { try push(alice) }
        for person in [bob, carol] {
            try person.git.succeed("fetch", "-q", "origin")
            let answer = try person.ask("approve", "--change", head)
            if before { #expect(answer.status == 0, "\(answer.result.output)") }
        }
        if before { try push(alice) }
        #expect(try steps(ci) == (before ? [] : ["violation prod"]))
        #expect(environment(try playground.person("bob", clone: "fresh").ask("status"))["tainted"] as? Bool == !before)
    }

    @Test func `What is wrong is told to those who may not record it`() throws {
        let mallory = try playground.person("mallory")
        try land(alice, "merge")
        try push(alice)
        for _ in 1...2 { #expect(try steps(mallory) == ["violation prod", "stuck prod"]) }
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == false)
        #expect(try steps(ci) == ["violation prod"])
        #expect(try steps(mallory) == [])
    }

    @Test func `What nobody approved taints the environment until an operator accepts it`() throws {
        try land(alice, "merge")
        // A moment ago, so that clocks that count seconds can tell what came first.
        var git = alice.git
        git.environment["GIT_COMMITTER_DATE"] = try Tool("date", in: "/").succeed("-d", "-10 seconds", "+%s +0000")
        try git.succeed("commit", "-q", "--amend", "-S", "--no-edit")
        try push(alice)
        // Approved afterwards, which is too late.
        try approve()
        #expect(try steps(ci) == ["violation prod"])
        #expect(try steps(ci).isEmpty)
        let tainted = environment(try bob.ask("status"))
        #expect(tainted["tainted"] as? Bool == true)
        #expect(try bob.promote.succeed("status").contains("TAINTED"))
        #expect(try ci.ask("accept", "prod", "--reason", "no").refusedBy == "authorized")
        #expect(try carol.ask("accept", "prod", "--reason", "seen").status == 0)
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == false)
        #expect(try steps(bob).isEmpty)
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    @Test func `A merge that is dated ahead is authorized by no approval that came after it`() throws {
        try land(alice, "merge")
        var git = alice.git
        git.environment["GIT_COMMITTER_DATE"] = try Tool("date", in: "/").succeed("-d", "+1 day", "+%s +0000")
        try git.succeed("commit", "-q", "--amend", "-S", "--no-edit")
        try push(alice)
        for person in [bob, carol] { try person.promote.run("approve", "web-3") }
        #expect(try steps(ci) == ["violation prod"])
        for person in [alice, try playground.person("bob", clone: "fresh")] {
            #expect(environment(try person.ask("status"))["tainted"] as? Bool == true)
        }
    }

    @Test func `Whoever may not merge brings a violation, though it was approved`() throws {
        try approve()
        try land(ci, "merge")
        try push(ci)
        #expect(try steps(bob) == ["violation prod"])
        let detail = (environment(try bob.ask("status"))["violations"] as? [[String: Any]])?.first?["detail"] as? String
        #expect(detail?.contains("authorized-merge") == true)
    }

    @Test func `A merge with something else in it is a violation, and nothing moves on from there`() throws {
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: alice.directory + "/overlays/staging/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        try push(alice)
        #expect(try steps(ci) == ["violation staging"])
        try approve()
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 77)
        #expect(merge.refusedBy == "not-tainted")
        #expect(try alice.ask("accept", "staging", "--reason", "a test of ours").status == 0)
        #expect(try alice.ask("merge", "web-3").status == 0)
    }

    @Test func `A change of the policy that nobody approved is told, and no environment is tainted for it`() throws {
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: alice.directory + "/environments/allowed_signers")
        let keys = try String(contentsOf: file, encoding: .utf8)
        let mine = try #require(keys.split(separator: "\n").first { $0.hasPrefix("alice@") })
        try Data((keys + mine.replacing("alice@", with: "mallory@") + "\n").utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "a key")
        try push(alice)
        let found = try ci.ask("sync")
        #expect(found.text("steps", 0, "action") == "violation")
        #expect(found["steps", 0, "environment"] == nil)
        #expect(found.text("steps", 0, "detail")?.hasPrefix("policy-from-target: the policy changes") == true)
        let told = try bob.promote.run("status")
        #expect(told.output.contains("environments/"))
        #expect(told.output.contains("does not count"))
        #expect(try bob.promote.run("sync").status == 0)
        #expect(try steps(ci).isEmpty)
        #expect(environment(try bob.ask("status"))["tainted"] as? Bool == false)
    }

    @Test func `An event that says somebody else merged is believed only with their commit`() throws {
        try approve()
        try land(alice, "merge")
        try alice.git.succeed("config", "user.email", "bob@example.org")
        try alice.git.succeed("commit", "-q", "--amend", "--reset-author", "-S", "--no-edit")
        try push(alice)
        // Committed in bob's name, with alice's key.
        #expect(try steps(ci) == ["violation prod"])
    }
}
