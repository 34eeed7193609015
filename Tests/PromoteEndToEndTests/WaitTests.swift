import Foundation
import PromoteTestSupport
import Testing

/// `--wait`, which goes on until a promotion is so far, and `status --watch`.
@Suite struct WaitTests {
    private let playground: Playground
    private let (ci, alice): (Person, Person)

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
    }

    @Test func `It ends when another person has merged, and when another has verified`() throws {
        let bob = try playground.person("bob")
        let waiting = try alice.promote.start(["build", "dev", "--wait", "--json"])
        while try bob.ask("status").text("applications", 0, "environments", 0, "open", "promotion") == nil {}
        #expect(try bob.ask("merge", "web-1").status == 0)
        let merged = waiting.finish()
        #expect(merged.status == 0, "\(merged.errors)")
        #expect(JSONAnswer(merged).text("state") == "merged")
        let verifying = try alice.promote.start(["build", "dev", "--wait", "verified", "--json"])
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(JSONAnswer(verifying.finish()).text("state") == "verified")
        // What is so far already is not waited for.
        #expect(try alice.ask("merge", "web-1", "--wait", "verified", "--timeout", "1s").status == 0)
    }

    @Test func `It says what cannot happen any more, and what has not happened in time`() throws {
        let late = try alice.promote.run("build", "dev", "--wait", "merged", "--timeout", "1s")
        #expect(late.status == 75)
        #expect(late.errors.contains("web-1 is not merged yet\nhint: see `promote explain web-1`"))
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "failed").status == 0)
        let failed = try alice.promote.run("merge", "web-1", "--wait", "verified", "--timeout", "1m")
        #expect(failed.status == 77)
        #expect(failed.errors.contains("web-1 is failed: it will not be verified any more"))
        #expect(try alice.promote.run("build", "dev", "--timeout", "1s").status == 64)
        #expect(try alice.promote.run("build", "dev", "--wait", "--dry-run").status == 64)
        #expect(try alice.promote.run("merge", "web-1", "--wait", "merged", "--timeout", "soon").status == 64)
    }

    @Test func `Status is told again when it changes, until it is stopped`() throws {
        let watching = try alice.promote.start(["status", "--watch", "--interval", "1"])
        #expect(try watching.saysOnStandardOutput("APPLICATION"))
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try watching.saysOnStandardOutput("web-1"))
        let ended = watching.terminate()
        #expect(ended.status == 75)
        #expect(ended.output.components(separatedBy: "APPLICATION").count == 3)
        #expect(try alice.promote.run("status", "--watch", "--at", "2026-01-01").status == 64)
    }
}
