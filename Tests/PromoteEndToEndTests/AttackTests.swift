import Foundation
import PromoteTestSupport
import Testing

/// Ways around the gate that are tried by name; others are with what they attack: RefusalTests, TamperingTests, GateTests,
/// HookTests, SyncTests.
@Suite struct AttackTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
    }

    private func register(_ digit: Character, tag: String = "v1") throws {
        #expect(try ci.ask("register", "registry.example/web:\(tag)@\(Playground.digest(digit))").status == 0)
    }

    private func openIntoProd() throws {
        try register("1")
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
    }

    @Test func `A verification is of a digest, and the tag that it shares with another proves nothing`() throws {
        try register("1", tag: "latest")
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        try register("2", tag: "latest")
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-2").status == 0)
        let before = try playground.remoteRefs()
        let answer = try alice.ask("dev", "staging")
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "verified-upstream")
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `Nobody without the role says that it works`() throws {
        try register("1")
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        let before = try playground.remoteRefs()
        for person in [alice, try playground.person("mallory")] {
            let answer = try person.ask("verify", "dev", "--result", "passed")
            #expect(answer.status == 77)
            #expect(answer.refusedBy == "authorized")
        }
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `Two keys of one person are one approval`() throws {
        try openIntoProd()
        // Bob gets a second key, as the policy allows.
        let key = playground.scratch.path + "/key-bob-2"
        try Tool("ssh-keygen", in: "/").succeed("-q", "-t", "ed25519", "-N", "", "-f", key)
        try bob.git.succeed("pull", "-q", "origin", "main")
        let signers = URL(filePath: bob.directory + "/environments/allowed_signers")
        let text = try String(contentsOf: signers, encoding: .utf8)
        let line = "bob@example.org " + (try String(contentsOfFile: key + ".pub", encoding: .utf8))
        try Data((text + line).utf8).write(to: signers)
        try bob.git.succeed("commit", "-q", "-a", "-S", "-m", "A second key")
        try playground.consent(to: bob, by: ["alice", "carol"])
        try bob.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try bob.ask("approve", "web-3").status == 0)
        try bob.git.succeed("config", "user.signingkey", key)
        #expect(try bob.ask("approve", "web-3").status == 0)
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 75)
        #expect(merge.check("approved")?.detail.hasPrefix("1 of 2 approvals") == true)
    }

    @Test(arguments: ["Bob@example.org", "BOB@EXAMPLE.ORG", "bob@example.org.", "b0b@example.org"])
    func `A name that looks like an approver's is another name`(_ name: String) throws {
        try openIntoProd()
        let before = try playground.remoteRefs()
        var tool = bob.promote
        tool.environment["PROMOTE_ACTOR"] = name
        let answer = JSONAnswer(try tool.run("approve", "web-3", "--json"))
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "authorized")
        #expect(try playground.remoteRefs() == before)
    }

    @Test(arguments: ["b\u{043E}b@example.org", "bob@example.org\u{200B}", "bob@exam\u{00AD}ple.org"])
    func `A name with letters that look like others is no name`(_ name: String) throws {
        try openIntoProd()
        var tool = bob.promote
        tool.environment["PROMOTE_ACTOR"] = name
        let answer = JSONAnswer(try tool.run("approve", "web-3", "--json"))
        #expect(answer.status == 65)
        #expect(answer.message?.contains("is not a principal") == true)
    }

    @Test func `An edit of a base does not travel with a promotion`() throws {
        try openIntoProd()
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/promotion/web/prod/3")
        let base = URL(filePath: alice.directory + "/base/kustomization.yaml")
        let text = try String(contentsOf: base, encoding: .utf8)
        try Data(("commonAnnotations: {a: b}\n" + text).utf8).write(to: base)
        try alice.git.succeed("commit", "-q", "-a", "-S", "--amend", "--no-edit")
        let answer = try alice.ask("gate")
        #expect(answer.status != 0)
        let entries = answer["environments"] as? [[String: Any]] ?? []
        let prod = entries.first { $0["name"] as? String == "prod" }
        #expect(prod?["permitted"] as? Bool == false)
    }

    @Test func `Approvals and releases of another repository mean nothing here`() throws {
        try openIntoProd()
        #expect(try bob.ask("approve", "web-3").status == 0)
        // The same people, the same names, another repository.
        let other = try Playground()
        let stranger = try other.person("ci")
        #expect(try stranger.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        let ledger = "refs/heads/promote/ledger/web"
        try bob.git.succeed("fetch", "-q", "origin", ledger)
        let event = try bob.git.succeed("show", "FETCH_HEAD:event.json")
        #expect(event.contains("PromotionApproved"))
        let person = try other.person("bob")
        try person.git.succeed("config", "user.signingkey", bob.keyFile)
        try person.git.succeed("fetch", "-q", "origin", ledger)
        let blob = try person.git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try person.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try person.git.succeed("commit-tree", tree, "-p", "FETCH_HEAD", "-S", "-m", "replayed")
        try person.git.succeed("push", "-q", "origin", "\(commit):\(ledger)")
        let events = try stranger.ask("history")["events"] as? [[String: Any]] ?? []
        let rejections = events.compactMap { $0["rejection"] as? String }
        #expect(rejections.count == 1)
        #expect(rejections.first?.isEmpty == false)
    }

    @Test func `A key that was revoked counts no more, for what is open neither`() throws {
        try openIntoProd()
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        try alice.git.succeed("pull", "-q", "origin", "main")
        let file = URL(filePath: alice.directory + "/environments/revoked_keys")
        try Data(("# lost\n" + (try String(contentsOfFile: bob.keyFile + ".pub", encoding: .utf8))).utf8).write(to: file)
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Bob lost his key")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 75)
        #expect(merge.check("approved")?.detail.hasPrefix("1 of 2 approvals") == true)
        #expect(try bob.ask("hold", "prod", "--reason", "x").refusedBy == "authorized")
        #expect(try bob.ask("approve", "web-3").refusedBy == "authorized")
        // What was done with it before was right then.
        #expect(try carol.ask("audit", "verify").status == 0)
    }

    @Test func `Some approvers must be among them`() throws {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("    required: 2\n", with: "    required: 2\n    include: [carol@example.org]\n").utf8).write(
                to: file)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try ci.ask("register", "registry.example/web:v2@\(Playground.digest("2"))").status == 0)
        let opened = try alice.ask("staging", "prod")
        #expect(opened.status == 0)
        #expect(try playground.person("bob").ask("approve", "web-3").status == 0)
        let waiting = try alice.ask("show", "web-3")
        #expect(waiting.check("approved")?.detail.contains("needs carol@example.org") == true)
        #expect(try playground.person("carol").ask("approve", "web-3").status == 0)
        #expect(try alice.ask("merge", "web-3").status == 0)
    }
}
