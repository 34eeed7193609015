import Foundation
import PromoteTestSupport
import Testing

/// Operators stop, turn back and quarantine; and nobody gets past them.
@Suite struct OperatingTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person

    /// One release in prod, the next one verified in staging.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        try register("1")
        try move("build", "dev", "web-1")
        try move("dev", "staging", "web-2")
        try move("staging", "prod", "web-3")
        try register("2")
        try move("build", "dev", "web-4")
        try move("dev", "staging", "web-5")
    }

    private func register(_ digit: Character) throws {
        #expect(try ci.ask("register", "registry.example/web:v\(digit)@\(Playground.digest(digit))").status == 0)
    }

    private func move(_ from: String, _ to: String, _ id: String) throws {
        #expect(try alice.ask(from, to).text("promotion") == id)
        try finish(id)
        #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
    }

    private func finish(_ id: String) throws {
        if id == "web-3" || id == "web-6" || id == "web-7" {
            for person in [bob, carol] { #expect(try person.ask("approve", id).status == 0) }
        }
        #expect(try alice.ask("merge", id).status == 0)
    }

    /// The release that `environment` runs.
    private func running(_ index: Int) throws -> String? {
        try bob.ask("status").text("applications", 0, "environments", index, "release")
    }

    @Test func `A hold stops what is new and what is open, until an operator lifts it`() throws {
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-6")
        let stranger = try ci.ask("hold", "prod", "--reason", "no")
        #expect(stranger.status == 77)
        #expect(stranger.refusedBy == "authorized")
        #expect(try bob.ask("hold", "prod", "--reason", "an incident").status == 0)
        #expect(try bob.ask("hold", "prod", "--reason", "an incident")["created"] as? Bool == false)
        for person in [bob, carol] { #expect(try person.ask("approve", "web-6").status == 0) }
        let before = try playground.remoteRefs()
        let merge = try alice.ask("merge", "web-6")
        #expect(merge.status == 77)
        #expect(merge.refusedBy == "not-held")
        #expect(merge.message?.contains("bob@example.org: an incident") == true)
        #expect(try playground.remoteRefs() == before)
        let status = try bob.ask("status")
        #expect(status.text("applications", 0, "environments", 2, "hold", "reason") == "an incident")
        #expect(try bob.promote.succeed("status").contains("HELD"))
        #expect(try ci.ask("resume", "prod").refusedBy == "authorized")
        #expect(try alice.ask("resume", "prod").status == 0)
        #expect(try alice.ask("merge", "web-6").status == 0)
    }

    @Test func `A held environment is not promoted into`() throws {
        #expect(try bob.ask("hold", "prod", "--reason", "an incident").status == 0)
        let answer = try alice.ask("staging", "prod")
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "not-held")
        let why = try alice.ask("explain", "prod")
        #expect(why.status == 0)
        #expect(why.check("not-held")?.status == "fail")
        #expect(why.text("summary")?.contains("not-held") == true)
    }

    @Test func `A yanked release moves nowhere, and everybody sees where it runs`() throws {
        let release = try #require(try running(1))
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-6")
        #expect(try playground.person("mallory").ask("yank", release, "--reason", "no").refusedBy == "authorized")
        let yank = try carol.ask("yank", release, "--reason", "CVE-2026-1")
        #expect(yank.status == 0)
        #expect(yank["runningIn"] as? [String] == ["dev", "staging"])
        for person in [bob, carol] { #expect(try person.ask("approve", "web-6").status == 0) }
        let merge = try alice.ask("merge", "web-6")
        #expect(merge.status == 77)
        #expect(merge.refusedBy == "not-yanked")
        #expect(try bob.ask("status")["applications", 0, "environments", 1, "yanked"] as? Bool == true)
        #expect(try bob.promote.succeed("status").contains("YANKED"))
        // What comes after it moves.
        try register("3")
        #expect(try alice.ask("build", "dev").status == 0)
    }

    @Test func `A rollback goes back to what ran before, under its own approvals, and stays until resumed`() throws {
        let old = try #require(try running(2))
        try move("staging", "prod", "web-6")
        let new = try #require(try running(2))
        // Not by going the usual way.
        let silent = try alice.ask("staging", "prod", "--release", old)
        #expect(silent.status == 77)
        #expect(silent.refusedBy == "no-silent-downgrade")
        #expect(try ci.ask("rollback", "prod", "--reason", "no").refusedBy == "authorized")
        let plan = try alice.ask("rollback", "prod", "--dry-run", "--reason", "errors")
        #expect(plan.text("release") == old)
        let opened = try alice.ask("rollback", "prod", "--reason", "errors")
        #expect(opened.status == 0)
        #expect(opened.text("promotion") == "web-7")
        #expect(opened.text("from") == "prod")
        // Nobody merges it without approval, and the hold stands from the beginning.
        #expect(try alice.ask("merge", "web-7").status == 75)
        #expect(try alice.ask("staging", "prod").refusedBy == "not-held")
        try finish("web-7")
        #expect(try running(2) == old)
        #expect(try alice.ask("staging", "prod").refusedBy == "not-held")
        #expect(try alice.ask("resume", "prod").status == 0)
        #expect(try alice.ask("staging", "prod").text("release") == new)
    }

    @Test func `There is no rollback to what never ran there, failed there, or is yanked`() throws {
        let old = try #require(try running(2))
        let never = try #require(try running(1))
        #expect(try alice.ask("rollback", "prod", "--to", never, "--reason", "x").refusedBy == "no-silent-downgrade")
        #expect(try alice.ask("rollback", "prod", "--reason", "x").refusedBy == "no-silent-downgrade")
        try move("staging", "prod", "web-6")
        #expect(try alice.ask("yank", old, "--reason", "broken").status == 0)
        #expect(try alice.ask("rollback", "prod", "--to", old, "--reason", "x").refusedBy == "not-yanked")
        #expect(try alice.ask("rollback", "prod", "--reason", "x").refusedBy == "no-silent-downgrade")
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    @Test func `explain names the hold, who can lift it, and how`() throws {
        #expect(try bob.ask("hold", "prod", "--reason", "an incident").status == 0)
        let explained = try bob.promote.succeed("explain", "prod")
        #expect(explained.contains("promote resume prod"))
        #expect(explained.contains("cleared by alice@example.org"))
    }

    @Test func `A freeze keeps what is approved waiting, of every application, until it ends or is lifted`() throws {
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-6")
        for person in [bob, carol] { #expect(try person.ask("approve", "web-6").status == 0) }
        #expect(try ci.ask("freeze", "prod", "--reason", "no").refusedBy == "authorized")
        #expect(try bob.ask("freeze", "prod", "--until", "2001-01-01T00:00:00Z", "--reason", "late").status == 64)
        #expect(try bob.ask("freeze", "prod", "--until", "soon", "--reason", "late").status == 64)
        #expect(try bob.ask("freeze", "prod", "--reason", "black friday").status == 0)
        #expect(try bob.ask("freeze", "prod", "--reason", "black friday")["created"] as? Bool == false)
        let before = try playground.remoteRefs()
        let merge = try alice.ask("merge", "web-6")
        #expect(merge.status == 75)
        #expect(merge.refusedBy == "windows")
        #expect(merge.message?.contains("bob@example.org: black friday") == true)
        #expect(try playground.remoteRefs() == before)
        #expect(try alice.promote.succeed("status").contains("FROZEN"))
        // Another environment is not concerned.
        #expect(try alice.ask("explain", "staging").check("windows")?.status != "pending")
        #expect(try carol.ask("history").text("events", 0, "type") == "FreezePlaced")
        #expect(try ci.ask("unfreeze", "prod").refusedBy == "authorized")
        #expect(try carol.ask("unfreeze", "prod").status == 0)
        #expect(try carol.ask("unfreeze", "prod")["created"] as? Bool == false)
        #expect(try alice.ask("merge", "web-6").status == 0)
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    @Test func `A freeze ends by itself`() throws {
        let end = try Tool("date", in: "/").succeed("-u", "-d", "+2 seconds", "+%Y-%m-%dT%H:%M:%SZ")
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-6")
        for person in [bob, carol] { #expect(try person.ask("approve", "web-6").status == 0) }
        let placed = try bob.ask("freeze", "prod", "--until", end, "--reason", "a moment")
        // On a slow machine the moment may be over before the command looks.
        #expect(placed.status == 0 || placed.message?.contains("is past") == true)
        var merge = try alice.ask("merge", "web-6")
        while merge.status == 75 {
            #expect(merge.refusedBy == "windows")
            merge = try alice.ask("merge", "web-6")
        }
        #expect(merge.status == 0)
        #expect(try carol.ask("audit", "verify").status == 0)
    }
}

/// What a policy says about time, and who may pass over it.
@Suite struct WindowAndEmergencyTests {
    private func playground(prod: String) throws -> Playground {
        let playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            var text = try String(contentsOf: file, encoding: .utf8)
            text = text.replacing("  promotesFrom: [staging]\n", with: "  promotesFrom: [staging]\n" + prod)
            try Data(text.utf8).write(to: file)
        }
        let (ci, alice) = (try playground.person("ci", clone: "ci-before"), try playground.person("alice", clone: "alice-before"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            if to == "dev" { #expect(try ci.ask("verify", to, "--result", "passed").status == 0) }
        }
        return playground
    }

    @Test func `In an excluded time a promotion opens, says when it may go on, and is not merged`() throws {
        let playground = try playground(
            prod: "  windows: [{ exclude: { cron: '* * * * *', duration: 1h, timeZone: Europe/Berlin, reason: always } }]\n")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        let opened = try alice.ask("staging", "prod")
        #expect(opened.status == 0)
        #expect(opened.check("windows")?.status == "pending")
        #expect(opened.check("windows")?.detail.contains("(always)") == true)
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 75)
        #expect(merge.refusedBy == "windows")
    }

    @Test func `The next opening is told in the policy's own time zone`() throws {
        // Half a year away, whatever today is.
        let month = try #require(Int(Tool("date", in: "/").succeed("-u", "+%m").trimmingCharacters(in: .whitespacesAndNewlines)))
        let playground = try playground(
            prod: "  windows: [{ allow: { cron: '0 9 15 \((month + 5) % 12 + 1) *', duration: 1h, timeZone: Europe/Berlin } }]\n")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        let opened = try alice.ask("staging", "prod")
        let detail = try #require(opened.check("windows")?.detail)
        #expect(detail.contains("Europe/Berlin"), "\(detail)")
        #expect(detail.contains("-15T"), "\(detail)")
    }

    @Test func `In an emergency only those named pass over what delays, loudly, and nothing else`() throws {
        let playground = try playground(
            prod: "  emergency: [carol@example.org]\n  windows: [{ exclude: { cron: '* * * * *', duration: 1h } }]\n")
        let (alice, carol) = (try playground.person("alice"), try playground.person("carol"))
        // Staging has not verified it, nobody has approved it, and it is not the time.
        #expect(try carol.ask("staging", "prod").refusedBy == "verified-upstream")
        let plain = try alice.ask("staging", "prod", "--emergency", "--reason", "down")
        #expect(plain.status == 77)
        #expect(plain.refusedBy == "authorized")
        #expect(try carol.ask("staging", "prod", "--emergency").status == 64)
        let opened = try carol.ask("staging", "prod", "--emergency", "--reason", "all is down")
        #expect(opened.status == 0)
        #expect(opened.text("emergency") == "all is down")
        #expect(opened.check("approved")?.detail.contains("EMERGENCY") == true)
        #expect(opened.check("digest-exact")?.status == "pass")
        #expect(opened.text("pullRequest", "title")?.hasPrefix("EMERGENCY") == true)
        let merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 77)
        #expect(merge.refusedBy == "authorized-merge")
        #expect(try carol.ask("merge", "web-3").status == 0)
        #expect(try alice.promote.succeed("history").contains("EMERGENCY: all is down"))
        #expect(try alice.ask("audit", "verify").status == 0)
    }

    @Test func `What was built is proven in an emergency, too`() throws {
        let playground = try playground(prod: "  emergency: [carol@example.org]\n")
        let carol = try playground.person("carol")
        let release = try #require(carol.ask("status").text("applications", 0, "environments", 1, "release"))
        #expect(try carol.ask("yank", release, "--reason", "CVE").status == 0)
        let answer = try carol.ask("staging", "prod", "--emergency", "--reason", "all is down")
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "not-yanked")
    }
}
