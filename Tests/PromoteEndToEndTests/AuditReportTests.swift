import Foundation
import PromoteTestSupport
import Testing

/// What an audit tells of a ledger that others have filled.
@Suite struct AuditReportTests {
    private let playground: Playground
    private let alice: Person
    private let mallory: Person
    private let ledger = "refs/heads/promote/ledger/web"

    init() throws {
        playground = try Playground()
        (alice, mallory) = (try playground.person("alice"), try playground.person("mallory"))
        #expect(try alice.ask("hold", "dev", "--reason", "the first").status == 0)
    }

    /// Appends commits without an event to the remote's ledger.
    private func fill(_ count: Int) throws {
        try mallory.git.succeed("fetch", "-q", "origin", ledger)
        var head = try mallory.git.succeed("rev-parse", "FETCH_HEAD")
        let tree = try mallory.git.succeed("mktree", input: "")
        for _ in 0..<count { head = try mallory.git.succeed("commit-tree", tree, "-p", head, "-m", "x") }
        try mallory.git.succeed("push", "-q", "origin", "\(head):\(ledger)")
    }

    @Test func `Many faults of one kind are counted, and hide none of another`() throws {
        try fill(60)
        let tip = try mallory.git.succeed("rev-parse", "HEAD")
        let event = try RawEvent(
            "HoldPlaced", by: alice.principal, policy: tip, #"{"environment":"prod","reason":"in her name"}"#)
        let forged = try mallory.commit(event, to: ledger)
        try mallory.git.succeed("push", "-q", "origin", "\(forged):\(ledger)")
        let audit = try alice.ask("audit", "verify")
        #expect(audit.status == 77)
        let told = audit["ledgers", 0, "notApplied"] as? [[String: Any]] ?? []
        #expect(told.count == 51, "\(audit.result.output)")
        #expect(told.last?["commit"] as? String == forged)
        #expect((told.last?["reason"] as? String)?.hasPrefix("authorized: ") == true)
        #expect(audit["ledgers", 0, "notAppliedUntold"] as? Int == 10)
        #expect(audit["ledgers", 0, "events"] as? Int == 62)
        let text = try alice.promote.run("audit", "verify")
        #expect(text.output.contains("… and 10 more; all of them: promote audit export --app web"), "\(text.output)")
        #expect(text.output.split(separator: "\n").count < 130)
        // Nothing is left out of what an auditor keeps.
        let lines = try alice.promote.run("audit", "export", "--app", "web").output.split(separator: "\n")
        #expect(lines.count { $0.contains("\"rejection\":\"") } == 61)
    }

    @Test func `Many events that vanished are counted`() throws {
        try fill(60)
        #expect(try alice.ask("status").status == 0)
        try mallory.git.succeed("push", "-q", "-f", "origin", "FETCH_HEAD:\(ledger)")
        let audit = try alice.ask("audit", "verify", "--app", "web")
        #expect(audit.status == 77)
        #expect((audit["ledgers", 0, "findings", 0, "vanished"] as? [String])?.count == 50, "\(audit.result.output)")
        #expect(audit["ledgers", 0, "findings", 0, "vanishedUntold"] as? Int == 10)
        let text = try alice.promote.run("audit", "verify", "--app", "web")
        #expect(text.output.contains("60 events that this clone has seen are gone"))
        #expect(text.output.contains("… and 10 more"), "\(text.output)")
    }

    @Test func `An honest ledger has nothing that is left out`() throws {
        let audit = try alice.ask("audit", "verify")
        #expect(audit.status == 0)
        #expect(audit["ledgers", 0, "notAppliedUntold"] as? Int == 0)
        #expect(try alice.promote.succeed("audit", "verify").contains("more") == false)
    }
}
