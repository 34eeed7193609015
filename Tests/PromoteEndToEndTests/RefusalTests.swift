import Foundation
import PromoteTestSupport
import Testing

/// What must not happen does not, says why, and leaves nothing behind.
@Suite struct RefusalTests {
    private let image = "registry.example/web"

    /// Everything a refused command must leave as it was: the remote, the clone's refs and files, the state store's rows.
    private func everything(_ playground: Playground, _ person: Person) throws -> [String] {
        var result = [try playground.remoteRefs(), try person.git.succeed("for-each-ref")]
        result.append(try person.git.succeed("count-objects", "-v"))
        result.append(try person.git.succeed("status", "--porcelain=v2"))
        let dump = try Tool("sqlite3", in: person.directory).succeed(".git/promote/state.sqlite", ".dump")
        // What overlays render to is a cache that any look fills.
        result += dump.split(separator: "\n").filter { !$0.hasPrefix("INSERT INTO rendering ") }.map(String.init)
        return result
    }

    /// web-1 is merged into dev, and not verified.
    private func deployedInDev() throws -> (Playground, ci: Person, alice: Person) {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(image)@\(Playground.digest("1"))", "--commit", "0a1b2c3d").status == 0)
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        return (playground, ci, alice)
    }

    /// web-3 into prod is open, asked for by alice.
    private func openInProd() throws -> (Playground, ci: Person, alice: Person) {
        let (playground, ci, alice) = try deployedInDev()
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try alice.ask("dev", "staging").status == 0)
        #expect(try alice.ask("merge", "web-2").status == 0)
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        #expect(try alice.ask("staging", "prod").status == 0)
        return (playground, ci, alice)
    }

    @Test func `verified-upstream refuses an unverified release and changes nothing`() throws {
        let (playground, ci, alice) = try deployedInDev()
        _ = try ci.ask("verify", "dev", "--result", "passed")
        _ = try alice.ask("dev", "staging")
        _ = try alice.ask("merge", "web-2")
        _ = try alice.ask("status")
        let before = try everything(playground, alice)
        let refused = try alice.ask("staging", "prod")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "verified-upstream")
        #expect(refused.message?.contains("is not verified in staging") == true)
        #expect(try alice.ask("plan", "staging", "prod").status == 77)
        #expect(try alice.ask("staging", "prod", "--dry-run").status == 77)
        #expect(try everything(playground, alice) == before)
    }

    @Test func `verified-upstream refuses to skip an environment`() throws {
        let (_, ci, alice) = try deployedInDev()
        _ = try ci.ask("verify", "dev", "--result", "passed")
        let refused = try alice.ask("dev", "prod")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "verified-upstream")
        #expect(refused.message?.contains("promote staging prod") == true)
        #expect(try alice.ask("build", "prod").refusedBy == "verified-upstream")
    }

    @Test func `A later failed verification revokes an earlier one`() throws {
        let (_, ci, alice) = try deployedInDev()
        _ = try ci.ask("verify", "dev", "--result", "passed")
        _ = try ci.ask("verify", "dev", "--result", "failed")
        let refused = try alice.ask("dev", "staging")
        #expect(refused.refusedBy == "verified-upstream")
        #expect(refused.message?.contains("failed verification in dev") == true)
    }

    @Test func `built-once refuses a second digest for the same commit, and changes nothing`() throws {
        let (playground, ci, _) = try deployedInDev()
        _ = try ci.ask("status")
        let before = try everything(playground, ci)
        let refused = try ci.ask("register", "\(image)@\(Playground.digest("2"))", "--commit", "0a1b2c3d")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "built-once")
        #expect(try everything(playground, ci) == before)
        let again = try ci.ask("register", "\(image)@\(Playground.digest("1"))", "--commit", "0a1b2c3d")
        #expect(again["created"] as? Bool == false)
        #expect(try everything(playground, ci) == before)
    }

    @Test func `Only builders register, and only verifiers verify`() throws {
        let (_, _, alice) = try deployedInDev()
        #expect(try alice.ask("register", "\(image)@\(Playground.digest("3"))").refusedBy == "authorized")
        #expect(try alice.ask("verify", "dev", "--result", "passed").refusedBy == "authorized")
    }

    @Test func `No approval counts by the requester, by somebody not listed, or with a key that is not theirs`() throws {
        let (playground, ci, alice) = try openInProd()
        let own = try alice.ask("approve", "web-3")
        #expect(own.status == 77)
        #expect(own.refusedBy == "approved")
        #expect(own.message?.contains("requester") == true)
        let unlisted = try ci.ask("approve", "web-3")
        #expect(unlisted.refusedBy == "authorized")
        #expect(unlisted.message?.contains("not among the approvers") == true)
        // Somebody who says they are bob, with another key, and without one.
        let mallory = try playground.person("mallory")
        try mallory.git.succeed("config", "user.email", "bob@example.org")
        let forged = try mallory.ask("approve", "web-3")
        #expect(forged.status == 77)
        #expect(forged.refusedBy == "authorized")
        #expect(forged.message?.contains("not one that allowed_signers lists for bob@example.org") == true)
        try mallory.git.succeed("config", "--unset", "user.signingkey")
        #expect(try mallory.ask("approve", "web-3").message?.contains("none of them signed") == true)
        #expect(try alice.ask("show", "web-3").check("approved")?.detail.hasPrefix("0 of 2") == true)
        #expect((try alice.ask("history")["events"] as? [Any])?.contains { "\($0)".contains("PromotionApproved") } == false)
    }

    @Test func `An approval for another head than the present one is refused`() throws {
        let (playground, _, _) = try openInProd()
        let bob = try playground.person("bob")
        let refused = try bob.ask("approve", "web-3", "--head", "1234567890")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "approved")
        let head = try #require(try bob.ask("show", "web-3").text("commit"))
        #expect(try bob.ask("approve", "web-3", "--head", String(head.prefix(10))).status == 0)
    }

    @Test func `A promotion branch amended after approval is neither approved nor merged`() throws {
        let (playground, _, alice) = try openInProd()
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try bob.ask("approve", "web-3").status == 0)
        try alice.git.succeed("fetch", "-q", "origin", "promotion/web/prod/3")
        try alice.git.succeed("checkout", "-q", "FETCH_HEAD")
        try Data("#\n".utf8).write(to: URL(filePath: alice.directory).appending(path: "overlays/prod/extra.yaml"))
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "--amend", "--no-edit")
        try alice.git.succeed("push", "-q", "-f", "origin", "HEAD:promotion/web/prod/3")
        let before = try playground.remoteRefs()
        let refused = try bob.ask("merge", "web-3")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "scope")
        #expect(refused.message?.contains("changed by hand") == true)
        #expect(try carol.ask("approve", "web-3").refusedBy == "scope")
        #expect(try playground.remoteRefs() == before)
    }

    @Test func `A target branch that moved so that the merge renders something else voids approvals`() throws {
        let (playground, _, alice) = try openInProd()
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        _ = try bob.ask("approve", "web-3")
        _ = try carol.ask("approve", "web-3")
        // Not in the way: another environment.
        try alice.git.succeed("pull", "-q", "origin", "main")
        let folder = URL(filePath: alice.directory)
        try change(folder.appending(path: "overlays/dev/kustomization.yaml"), "LOG_LEVEL=debug", "LOG_LEVEL=trace")
        try alice.git.succeed("commit", "-q", "-am", "Dev logs more")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try bob.ask("show", "web-3").check("approved")?.status == "pass")
        // In the way: the base.
        try change(folder.appending(path: "base/service.yaml"), "port: 80", "port: 81")
        try alice.git.succeed("commit", "-q", "-am", "Another port")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let refused = try bob.ask("merge", "web-3")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "mergeable")
        #expect(refused.check("approved")?.detail.hasPrefix("0 of 2") == true)
        // Asked for again, it is planned anew, and the old one is closed.
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-4")
        #expect(try alice.ask("show", "web-3").text("state") == "superseded")
    }

    @Test func `A merge by somebody who may not merge is refused`() throws {
        let (playground, ci, _) = try openInProd()
        for name in ["bob", "carol"] { _ = try playground.person(name).ask("approve", "web-3") }
        let refused = try ci.ask("merge", "web-3")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "authorized-merge")
    }

    @Test func `A revoked approval no longer counts`() throws {
        let (playground, _, _) = try openInProd()
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        _ = try bob.ask("approve", "web-3")
        _ = try carol.ask("approve", "web-3")
        #expect(try bob.ask("revoke", "web-3").check("approved")?.detail.hasPrefix("1 of 2") == true)
        #expect(try carol.ask("merge", "web-3").status == 75)
    }

    @Test func `A rejection stops the merge, whatever the quorum, until whoever said no takes it back`() throws {
        let (playground, ci, alice) = try openInProd()
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try ci.ask("reject", "web-3", "--reason", "no").refusedBy == "authorized")
        #expect(try bob.ask("reject", "web-3", "--reason", "  ").status == 77)
        _ = try bob.ask("approve", "web-3")
        _ = try carol.ask("approve", "web-3")

        let rejected = try bob.ask("reject", "web-3", "--reason", "the migration is not reversible")
        #expect(rejected.status == 0)
        #expect(try bob.ask("reject", "web-3", "--reason", "the migration is not reversible").status == 0)
        let waiting = try alice.ask("merge", "web-3")
        #expect(waiting.status == 75)
        #expect(waiting.check("approved")?.detail.contains("rejected by bob@example.org: the migration is not") == true)
        // The quorum could be had without him, and still he says no.
        let dave = try playground.person("dave")
        if try dave.ask("approve", "web-3").status == 0 { #expect(try alice.ask("merge", "web-3").status == 75) }

        #expect(try bob.ask("revoke", "web-3").check("approved")?.detail.contains("rejected") == false)
        #expect(try bob.ask("revoke", "web-3").status == 0)
        #expect(try carol.ask("reject", "web-3", "--reason", "wait").status == 0)
        #expect(try carol.ask("approve", "web-3").status == 0)
        #expect(try bob.ask("approve", "web-3").status == 0)
        #expect(try alice.ask("merge", "web-3").status == 0)
        let events = try alice.ask("history", "--app", "web")["events"] as? [[String: Any]] ?? []
        let types = events.map { $0["type"] as? String }
        #expect(types.filter { $0 == "PromotionRejected" }.count == 2)
        #expect(types.filter { $0 == "RejectionWithdrawn" }.count == 1)
        #expect(try bob.ask("audit", "verify").status == 0)
    }

    private func change(_ file: URL, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: file)
    }
}
