import Foundation
import PromoteTestSupport
import Testing

/// Somebody who can push to the remote writes into the ledger with plain git.
@Suite struct TamperingTests {
    private let image = "registry.example/web"
    private let branch = "refs/heads/promote/ledger/web"

    /// web-1 is merged into dev, web-2 into staging is open and approved by bob, under a policy where staging needs one approval.
    private func openInStaging() throws -> (Playground, alice: Person, bob: Person, mallory: Person) {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let changed = text.replacing(
                "  promotesFrom: [dev]\n", with: "  promotesFrom: [dev]\n  approvals: { required: 2, from: [release-managers] }\n")
            try Data(changed.utf8).write(to: file)
        }
        let (ci, alice, bob) = (try playground.person("ci"), try playground.person("alice"), try playground.person("bob"))
        #expect(try ci.ask("register", "\(image)@\(Playground.digest("1"))").status == 0)
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try alice.ask("dev", "staging").status == 0)
        #expect(try bob.ask("approve", "web-2").status == 0)
        return (playground, alice, bob, try playground.person("mallory"))
    }

    /// Appends a commit with this event to the remote's ledger.
    private func push(_ event: String, by person: Person, signed: Bool, parent: String = "FETCH_HEAD") throws {
        try person.git.succeed("fetch", "-q", "origin", branch)
        let blob = try person.git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try person.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let sign = signed ? ["-S"] : ["--no-gpg-sign"]
        let parentCommit = try person.git.succeed("rev-parse", parent)
        let commit = try person.git.run(["commit-tree", tree, "-p", parentCommit, "-m", "an event"] + sign).output
        try person.git.succeed("push", "-q", "-f", "origin", "\(commit.split(separator: "\n")[0]):\(branch)")
    }

    private func event(_ person: Person, type: String) throws -> String {
        try person.git.succeed("fetch", "-q", "origin", branch)
        for commit in try person.git.succeed("rev-list", "FETCH_HEAD").split(separator: "\n") {
            let text = try person.git.succeed("show", "\(commit):event.json")
            if text.contains("\"type\":\"\(type)\"") { return text }
        }
        throw ToolResult.Failed(description: "no \(type)")
    }

    /// The same event with another id and a later time, as a forger would make it.
    private func renamed(_ event: String) throws -> String {
        let range = try #require(event.range(of: "\"id\":\"01"))
        var result = event.replacingCharacters(in: range, with: "\"id\":\"00")
        let time = try #require(result.firstRange(of: /"time":"[^"]*"/))
        result.replaceSubrange(time, with: "\"time\":\"2099-01-01T00:00:00Z\"")
        return result
    }

    private func rejection(_ person: Person) throws -> String {
        try person.ask("history").text("events", 0, "rejection") ?? "(applied)"
    }

    @Test func `An approval copied from another person counts for nobody`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        let approval = try renamed(event(mallory, type: "PromotionApproved"))
        let forged = approval.replacing("bob@example.org", with: "carol@example.org")
        try push(forged, by: mallory, signed: true)
        #expect(try rejection(alice).contains("not one that allowed_signers lists for carol@example.org"))
        try push(forged.replacing("\"id\":\"00", with: "\"id\":\"02"), by: mallory, signed: false)
        #expect(try rejection(alice).contains("none of them signed"))
        let merge = try alice.ask("merge", "web-2")
        #expect(merge.status == 75)
        let detail = merge.check("approved")?.detail ?? ""
        #expect(detail.hasPrefix("1 of 2 approvals"))
        #expect(detail.contains("not counted: carol@example.org: "))
    }

    @Test func `The very event of an approval, replayed, counts once`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        try push(try event(mallory, type: "PromotionApproved"), by: mallory, signed: false)
        #expect(try rejection(alice).contains("is in the ledger already"))
        #expect(try alice.ask("show", "web-2").check("approved")?.detail.hasPrefix("1 of 2") == true)
    }

    @Test func `A true approval of one promotion, replayed for another, is refused`() throws {
        let (playground, alice, bob, mallory) = try openInStaging()
        let approval = try event(mallory, type: "PromotionApproved")
        #expect(try alice.ask("close", "web-2", "--reason", "again").status == 0)
        #expect(try alice.ask("dev", "staging").text("promotion") == "web-3")
        // Even bob's own signature over his old words does not move them to the new head.
        _ = playground
        try push(try renamed(approval.replacing("\"promotion\":2", with: "\"promotion\":3")), by: bob, signed: true)
        #expect(try rejection(alice).contains("the approval is for the head"))
        #expect(try alice.ask("show", "web-3").check("approved")?.detail.hasPrefix("0 of 2") == true)
    }

    @Test func `A merge that nobody approved enough is not believed`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        let merged = try event(mallory, type: "PromotionMerged")
        let show = try alice.ask("show", "web-2")
        let head = try #require(show.text("commit"))
        var forged = try renamed(merged).replacing("\"promotion\":1", with: "\"promotion\":2").replacing("\"dev\"", with: "\"staging\"")
        let old = try #require(forged.firstRange(of: /"head":"[0-9a-f]{40}"/))
        forged.replaceSubrange(old, with: "\"head\":\"\(head)\"")
        try push(forged, by: alice, signed: true)
        let reason = try rejection(alice)
        #expect(reason.contains("1 of 2 approvals"), "\(reason)")
        try push(forged.replacing("2099", with: "2020").replacing("\"id\":\"00", with: "\"id\":\"02"), by: alice, signed: true)
        #expect(try rejection(alice).contains("its time is before that of the event before it"))
        #expect(try alice.ask("status").text("applications", 0, "environments", 1, "release") == nil)
    }

    @Test(arguments: [
        ("not json", "event.json is not JSON"), ("{}", "lacks version"),
        ("{\"version\":2}", "version 2"), ("{\"version\":1}\n", "lacks type"),
    ])
    func `What is no event is kept, shown and never applied`(_ text: String, _ reason: String) throws {
        let playground = try Playground()
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "\(image)@\(Playground.digest("1"))").status == 0)
        try push(text, by: ci, signed: true)
        #expect(try ci.promote.run("history").output.contains(reason))
        #expect(try ci.ask("build", "dev").status == 0)
    }

    @Test func `An event that is not in canonical form is not applied`() throws {
        let (_, alice, bob, mallory) = try openInStaging()
        let approval = try renamed(event(mallory, type: "PromotionApproved"))
        try push(approval.replacing(",", with: ", "), by: bob, signed: true)
        #expect(try alice.promote.run("history").output.contains("not in canonical form"))
    }

    @Test func `A rewound ledger is refused by whoever saw it, with the command that restores it`() throws {
        let (playground, alice, _, mallory) = try openInStaging()
        _ = try alice.ask("status")
        try mallory.git.succeed("fetch", "-q", "origin", branch)
        try mallory.git.succeed("push", "-q", "-f", "origin", "FETCH_HEAD~1:\(branch)")
        let before = try playground.remoteRefs()
        for arguments in [["status"], ["history"], ["merge", "web-2"], ["approve", "web-2"]] {
            let answer = try alice.promote.run(arguments + ["--json"])
            #expect(answer.status == 77)
            #expect(answer.output.contains("\"rule\" : \"ledger-intact\""))
        }
        #expect(try playground.remoteRefs() == before)
        try alice.git.succeed("push", "-q", "origin", "refs/promote/origin/seen/web:\(branch)")
        #expect(try alice.ask("status").status == 0)
    }

    @Test func `A ledger that is gone, or replaced by another, is refused`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        _ = try alice.ask("status")
        let event = try event(mallory, type: "ReleaseRegistered")
        try mallory.git.succeed("push", "-q", "origin", ":\(branch)")
        #expect(try alice.ask("status").refusedBy == "ledger-intact")
        let blob = try mallory.git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try mallory.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try mallory.git.succeed("commit-tree", tree, "-m", "a new beginning")
        try mallory.git.succeed("push", "-q", "origin", "\(commit):\(branch)")
        #expect(try alice.ask("status").refusedBy == "ledger-intact")
        // Deleting the state store does not make it forget.
        try FileManager.default.removeItem(atPath: alice.directory + "/.git/promote")
        #expect(try alice.ask("status").refusedBy == "ledger-intact")
    }

    @Test(arguments: ["truncated", "empty", "garbage", "older schema"])
    func `A damaged state store is made anew, and the answer is the same`(_ damage: String) throws {
        let playground = try Playground()
        let ci = try playground.person("ci")
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        let before = try ci.promote.run("history", "--json").output
        let file = ci.directory + "/.git/promote/state.sqlite"
        switch damage {
        case "truncated": try Tool("truncate", in: "/").succeed("-s", "5000", file)
        case "empty": try Tool("truncate", in: "/").succeed("-s", "0", file)
        case "garbage": try Data("this is no database, and long enough to be read as one".utf8).write(to: URL(filePath: file))
        default: try Tool("sqlite3", in: "/").succeed(file, "PRAGMA user_version = 999")
        }
        for suffix in ["-wal", "-shm"] { try Tool("rm", in: "/").succeed("-f", file + suffix) }
        let again = try ci.promote.run("history", "--json")
        #expect(again.status == 0)
        #expect(again.output == before)
        #expect(again.errors.contains("read anew from the ledger"))
    }
}
