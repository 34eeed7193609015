import Foundation
import PromoteTestSupport
import Testing

/// Who ran what at a moment that is past, and how it came about.
@Suite struct PastStatusTests {
    private let image = "registry.example/web"

    private func environment(_ answer: JSONAnswer, _ index: Int) -> [String: Any] {
        answer["applications", 0, "environments", index] as? [String: Any] ?? [:]
    }

    @Test func `Every past moment is answered as it was, with who, why, and from which run`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))", "--run", "https://ci/1").status == 0)
        let ledger = "refs/heads/promote/ledger/web"
        /// The head of the ledger, and the status, after what was just done.
        func moment() throws -> (commit: String, live: JSONAnswer) {
            try alice.git.succeed("fetch", "-q", "origin", ledger)
            return (try alice.git.succeed("rev-parse", "FETCH_HEAD"), try alice.ask("status"))
        }
        var moments = [try moment()]
        for (from, to) in [("build", "dev"), ("dev", "staging"), ("staging", "prod")] {
            #expect(try alice.ask(from, to).status == 0)
            let number = moments.count
            if to == "prod" {
                for person in [bob, carol] { #expect(try person.ask("approve", "web-\(number)").status == 0) }
            }
            #expect(try alice.ask("merge", "web-\(number)").status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
            moments.append(try moment())
        }
        for (commit, live) in moments {
            let past = try bob.ask("status", "--at", commit)
            #expect(past.status == 0, "\(past.result.errors)")
            for index in 0..<3 {
                for key in ["release", "state", "since"] {
                    #expect(environment(past, index)[key] as? String == environment(live, index)[key] as? String)
                }
            }
        }
        let last = environment(try bob.ask("status", "--at", moments[3].commit), 2)
        #expect(last["mergedBy"] as? String == "alice@example.org")
        #expect(last["approvedBy"] as? [String] == ["bob@example.org", "carol@example.org"])
        #expect(last["run"] as? String == "https://ci/1")
        let text = try bob.promote.succeed("status", "--at", moments[3].commit)
        #expect(text.contains("bob@example.org, carol@example.org"))
    }

    @Test func `Today, which has no end yet, is as it is now`() throws {
        let ci = try Playground().person("ci")
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        let today = try Tool("date", in: "/").succeed("-u", "+%Y-%m-%d")
        #expect(try ci.ask("status", "--at", today).status == 0)
    }

    @Test func `A moment that is none is refused with how to write one`() throws {
        let playground = try Playground()
        let ci = try playground.person("ci")
        for (moment, message) in [
            ("yesterday", "neither a time nor a commit"), ("2099-01-01", "is not past"), ("2001-01-01", "no configuration"),
        ] {
            let answer = try ci.ask("status", "--at", moment)
            #expect(answer.status == 64)
            #expect(answer.message?.contains(message) == true)
        }
    }
}
