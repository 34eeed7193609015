import Foundation
import PromoteTestSupport
import Testing

/// A plain Git server with our hook: what breaks a rule does not land, whatever program pushes it.
@Suite struct HookTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person
    private let mallory: Person

    /// The hook is there from the beginning, so that all of this went through it: web-3 is open into prod.
    init() throws {
        playground = try Playground()
        let server = Tool(Playground.builtProgram.path, in: playground.scratch.path)
        try server.succeed("hook", "install", "--bare", playground.remote)
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol, mallory) = (try playground.person("bob"), try playground.person("carol"), try playground.person("mallory"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
    }

    /// Pushes, and expects that nothing lands and that the pusher reads why.
    private func refused(
        _ person: Person, _ arguments: String..., saying words: String, _ place: SourceLocation = #_sourceLocation
    ) throws {
        let before = try playground.remoteRefs()
        let result = try person.git.run(["push", "origin"] + arguments)
        #expect(result.status != 0, sourceLocation: place)
        #expect(result.errors.contains("promote refuses this push"), "\(result.errors)", sourceLocation: place)
        #expect(result.errors.contains(words), "\(result.errors)", sourceLocation: place)
        #expect(try playground.remoteRefs() == before, sourceLocation: place)
    }

    private func checkOut(_ person: Person) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
    }

    private func edit(_ person: Person, _ path: String, _ change: (String) -> String) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        try Data(change(try String(contentsOf: file, encoding: .utf8)).utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "An edit")
    }

    @Test func `A promotion goes through from end to end`() throws {
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        #expect(try alice.ask("merge", "web-3").status == 0)
        #expect(try alice.ask("hold", "prod", "--reason", "x").status == 0)
        #expect(try alice.ask("resume", "prod").status == 0)
        #expect(try alice.ask("freeze", "prod", "--reason", "x").status == 0)
        #expect(try alice.ask("unfreeze", "prod").status == 0)
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    @Test func `A merge whose own date does not permit it does not land`() throws {
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        for (date, words) in [
            ("2030-01-01T00:00:00Z", "when it was made would not be known"),
            ("2020-01-01T00:00:00Z", "by then it was not permitted"),
        ] {
            try checkOut(alice)
            try alice.git.succeed("merge", "-q", "--no-ff", "--no-commit", "origin/promotion/web/prod/3")
            let dated = Tool("git", in: alice.directory, environment: ["GIT_COMMITTER_DATE": date])
            try dated.succeed("commit", "-q", "-S", "-m", "by hand")
            try refused(alice, "HEAD:main", saying: words)
        }
        // What the refusal says to do.
        try alice.git.succeed("commit", "-q", "--amend", "--no-edit", "-S")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 0)
    }

    @Test func `What nobody approved does not land, by plain git either`() throws {
        try checkOut(alice)
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", "origin/promotion/web/prod/3")
        try refused(alice, "HEAD:main", saying: "0 of 2 approvals")
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        // Approved, but not merged by somebody who may.
        try checkOut(ci)
        try ci.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", "origin/promotion/web/prod/3")
        try refused(ci, "HEAD:main", saying: "authorized-merge")
        try ci.git.succeed("config", "user.email", "alice@example.org")
        try ci.git.succeed("commit", "-q", "--amend", "--reset-author", "-S", "--no-edit")
        try refused(ci, "HEAD:main", saying: "alice@example.org")
        // By somebody who may, it lands.
        try checkOut(alice)
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", "origin/promotion/web/prod/3")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    @Test func `Digests by hand, edits of bases and of the policy do not land without those who may say so`() throws {
        try checkOut(alice)
        try edit(alice, "overlays/prod/kustomization.yaml") { $0.replacing(Playground.digest("0"), with: Playground.digest("9")) }
        try refused(alice, "HEAD:main", saying: "no promotion brings it")
        try checkOut(alice)
        try edit(alice, "base/kustomization.yaml") { "commonAnnotations: {a: b}\n" + $0 }
        try refused(alice, "HEAD:main", saying: "0 of 2 approvals for prod")
        try checkOut(mallory)
        let key = try String(contentsOfFile: mallory.keyFile + ".pub", encoding: .utf8)
        try edit(mallory, "environments/allowed_signers") { $0 + "mallory@example.org \(key)" }
        try refused(mallory, "HEAD:main", saying: "policy-from-target")
        // And what concerns no environment does.
        try checkOut(alice)
        try alice.git.succeed("commit", "-q", "--allow-empty", "-m", "Words")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/anything")
        try alice.git.succeed("push", "-q", "origin", ":refs/heads/anything")
    }

    @Test func `History is not taken away`() throws {
        try checkOut(alice)
        try refused(alice, "+HEAD~1:main", saying: "does not follow from")
        try refused(alice, ":main", saying: "is not deleted")
        let ledger = "refs/heads/promote/ledger/web"
        try alice.git.succeed("fetch", "-q", "origin", ledger)
        try refused(alice, "+FETCH_HEAD~1:\(ledger)", saying: "only grows")
        try refused(alice, ":\(ledger)", saying: "is not deleted")
    }

    @Test func `Nobody writes in another's name, or at another time, or what is no event`() throws {
        let ledger = "refs/heads/promote/ledger/web"
        func event(_ person: Person, _ change: (String) -> String) throws -> String {
            try person.git.succeed("fetch", "-q", "origin", ledger)
            let old = try person.git.succeed("show", "FETCH_HEAD~2:event.json")
            let blob = try person.git.succeed("hash-object", "-w", "--stdin", input: change(old))
            let tree = try person.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
            return try person.git.succeed("commit-tree", tree, "-p", "FETCH_HEAD", "-S", "-m", "an event")
        }
        func renamed(_ text: String) -> String { text.replacing("\"id\":\"01", with: "\"id\":\"00") }
        let now = try Tool("date", in: "/").succeed("-u", "+%Y-%m-%dT%H:%M:%SZ")
        func dated(_ text: String, _ time: String) throws -> String {
            var text = renamed(text)
            let range = try #require(text.firstRange(of: /"time":"[^"]*"/))
            text.replaceSubrange(range, with: "\"time\":\"\(time)\"")
            return text
        }
        // The verification of staging, by ci: copied by mallory, and in ci's name.
        let forged = try event(mallory) { (try? dated($0, now)) ?? "" }
        try refused(mallory, "\(forged):\(ledger)", saying: "not one that allowed_signers lists for ci@example.org")
        try refused(mallory, "\(event(mallory) { _ in "hello" }):\(ledger)", saying: "not JSON")
        let late = try event(ci) { (try? dated($0, "2099-01-01T00:00:00Z")) ?? "" }
        try refused(ci, "\(late):\(ledger)", saying: "is dated 2099")
        let early = try event(ci) { (try? dated($0, "2020-01-01T00:00:00Z")) ?? "" }
        try refused(ci, "\(early):\(ledger)", saying: "its time is before that of the event before it")
        let honest = try event(ci) { (try? dated($0, now)) ?? "" }
        try ci.git.succeed("push", "-q", "origin", "\(honest):\(ledger)")
    }

    @Test func `An event that says it was long ago is refused where it arrives`() throws {
        try checkOut(alice)
        let text =
            "{\"actor\":\"alice@example.org\",\"id\":\"01M7YMKGQ4TN9576VDG6Q6KP0D\","
            + "\"payload\":{\"environment\":\"prod\",\"reason\":\"x\"},\"policyCommit\":\"\(try alice.git.succeed("rev-parse", "HEAD"))\","
            + "\"time\":\"2020-01-01T00:00:00Z\",\"type\":\"FreezePlaced\",\"version\":1}"
        let blob = try alice.git.succeed("hash-object", "-w", "--stdin", input: text)
        let tree = try alice.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try alice.git.succeed("commit-tree", tree, "-S", "-m", "a freeze")
        try refused(
            alice, "\(commit):refs/heads/promote/ledger/_environments", saying: "is dated 2020-01-01T00:00:00Z, and it comes at")
    }

    @Test func `The branch of a promotion is what the ledger says, until that is decided`() throws {
        let branch = "refs/heads/promotion/web/prod/3"
        try checkOut(alice)
        try refused(alice, "+HEAD:\(branch)", saying: "is not what the ledger says")
        try refused(alice, ":\(branch)", saying: "that is open")
        try refused(alice, "HEAD:refs/heads/promotion/web/prod/9", saying: "is not what the ledger says")
    }

    @Test func `One bad ref keeps all of a push out`() throws {
        try checkOut(alice)
        try edit(alice, "overlays/prod/kustomization.yaml") { $0.replacing(Playground.digest("0"), with: Playground.digest("9")) }
        try refused(alice, "HEAD:main", "HEAD:refs/heads/harmless", saying: "no promotion brings it")
    }

    @Test func `Our own hook is installed once, and somebody else's is left alone`() throws {
        let server = Tool(Playground.builtProgram.path, in: playground.scratch.path)
        #expect(try server.succeed("hook", "install", "--bare", playground.remote).contains("Nothing to do"))
        try Tool("git", in: playground.scratch.path).succeed("init", "-q", "--bare", "other.git")
        let other = playground.scratch.url.appending(path: "other.git/hooks/pre-receive")
        try Data("#!/bin/sh\nexit 0\n".utf8).write(to: other)
        let refused = try server.run("hook", "install", "--bare", playground.scratch.path + "/other.git")
        #expect(refused.status == 64)
        #expect(refused.errors.contains("call `promote hook pre-receive` from it"))
        #expect(try server.run("hook", "install", "--bare", alice.directory).status == 64)
    }

    @Test func `A repository that is only being set up takes its first branch and its first policy`() throws {
        let git = Tool("git", in: playground.scratch.path)
        try git.succeed("init", "-q", "--bare", "-b", "main", "new.git")
        let new = playground.scratch.path + "/new.git"
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", new)
        try alice.git.succeed("push", "-q", new, "origin/main~2:refs/heads/main")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "--orphan", "empty")
        try alice.git.succeed("rm", "-q", "-r", "-f", ".")
        try alice.git.succeed("commit", "-q", "--allow-empty", "-m", "Nothing yet")
        try git.succeed("init", "-q", "--bare", "-b", "main", "newer.git")
        let newer = playground.scratch.path + "/newer.git"
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", newer)
        try alice.git.succeed("push", "-q", newer, "HEAD:refs/heads/main")
        try alice.git.succeed("checkout", "-q", "origin/main", "--", ".")
        try alice.git.succeed("commit", "-q", "-m", "The policy")
        try alice.git.succeed("push", "-q", newer, "HEAD:refs/heads/main")
    }
}
