import Foundation
import PromoteTestSupport
import Testing

/// Short names of releases and promotions, and what is said of those that are none.
@Suite struct NameTests {
    private let playground: Playground
    private let (ci, alice): (Person, Person)

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for (tag, digit) in [("1.4.2", "1"), ("1.5.0", "2")] {
            let answer = try ci.ask(
                "register", "registry.example/web:\(tag)@\(Playground.digest(Character(digit)))", "--commit",
                String(repeating: digit, count: 40))
            #expect(answer.status == 0)
        }
    }

    @Test func `Builds are listed newest first, with where each is and was`() throws {
        for tag in ["1.4.2", "1.5.0"] {
            let opened = try alice.ask("build", "dev", "--release", tag)
            #expect(opened.status == 0)
            #expect(try alice.ask("merge", opened.text("promotion") ?? "").status == 0)
        }
        let answer = try alice.ask("releases")
        #expect(answer.status == 0)
        #expect(answer.text("releases", 0, "version") == "1.5.0")
        #expect(answer.text("releases", 0, "environments", 0, "name") == "dev")
        #expect(answer["releases", 0, "environments", 0, "until"] == nil)
        #expect(answer.text("releases", 1, "version") == "1.4.2")
        #expect(answer.text("releases", 1, "environments", 0, "until") != nil)
        #expect((try alice.ask("releases", "--limit", "1")["releases"] as? [Any])?.count == 1)
        #expect(try alice.ask("releases", "--app", "wbe").message == "there is no application “wbe”")
        let text = try alice.promote.run("releases").output
        #expect(text.contains("(was in dev)"))
    }

    @Test func `Short names do what whole ones do`() throws {
        let first = try #require(try alice.ask("releases").text("releases", 1, "release"))
        let digits = first.dropFirst("web-".count)
        #expect(try alice.ask("show", String(digits.prefix(6))).text("release") == first)
        #expect(try alice.ask("plan", "build", "dev", "--release", "1.4.2").text("release") == first)
        #expect(try alice.ask("build", "dev", "--release", "web-\(digits.prefix(5))").text("promotion") == "web-1")
        #expect(try alice.ask("show", "1").text("promotion") == "web-1")
        #expect(try alice.ask("explain", "1").text("promotion") == "web-1")
        #expect(try alice.ask("merge", "1").status == 0)
        #expect(try ci.ask("verify", "dev", "--release", "1.4.2", "--result", "passed").status == 0)
        #expect(try alice.ask("yank", String(digits.prefix(7)), "--reason", "leaks").status == 0)
        #expect(try alice.ask("releases")["releases", 1, "yanked"] as? Bool == true)
    }

    @Test func `What may be several releases is none, and the answer names them`() throws {
        #expect(
            try ci.ask(
                "register", "registry.example/web:1.5.0@\(Playground.digest("3"))", "--commit", String(repeating: "3", count: 40)
            )
            .status == 0)
        let answer = try alice.ask("plan", "build", "dev", "--release", "1.5.0")
        #expect(answer.status == 64)
        let releases = try alice.ask("releases")
        let message = answer.message ?? ""
        for number in 0...1 { #expect(message.contains(releases.text("releases", number, "release") ?? "missing"), "\(message)") }
        #expect(try alice.ask("yank", "1.5.0", "--reason", "leaks").status == 64)
        #expect(try alice.ask("plan", "build", "dev", "--release", "9.9.9").status == 64)
        #expect(try alice.ask("show", "nothing").status == 64)
    }

    @Test func `Help knows rules and other topics, and says of nothing else that it does`() throws {
        #expect(try alice.promote.run("help", "soak").output.contains("asks:"))
        #expect(try alice.promote.run("help", "rules").output.contains("verified-upstream"))
        #expect(try alice.promote.run("help", "plan").output.contains("USAGE: promote plan"))
        let unknown = try alice.promote.run("help", "verifed-upstream")
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("did you mean `promote help verified-upstream`?"))
    }
}
