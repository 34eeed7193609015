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
                "  promotesFrom: [dev]\n", with: "  promotesFrom: [dev]\n  approvals: { required: 2, from: [release-managers] }\n"
            )
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

    /// All of them, wherever history puts them.
    private func rejections(_ person: Person) throws -> String {
        let events = try person.ask("history")["events"] as? [[String: Any]] ?? []
        return events.compactMap { $0["rejection"] as? String }.joined(separator: "\n")
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
        var forged = try renamed(merged).replacing("\"promotion\":1", with: "\"promotion\":2").replacing(
            "\"dev\"", with: "\"staging\"")
        let old = try #require(forged.firstRange(of: /"head":"[0-9a-f]{40}"/))
        forged.replaceSubrange(old, with: "\"head\":\"\(head)\"")
        // Its policy commit is older than that of bob's approval.
        try push(forged, by: alice, signed: true)
        #expect(try rejection(alice).contains("is older than that of the event before it"))
        let approval = try event(mallory, type: "PromotionApproved")
        let policy = try #require(approval.firstMatch(of: /"policyCommit":"[0-9a-f]{40}"/)?.output)
        let forgedPolicy = try #require(forged.firstRange(of: /"policyCommit":"[0-9a-f]{40}"/))
        forged.replaceSubrange(forgedPolicy, with: policy)
        forged = forged.replacing("\"id\":\"00", with: "\"id\":\"03")
        try push(forged, by: alice, signed: true)
        let reason = try rejection(alice)
        #expect(reason.contains("1 of 2 approvals"), "\(reason)")
        try push(forged.replacing("2099", with: "2020").replacing("\"id\":\"03", with: "\"id\":\"02"), by: alice, signed: true)
        #expect(try rejection(alice).contains("its time is before that of the event before it"))
        #expect(try alice.ask("status").text("applications", 0, "environments", 1, "release") == nil)
    }

    @Test(arguments: [
        ("not json", "event.json is not JSON"), ("{}", "lacks version"),
        ("{\"version\":3}", "version 3"), ("{\"version\":1}\n", "lacks type"),
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

    /// An event as canonical JSON.
    private func forged(_ type: String, by actor: String, policy: String, _ payload: String) -> String {
        "{\"actor\":\"\(actor)\",\"id\":\"00FORGED\(type)\",\"payload\":\(payload),\"policyCommit\":\"\(policy)\","
            + "\"time\":\"2099-01-01T00:00:00Z\",\"type\":\"\(type)\",\"version\":1}"
    }

    private func tip(_ person: Person) throws -> String {
        try person.git.succeed("fetch", "-q", "origin", "main")
        return try person.git.succeed("rev-parse", "FETCH_HEAD")
    }

    @Test func `A policy made inside a pull request and taken back in it was never the target's`() throws {
        let (_, alice, bob, mallory) = try openInStaging()
        let head = try #require(try alice.ask("show", "web-2").text("commit"))
        let release = try #require(try alice.ask("show", "web-2").text("release"))
        // A pull request whose first commit needs no approvals and whose second takes that back.
        try mallory.git.succeed("pull", "-q", "origin", "main")
        let file = URL(filePath: mallory.directory).appending(path: "environments/environments.yaml")
        let before = try Data(contentsOf: file)
        try Data(String(decoding: before, as: UTF8.self).replacing("required: 2", with: "required: 0").utf8).write(to: file)
        try mallory.git.succeed("commit", "-q", "-am", "one")
        let inside = try mallory.git.succeed("rev-parse", "HEAD")
        try before.write(to: file)
        try mallory.git.succeed("commit", "-q", "-am", "two")
        try mallory.git.succeed("checkout", "-q", "-b", "merging", "HEAD~2")
        try mallory.git.succeed("merge", "-q", "--no-ff", "-m", "a pull request", "main")
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        let payload =
            "{\"commit\":\"\(inside)\",\"environment\":\"staging\",\"head\":\"\(head)\",\"promotion\":2,\"release\":\"\(release)\"}"
        try push(forged("PromotionMerged", by: "bob@example.org", policy: inside, payload), by: bob, signed: true)
        #expect(try rejection(alice).contains("approvals"))
        #expect(try alice.ask("show", "web-2").text("state") == "open")
        // A clone that reads it all for the first time says the same.
        try FileManager.default.removeItem(atPath: alice.directory + "/.git/promote")
        #expect(try rejection(alice).contains("approvals"))
    }

    @Test func `A merge commit in a ledger, which hides events behind a fast-forward, is refused`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        _ = try alice.ask("status")
        let event = try event(mallory, type: "ReleaseRegistered")
        let blob = try mallory.git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try mallory.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let first = try mallory.git.succeed("rev-list", "--max-parents=0", "FETCH_HEAD")
        let commit = try mallory.git.succeed("commit-tree", tree, "-p", first, "-p", "FETCH_HEAD", "-m", "a merge")
        // An ordinary push: no force is needed.
        try mallory.git.succeed("push", "-q", "origin", "\(commit):\(branch)")
        #expect(try alice.ask("status").refusedBy == "ledger-intact")
        try FileManager.default.removeItem(atPath: alice.directory + "/.git/promote")
        #expect(try alice.ask("status").refusedBy == "ledger-intact")
        #expect(try mallory.ask("status").refusedBy == "ledger-intact")
    }

    @Test func `No numbers in an event, and no malformed commit, stop a reader`() throws {
        let (_, alice, _, mallory) = try openInStaging()
        let policy = try tip(mallory)
        for number in ["-9223372036854775808", "9223372036854775807", "0", "-1"] {
            try push(
                forged("ApprovalRevoked", by: "m@x", policy: policy, "{\"promotion\":\(number)}")
                    .replacing("00FORGED", with: "00FORGED\(number)"), by: mallory, signed: false)
            #expect(try alice.ask("status").status == 0)
        }
        try mallory.git.succeed("fetch", "-q", "origin", branch)
        let parent = try mallory.git.succeed("rev-parse", "FETCH_HEAD")
        let tree = try mallory.git.succeed("rev-parse", "FETCH_HEAD^{tree}")
        let raw = "tree \(tree)\nparent \(parent)\nauthor nobody at all\n\nno committer\n"
        let commit = try mallory.git.succeed("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input: raw)
        try mallory.git.succeed("push", "-q", "origin", "\(commit):\(branch)")
        #expect(try alice.ask("status").status == 0)
        #expect(try alice.ask("approve", "web-2").refusedBy == "approved")
    }

    @Test func `A request that names another branch as its own cannot make anybody delete it`() throws {
        let (playground, alice, _, mallory) = try openInStaging()
        let (policy, release) = (try tip(mallory), try #require(try alice.ask("show", "web-2").text("release")))
        let content = "{\"base\":\"\(policy)\",\"branch\":\"main\",\"head\":\"\(policy)\",\"rendered\":\"x\"}"
        let payload =
            "{\"content\":\(content),\"environment\":\"dev\",\"from\":\"build\",\"promotion\":3,\"release\":\"\(release)\"}"
        try push(forged("PromotionRequested", by: "m@x", policy: policy, payload), by: mallory, signed: false)
        #expect(try rejection(alice).contains("main is not the branch of web-3"))
        #expect(try playground.remoteRefs().contains("refs/heads/main "))
    }

    @Test func `A merge that is in no branch is not believed`() throws {
        let playground = try Playground()
        let (ci, mallory) = (try playground.person("ci"), try playground.person("mallory"))
        let release = try #require(try ci.ask("register", "\(image)@\(Playground.digest("1"))").text("release"))
        let head = try #require(try ci.ask("build", "dev").text("commit"))
        let policy = try tip(mallory)
        for commit in [String(repeating: "d", count: 40), head, policy] {
            let payload =
                "{\"commit\":\"\(commit)\",\"environment\":\"dev\",\"head\":\"\(head)\",\"promotion\":1,\"release\":\"\(release)\"}"
            try push(
                forged("PromotionMerged", by: "m@x", policy: policy, payload).replacing(
                    "00FORGED", with: "00\(commit.prefix(5))"),
                by: mallory, signed: false)
            #expect(try rejection(ci).contains("authorized-merge"))
        }
        #expect(try ci.ask("verify", "dev", "--result", "passed").refusedBy == "verified-upstream")
    }

    @Test func `A key that signs otherwise than it says is found before anything is pushed`() throws {
        let (playground, alice, _, _) = try openInStaging()
        let other = playground.scratch.url.appending(component: "key-mallory").path
        try playground.scratch.write(
            "#!/bin/sh\n# signs with another key than it is told\nexec ssh-keygen -Y sign -n git -f \(other)\n", to: "signer")
        try Tool("chmod", in: "/").succeed("+x", playground.scratch.path + "/signer")
        try alice.git.succeed("config", "gpg.ssh.program", playground.scratch.path + "/signer")
        let before = try playground.remoteRefs()
        let refused = try alice.ask("close", "web-2", "--reason", "no")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "authorized")
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `A clone without the history that judging needs is refused, and writes nothing`() throws {
        let (playground, _, _, _) = try openInStaging()
        let directory = playground.scratch.path + "/shallow"
        try Tool("git", in: "/").succeed("clone", "-q", "--depth", "1", "file://\(playground.remote)", directory)
        let program = try playground.person("ci", clone: "another").promote.path
        let result = try Tool(program, in: directory).run("status")
        #expect(result.status == 65)
        #expect(result.errors.contains("git fetch --unshallow"))
    }

    @Test func `A target branch that was pushed back by force is judged anew, by old clones as by fresh ones`() throws {
        let (playground, alice, bob, _) = try openInStaging()
        _ = try alice.ask("status")
        let ci = try playground.person("ci", clone: "ci-2")
        _ = try ci.ask("register", "\(image)@\(Playground.digest("2"))")
        #expect(try alice.ask("build", "dev", "--merge").status == 0)
        let tip = try Tool("git", in: playground.remote).succeed("rev-parse", "main~1")
        try Tool("git", in: playground.remote).succeed("update-ref", "refs/heads/main", tip)
        let fresh = try playground.person("carol")
        let expected = try fresh.promote.run("status", "--json").output
        for person in [alice, bob, ci] { #expect(try person.promote.run("status", "--json").output == expected) }
        // And what they do then counts for everybody.
        #expect(try ci.ask("register", "\(image)@\(Playground.digest("3"))").status == 0)
        #expect(try fresh.ask("history").text("events", 0, "rejection") == nil)
    }

    @Test func `Two remotes are two worlds`() throws {
        let (playground, alice, _, _) = try openInStaging()
        try alice.git.succeed("init", "-q", "--bare", playground.scratch.path + "/fork.git")
        try alice.git.succeed("push", "-q", playground.scratch.path + "/fork.git", "HEAD:refs/heads/main")
        try alice.git.succeed("remote", "add", "fork", playground.scratch.path + "/fork.git")
        let before = try alice.promote.run("status", "--json").output
        let fork = try alice.promote.run("status", "--json", "--remote", "fork")
        #expect(fork.status == 0)
        #expect(!fork.output.contains("web-2"))
        #expect(try alice.promote.run("status", "--json").output == before)
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

    @Test func `What a newer promote wrote stops an older one from changing anything, and nobody else can`() throws {
        let (_, alice, bob, mallory) = try openInStaging()
        let approval = try event(mallory, type: "PromotionApproved")
        let unknown = approval.replacing("\"PromotionApproved\"", with: "\"EnvironmentRetired\"")
        // Made up by somebody without a key that counts: kept, shown, and no reason to stop.
        try push(unknown, by: mallory, signed: true)
        #expect(try rejection(alice).contains("this program knows no event “EnvironmentRetired”"))
        #expect(try alice.ask("approve", "web-2").refusedBy == "approved")
        // Written by bob: what it means is unknown, so nothing is done on top of it.
        for text in [unknown, approval.replacing("\"version\":1", with: "\"version\":3")] {
            try push(text, by: bob, signed: true)
            for command in [["approve", "web-2"], ["merge", "web-2"], ["close", "web-2", "--reason", "x"]] {
                let answer = JSONAnswer(try alice.promote.run(command + ["--json"]))
                #expect(answer.status == 77)
                #expect(answer.refusedBy == "ledger-intact")
                #expect(answer.message?.contains("a newer promote") == true)
            }
            #expect(try alice.ask("status").status == 0)
        }
    }

    // MARK: Audits

    @Test func `An audit finds nothing in an honest ledger, and an export's checkpoint holds while it grows`() throws {
        let (_, alice, bob, _) = try openInStaging()
        let verified = try alice.ask("audit", "verify")
        #expect(verified.status == 0)
        #expect(verified["ledgers", 0, "checkpoint", "count"] as? Int == 8)
        let export = try alice.promote.succeed("audit", "export")
        let lines = export.split(separator: "\n")
        #expect(lines.count == 9)
        let file = URL(filePath: alice.directory).appending(path: "audit.jsonl")
        try Data(export.utf8).write(to: file)
        // The same events as git itself sees, in the same order.
        let commits = try alice.git.succeed("rev-list", "--reverse", "origin/promote/ledger/web").split(separator: "\n")
        #expect(zip(commits, lines).allSatisfy { $1.contains("\"commit\":\"\($0)\"") })
        #expect(try bob.ask("revoke", "web-2").status == 0)
        #expect(try alice.ask("audit", "verify", "--checkpoint", "audit.jsonl").status == 0)
    }

    @Test func `An audit names the events that vanished, and its hint brings them back`() throws {
        let (playground, alice, _, mallory) = try openInStaging()
        let export = try alice.promote.succeed("audit", "export")
        try Data(export.utf8).write(to: URL(filePath: alice.directory).appending(path: "audit.jsonl"))
        try mallory.git.succeed("fetch", "-q", "origin", branch)
        try mallory.git.succeed("push", "-q", "-f", "origin", "FETCH_HEAD~2:\(branch)")
        let audit = try alice.ask("audit", "verify")
        #expect(audit.status == 77)
        #expect(
            audit.text("ledgers", 0, "findings", 0, "what")
                == "it was rewound or replaced: 2 events that this clone has seen are gone")
        #expect(audit.text("ledgers", 0, "findings", 0, "vanished", 1) != nil)
        // Somebody who never saw them has the auditor's checkpoint.
        let other = try playground.person("carol", clone: "auditor")
        try Data(export.utf8).write(to: URL(filePath: other.directory).appending(path: "audit.jsonl"))
        #expect(try other.ask("audit", "verify").status == 0)
        let checked = try other.ask("audit", "verify", "--checkpoint", "audit.jsonl")
        #expect(checked.status == 77)
        #expect(checked.text("ledgers", 0, "findings", 0, "what") == "it has 6 commits, and the checkpoint has 8")
        let hint = try #require(audit.text("ledgers", 0, "findings", 0, "hint")?.split(separator: "git ").last)
        try alice.git.run(hint.split(separator: " ").map(String.init))
        #expect(try other.ask("audit", "verify", "--checkpoint", "audit.jsonl").status == 0)
        #expect(try alice.ask("status").status == 0)
    }

    @Test func `An event dated ahead of the clock counts for nobody yet, and nothing is written behind it`() throws {
        let (playground, alice, bob, mallory) = try openInStaging()
        let ci = try playground.person("ci", clone: "ci-again")
        let hour = try Tool("date", in: "/").succeed("-u", "-d", "+1 hour", "+%Y-%m-%dT%H:%M:%SZ")
        let early = try renamed(event(ci, type: "VerificationRecorded")).replacing(
            "\"result\":\"passed\"", with: "\"result\":\"failed\""
        ).replacing("2099-01-01T00:00:00Z", with: hour)
        try push(early, by: ci, signed: true)
        #expect(try alice.ask("status").text("applications", 0, "environments", 0, "state") == "verified")
        #expect(try alice.ask("status").text("stops", 0, "hint")?.contains("promote audit skip ") == true)
        #expect(try alice.promote.run("status").errors.contains("is not read yet: the event "))
        let refused = try bob.ask("revoke", "web-2")
        #expect(refused.status == 77)
        #expect(refused.text("error", "rule") == "ledger-intact")
        #expect(refused.text("error", "message")?.contains("of ci@example.org is dated \(hour)") == true)
        #expect(refused.text("error", "hint")?.contains("promote audit skip ") == true)
        #expect(try alice.ask("audit", "verify").status == 77)
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.status == 65)
        #expect(doctor.output.contains("promote audit skip "), "\(doctor.output)")

        // An operator's signed word, and nothing else, goes on past it: for old readers and fresh ones alike.
        let commit = try alice.git.succeed("rev-parse", "refs/promote/origin/heads/promote/ledger/web")
        #expect(try mallory.ask("audit", "skip", commit, "--reason", "x").status == 77)
        #expect(try alice.ask("audit", "skip", "0000000", "--reason", "x").status == 64)
        #expect(try alice.ask("audit", "skip", commit, "--reason", "a clock").status == 0)
        #expect(try alice.promote.run("audit", "skip", commit, "--reason", "a clock").output.contains("Nothing to do"))
        let audit = try alice.promote.run("audit", "verify")
        #expect(audit.status == 0)
        #expect(audit.output.contains("says that it does not count: a clock"), "\(audit.output)")
        #expect(try bob.ask("revoke", "web-2").status == 0)
        for person in [alice, try playground.person("carol")] {
            #expect(try person.promote.run("history").output.contains("alice@example.org says that it does not count: a clock"))
            #expect(try person.ask("status").text("applications", 0, "environments", 0, "state") == "verified")
        }
        #expect(try alice.promote.run("doctor").output.contains("audit skip") == false)
    }

    @Test func `An event that is absurdly far ahead stops no operator, and those who are none are told who can`() throws {
        let (playground, alice, bob, mallory) = try openInStaging()
        let ci = try playground.person("ci", clone: "ci-again")
        try push(renamed(event(ci, type: "VerificationRecorded")), by: ci, signed: true)
        #expect(try mallory.ask("verify", "dev", "--result", "passed").text("error", "message")?.contains("2099") == true)
        #expect(try bob.ask("revoke", "web-2").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "failed").status == 0)
        #expect(try alice.promote.run("history").output.contains("dated more than 30 days ahead"))
    }

    @Test func `Several events that are dated ahead are passed over one by one, through the hook, too`() throws {
        let (playground, alice, bob, _) = try openInStaging()
        let ci = try playground.person("ci", clone: "ci-again")
        let first = try renamed(event(ci, type: "VerificationRecorded"))
        for id in ["00", "02", "03"] { try push(first.replacing("\"id\":\"00", with: "\"id\":\"\(id)"), by: ci, signed: true) }
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
        #expect(try bob.ask("revoke", "web-2").status == 0)
        let fresh = try playground.person("carol")
        for person in [alice, fresh] {
            let history = try person.promote.run("history").output
            #expect(history.split(separator: "\n").filter { $0.contains("says that it does not count") }.count == 3, "\(history)")
            #expect(history.split(separator: "\n").filter { $0.contains("not applied") }.count == 3, "\(history)")
        }
        #expect(try alice.promote.run("history").output == fresh.promote.run("history").output)
    }

    @Test func `A word on an event that is not dated ahead, or by one who may not say it, changes nothing`() throws {
        let (playground, alice, bob, mallory) = try openInStaging()
        let ci = try playground.person("ci", clone: "ci-again")
        let policy = try tip(alice)
        try alice.git.succeed("fetch", "-q", "origin", branch)
        let last = try alice.git.succeed("rev-parse", "FETCH_HEAD")
        let now = try Tool("date", in: "/").succeed("-u", "+%Y-%m-%dT%H:%M:%SZ")
        func word(_ person: Person, on commit: String, _ id: String) throws {
            let text = forged(
                "EventSkipped", by: person.principal, policy: policy, "{\"commit\":\"\(commit)\",\"reason\":\"x\"}"
            ).replacing("00FORGED", with: id).replacing("2099-01-01T00:00:00Z", with: now)
            try push(text, by: person, signed: true)
        }
        try word(alice, on: last, "00ONE")
        #expect(try rejection(bob).contains("is not an event before it that is dated ahead"))
        try push(renamed(event(ci, type: "VerificationRecorded")), by: ci, signed: true)
        let ahead = try ci.git.succeed("rev-parse", "origin/promote/ledger/web")
        try word(mallory, on: ahead, "00TWO")
        #expect(try mallory.ask("verify", "dev", "--result", "passed").text("error", "message")?.contains("2099") == true)
    }

    @Test func `What is too large to be an event is kept, shown and not read`() throws {
        let (playground, alice, bob, mallory) = try openInStaging()
        try push(String(repeating: "x", count: 2 << 20), by: mallory, signed: true)
        #expect(try rejection(alice).contains("event.json has 2097152 bytes, more than 1048576"))
        #expect(try bob.ask("revoke", "web-2").status == 0)
        #expect(try playground.person("carol").ask("status").status == 0)
    }

    @Test func `A target branch whose history was rewritten is told by status, sync and doctor`() throws {
        let (playground, alice, _, _) = try openInStaging()
        #expect(try alice.ask("status").status == 0)
        let git = Tool("git", in: try playground.person("bob", clone: "rewriter").directory)
        let rewritten = try git.succeed("commit-tree", "main^{tree}", "-m", "All of it, made anew")
        try git.succeed("push", "-q", "-f", "origin", "\(rewritten):refs/heads/main")
        for person in [alice, try playground.person("carol")] {
            for command in ["status", "sync", "doctor"] {
                let result = try person.promote.run(command)
                let text = result.output + result.errors
                #expect(text.contains("of the ledger of web, from "), "\(command): \(text)")
                #expect(text.contains("was rewritten"), "\(command): \(text)")
            }
            #expect(try person.promote.run("doctor").status == 65)
        }
        #expect(try alice.promote.run("doctor").output.contains("refs/promote/origin/targets/main:refs/heads/main"))
        // Restored as the hint says, everything counts again.
        try alice.git.succeed("push", "-q", "--force", "origin", "refs/promote/origin/targets/main:refs/heads/main")
        #expect(try alice.promote.run("status").errors.contains("rewritten") == false)
    }

    @Test func `A merge during a freeze, dated before it, is not believed`() throws {
        let (playground, alice, _, mallory) = try openInStaging()
        let carol = try playground.person("carol")
        #expect(try carol.ask("approve", "web-2").status == 0)
        let last = try #require(try event(mallory, type: "PromotionApproved").firstMatch(of: /"time":"[^"]*"/)?.output)
        #expect(try carol.ask("freeze", "staging", "--reason", "an audit").status == 0)
        // Something else is merged meanwhile, on top of which the merge is made by hand.
        try alice.git.succeed("pull", "-q", "origin", "main")
        try alice.git.succeed("commit", "-q", "--allow-empty", "-m", "Something else")
        let head = try #require(alice.ask("show", "web-2").text("commit"))
        try alice.git.succeed("merge", "-q", "--no-ff", "-m", "by hand", head)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let commit = try alice.git.succeed("rev-parse", "HEAD")
        var forged = try event(mallory, type: "PromotionMerged").replacing("\"promotion\":1", with: "\"promotion\":2")
            .replacing("\"dev\"", with: "\"staging\"").replacing("\"id\":\"01", with: "\"id\":\"00")
        for (pattern, text) in [
            (/"head":"[0-9a-f]{40}"/, "\"head\":\"\(head)\""), (/"commit":"[0-9a-f]{40}"/, "\"commit\":\"\(commit)\""),
            (/"policyCommit":"[0-9a-f]{40}"/, "\"policyCommit\":\"\(commit)\""), (/"time":"[^"]*"/, String(last)),
        ] {
            let range = try #require(forged.firstRange(of: pattern))
            forged.replaceSubrange(range, with: text)
        }
        try push(forged, by: alice, signed: true)
        let reason = try rejections(carol)
        #expect(reason.contains("windows") && reason.contains("an audit"), "\(reason)")
        #expect(try carol.ask("status").text("applications", 0, "environments", 1, "release") == nil)
    }

    @Test func `A freeze in an application's ledger, and a release among the freezes, are not believed`() throws {
        let (_, alice, bob, mallory) = try openInStaging()
        #expect(try bob.ask("freeze", "prod", "--reason", "an audit").status == 0)
        let others = "refs/heads/promote/ledger/_environments"
        try mallory.git.succeed("fetch", "-q", "origin", others)
        let freeze = try mallory.git.succeed("show", "FETCH_HEAD:event.json")
        try push(freeze, by: bob, signed: true)
        #expect(try rejections(alice).contains("does not belong into the ledger of web"))
    }
}
