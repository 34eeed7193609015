import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// Whose reviews count, for what, and until when; and what people do to a pull request by hand.
@Suite struct ForgeReviewTests {
    private func refused(_ person: Person, by rule: String, _ comment: Comment? = nil) throws -> JSONAnswer {
        let answer = try person.ask("merge", "web-3")
        #expect([75, 77].contains(answer.status), "\(answer.result.output)")
        #expect(answer.refusedBy == rule, comment ?? "\(answer.result.output)")
        return answer
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `Only the approvers' latest word for the very head counts, and not the author's`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, _, _) = try hosted.chainToProd()
        // The requester, somebody without the role, somebody whom the policy does not know, and the same person twice.
        for name in ["alice", "ci", "mallory", "bob", "bob"] { server.approve(3, as: name) }
        let one = try refused(alice, by: "approved")
        #expect(one.check("approved")?.detail.contains("1 of 2") == true, "\(one.check("approved")?.detail ?? "")")
        server.approve(3, as: "carol")
        #expect(try alice.ask("show", "web-3").check("approved")?.status == "pass")
        server.dismissReviews(3, of: "carol")
        let dismissed = try refused(alice, by: "approved")
        #expect(dismissed.check("approved")?.detail.contains("1 of 2") == true)
        server.approve(3, as: "carol")
        // A remark changes nothing.
        server.remark(3, as: "carol")
        #expect(try alice.ask("show", "web-3").check("approved")?.status == "pass")
        if kind != .gitlab {
            server.requestChanges(3, as: "bob")
            let objected = try refused(alice, by: "approved")
            #expect(objected.check("approved")?.detail.contains("bob@example.org requests changes") == true)
            server.approve(3, as: "bob")
        }
        #expect(try alice.ask("merge", "web-3").status == 0)
        #expect(try alice.ask("audit", "verify").status == 0)
        #expect(server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `An approval does not survive a push, there and back neither`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, bob, _) = try hosted.chainToProd()
        let head = try #require(server.pulls.last?.head)
        let branch = "promotion/web/prod/3"
        try bob.git.succeed("fetch", "-q", "origin")
        try bob.git.succeed("checkout", "-q", "-b", "work", "origin/\(branch)")
        try Data("more: true\n".utf8).write(to: URL(filePath: bob.directory).appending(path: "more.yaml"))
        try bob.git.succeed("add", "-A")
        try bob.git.succeed("commit", "-q", "-m", "more")
        try bob.git.succeed("push", "-q", "origin", "HEAD:\(branch)")
        for name in ["bob", "carol"] { server.approve(3, as: name) }
        _ = try refused(alice, by: "scope")
        // Back to what was proposed: what was said was said of something else.
        try bob.git.succeed("push", "-q", "--force", "origin", "\(head):\(branch)")
        let back = try refused(alice, by: "approved")
        #expect(back.check("approved")?.detail.contains("0 of 2") == true, "\(back.check("approved")?.detail ?? "")")
    }

    @Test func `A review is recorded by those whose word counts, and by nobody else`() throws {
        for attestors in ["", "attestors: [ci@example.org], "] {
            let hosted = try Hosted(.gitea) { seed in
                let file = seed.appending(path: "environments/forge.yaml")
                let text = try String(contentsOf: file, encoding: .utf8).replacing("spec: { ", with: "spec: { \(attestors)")
                try Data(text.utf8).write(to: file)
            }
            let (ci, alice, _, _) = try hosted.chainToProd()
            for name in ["bob", "carol"] { hosted.server.approve(3, as: name) }
            func approvals() throws -> Int { try hosted.history().filter { $0 == "PromotionApproved" }.count }
            if attestors.isEmpty {
                // CI may not merge into prod, so its word of who approved there is nobody's.
                #expect(try ci.ask("sync").status == 0)
                #expect(try approvals() == 0)
                #expect(try alice.ask("merge", "web-3").status == 0)
                #expect(try approvals() == 2)
            } else {
                #expect(try refused(alice, by: "approved").check("approved")?.detail.contains("0 of 2") == true)
                #expect(try approvals() == 0)
                #expect(try ci.ask("sync").text("steps", 0, "action") == "reviewed")
                #expect(try approvals() == 2)
                #expect(try alice.ask("merge", "web-3").status == 0)
            }
            #expect(try alice.ask("audit", "verify").status == 0)
        }
    }

    /// An event of somebody's own making, signed with their key and pushed past promote.
    @Test func `Nobody writes a review into the ledger that is not of this pull request and this account`() throws {
        let hosted = try Hosted(.github)
        let (_, alice, bob, _) = try hosted.chainToProd()
        let shown = try alice.ask("show", "web-3")
        let head = try #require(shown.text("commit"))
        let git = bob.git
        try git.succeed("fetch", "-q", "origin")
        let request = try git.succeed("log", "-1", "--format=%H", "--grep=request web-3", "origin/promote/ledger/web")
        let event = try git.succeed("show", "\(request):event.json")
        func field(_ name: String) -> String {
            event.components(separatedBy: "\"\(name)\":\"").last.map { String($0.prefix { $0 != "\"" }) } ?? ""
        }
        var number = 0
        for (login, principal, pull) in [
            ("carol", "alice@example.org", 3), ("mallory", "carol@example.org", 3), ("carol", "carol@example.org", 2),
            ("carol", "carol@example.org", 3),
        ] {
            number += 1
            let parent = try git.succeed("rev-parse", "origin/promote/ledger/web")
            let time = try Tool("date", in: "/").succeed("-u", "+%Y-%m-%dT%H:%M:%SZ")
            let word =
                "{\"forge\":\"github\",\"login\":\"\(login)\",\"principal\":\"\(principal)\",\"pullRequest\":\(pull),\"review\":\"1\"}"
            let payload =
                "{\"application\":\"web\",\"environment\":\"prod\",\"head\":\"\(head)\",\"promotion\":3,\"release\":\"\(field("release"))\",\"rendered\":\"\(field("rendered"))\",\"review\":\(word)}"
            let text =
                "{\"actor\":\"bob@example.org\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FA\(number)\",\"payload\":\(payload),\"policyCommit\":\"\(field("policyCommit"))\",\"time\":\"\(time)\",\"type\":\"PromotionApproved\",\"version\":1}"
            let file = hosted.playground.scratch.url.appending(component: "event.json")
            try Data(text.utf8).write(to: file)
            let blob = try git.succeed("hash-object", "-w", file.path)
            let tree = try git.run("mktree", input: "100644 blob \(blob)\tevent.json\n").output.trimmingCharacters(
                in: .whitespacesAndNewlines)
            let commit = try git.succeed("commit-tree", "-S", tree, "-p", parent, "-m", "approve")
            try git.succeed("push", "-q", "origin", "\(commit):refs/heads/promote/ledger/web")
            try git.succeed("fetch", "-q", "origin")
        }
        // The last one is as promote writes it, by a merger: the others are refused for what they say, and not for their form.
        // Nor does it last: the forge has no such review.
        let offline = try alice.ask("status")["applications", 0, "environments", 2, "open"] as? [String: Any]
        let checks = offline?["checks"] as? [[String: Any]] ?? []
        let approved = checks.first { $0["rule"] as? String == "approved" }?["detail"] as? String
        #expect(approved?.contains("1 of 2") == true, "\(approved ?? "")")
        let answer = try alice.ask("show", "web-3")
        #expect(answer.check("approved")?.detail.contains("0 of 2") == true, "\(answer.check("approved")?.detail ?? "")")
        let events = try alice.ask("history")["events"] as? [[String: Any]] ?? []
        #expect(
            events.filter { $0["type"] as? String == "PromotionApproved" && $0["rejection"] is String }.count == 3, "\(events)")
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A signed approval counts beside a review, and each person once`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let (_, alice, bob, _) = try hosted.chainToProd()
        #expect(try bob.ask("approve", "web-3").status == 0)
        hosted.server.approve(3, as: "bob")
        let one = try refused(alice, by: "approved")
        #expect(one.check("approved")?.detail.contains("1 of 2") == true)
        hosted.server.approve(3, as: "carol")
        #expect(try alice.ask("merge", "web-3").status == 0)
    }

    @Test(arguments: zip(ForgeServer.Kind.allCases, ["merge", "squash", "merge"]))
    func `What was approved and merged on the forge becomes a merge in the ledger, once`(
        _ kind: ForgeServer.Kind, _ method: String
    ) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (ci, alice, bob, _) = try hosted.chainToProd()
        for name in ["bob", "carol"] { server.approve(3, as: name) }
        try server.merge(3, as: "bob", method)
        let synced = try bob.ask("sync")
        #expect(synced.status == 0, "\(synced.result.output)")
        #expect(synced.text("steps", 0, "action") == "merged", "\(synced.result.output)")
        let before = try hosted.playground.remoteRefs()
        #expect((try alice.ask("sync")["steps"] as? [Any])?.isEmpty == true)
        #expect(try hosted.playground.remoteRefs() == before)
        #expect(try ci.ask("verify", "prod", "--result", "passed").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
        #expect(try ci.ask("show", "web-3").text("state") == "verified")
        #expect(server.violations == [])
    }

    @Test func `A squash is recognised by a clone that never had the branch`() throws {
        let hosted = try Hosted(.github)
        let (ci, alice, _, _) = try hosted.chainToProd()
        for name in ["bob", "carol"] { hosted.server.approve(3, as: name) }
        try hosted.server.merge(3, as: "bob", "squash")
        try Tool("git", in: hosted.playground.remote).succeed("branch", "-q", "-D", "promotion/web/prod/3")
        let fresh = try hosted.person("carol", clone: "fresh")
        let synced = try fresh.ask("sync")
        #expect(synced.text("steps", 0, "action") == "merged", "\(synced.result.output)")
        for person in [ci, alice, fresh] {
            #expect(try person.ask("show", "web-3").text("state") == "merged")
            #expect(try person.ask("audit", "verify").status == 0)
        }
    }

    @Test(arguments: zip(ForgeServer.Kind.allCases, ["unapproved", "stranger", "altered"]))
    func `What was merged on the forge without approval, by nobody known, or altered, is a violation`(
        _ kind: ForgeServer.Kind, _ attack: String
    ) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, _, _) = try hosted.chainToProd()
        if attack != "unapproved" { for name in ["bob", "carol"] { server.approve(3, as: name) } }
        try server.merge(
            3, as: attack == "stranger" ? "mallory" : "bob",
            smuggling: attack == "altered" ? "overlays/prod/kustomization.yaml" : nil)
        let synced = try alice.ask("sync")
        #expect(synced.status == 77, "\(attack): \(synced.result.output)")
        #expect(synced.text("steps", 0, "action") == "violation", "\(attack): \(synced.result.output)")
        #expect(try hosted.history().filter { $0 == "PromotionMerged" }.count == 2, "\(attack)")
        let status = try alice.ask("status")
        let prod = status["applications", 0, "environments", 2] as? [String: Any]
        #expect(prod?["tainted"] as? Bool == true, "\(attack): \(status.result.output)")
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A pull request that is closed, reopened, retargeted or robbed of its branch is told apart`(
        _ kind: ForgeServer.Kind
    ) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, bob, _) = try hosted.chainToProd()
        for name in ["bob", "carol"] { server.approve(3, as: name) }
        server.close(3)
        #expect(try refused(alice, by: "one-open-promotion").message?.contains("closed") == true)
        server.reopen(3)
        server.retarget(3, to: "other")
        #expect(try refused(alice, by: "scope").message?.contains("goes into other") == true)
        server.retarget(3, to: "main")
        try bob.git.succeed("push", "-q", "origin", ":promotion/web/prod/3")
        #expect(try [69, 75, 77].contains(alice.ask("merge", "web-3").status))
        #expect(server.pulls.map(\.state) == ["merged", "merged", "closed"])
        // Closed for good: the ledger follows, and the release can be promoted anew.
        let synced = try alice.ask("sync")
        #expect(synced.text("steps", 0, "action") == "closed", "\(synced.result.output)")
        #expect(try alice.ask("show", "web-3").text("state") == "closed")
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-4")
        #expect(server.pulls.map(\.state) == ["merged", "merged", "closed", "open"])
        #expect(server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A pull request that was closed is recorded by an attestor, who may not is told, and promoting looks again`(
        _ kind: ForgeServer.Kind
    ) throws {
        let hosted = try Hosted(kind) { seed in
            let file = seed.appending(path: "environments/forge.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("identities:", with: "attestors: [ci@example.org], identities:").utf8).write(to: file)
        }
        let server = hosted.server
        let (ci, alice, _, _) = try hosted.chainToProd()
        server.approve(3, as: "bob")
        // Neither a review nor a closing is recorded by one whose word of the forge counts for nothing.
        let mallory = try hosted.person("mallory")
        for act in ["review", "closing"] {
            if act == "closing" { server.close(3) }
            let told = try mallory.ask("sync")
            #expect(told.text("steps", 0, "action") == "waiting", "\(act): \(told.result.output)\(told.result.errors)")
            #expect(told.text("steps", 0, "detail")?.contains("ci@example.org") == true, "\(told.result.output)")
        }
        #expect(try ci.ask("sync").text("steps", 0, "action") == "closed")
        #expect(try alice.ask("show", "web-3").text("state") == "closed")
        #expect(try ci.ask("audit", "verify").status == 0)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-4")
        server.close(4)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-5")
        #expect(try alice.ask("show", "web-4").text("state") == "closed")
        #expect(server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A promotion that is superseded or closed takes its pull request along, with a word why`(
        _ kind: ForgeServer.Kind
    ) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (ci, alice) = (try hosted.person("ci"), try hosted.person("alice"))
        for (digit, id) in [("1", "web-1"), ("2", "web-2")] {
            #expect(try ci.ask("register", "registry.example/web@\(Playground.digest(Character(digit)))").status == 0)
            #expect(try alice.ask("build", "dev").text("promotion") == id)
        }
        #expect(server.pulls.map(\.state) == ["closed", "open"])
        #expect(server.pulls.first?.comments.count == 1)
        #expect(server.pulls.first?.comments.first?.contains("Superseded by web-2: https://forge.example/acme/config/") == true)
        #expect(try alice.ask("close", "web-2", "--reason", "not now").status == 0)
        #expect(server.pulls.map(\.state) == ["closed", "closed"])
        #expect(server.pulls.last?.comments.first?.contains("not now") == true)
        #expect(try !hosted.playground.remoteRefs().contains("refs/heads/promotion/"))
        #expect(server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `The forge's own rules are told, and the status that they require is there`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        server.rules.requiredStatuses = ["promote/gate"]
        let (_, alice, _, _) = try hosted.chainToProd()
        for name in ["bob", "carol"] { server.approve(3, as: name) }
        server.rules.requiredStatuses = ["promote/gate", "integration"]
        let blocked = try refused(alice, by: "mergeable")
        #expect(blocked.status == 75, "\(blocked.result.output)")
        #expect(server.pulls.last?.state == "open")
        server.rules.requiredStatuses = ["promote/gate"]
        #expect(try alice.ask("merge", "web-3").status == 0)
        #expect(server.violations == [])
    }

    @Test(arguments: [ForgeServer.Kind.github, .gitea])
    func `Where merge commits are not allowed, what is allowed is used`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        hosted.server.rules.mergeMethods = ["squash"]
        _ = try hosted.chainToProd()
        #expect(hosted.server.pulls.map(\.state) == ["merged", "merged", "open"])
    }
}
