import Foundation
import PromoteTestSupport
import Testing

/// What `doctor` says of a set-up in which a promotion could not succeed.
@Suite struct DoctorTests {
    private struct Finding {
        let status: String
        let detail: String
        let remedy: String
    }

    private func findings(_ topic: String, in person: Person) throws -> [Finding] {
        (try person.ask("doctor")["findings"] as? [[String: Any]] ?? []).filter { $0["topic"] as? String == topic }.map {
            Finding(
                status: $0["status"] as? String ?? "", detail: $0["detail"] as? String ?? "",
                remedy: $0["remedy"] as? String ?? "")
        }
    }

    private func edit(_ seed: URL, _ file: String, _ old: String, _ new: String) throws {
        let url = seed.appending(path: file)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: url)
    }

    @Test func `Of a set-up that works nothing is a problem`() throws {
        let alice = try Playground().person("alice")
        let answer = try alice.ask("doctor")
        #expect(answer.status == 0, "\(answer.result.output)")
        #expect(try findings("sources", in: alice).isEmpty && findings("roles", in: alice).isEmpty)
        #expect(try findings("images", in: alice).isEmpty)
    }

    @Test
    func `An environment on the way that an application has nothing for is a problem, with the key that says so on purpose`()
        throws
    {
        let playground = try Playground { try FileManager.default.removeItem(at: $0.appending(path: "overlays/staging")) }
        let alice = try playground.person("alice")
        #expect(try alice.ask("doctor").status == 65)
        let found = try findings("sources", in: alice)
        #expect(found.map(\.status) == ["problem"])
        #expect(
            found.first?.detail
                == "web has nothing in staging: there is no overlays/staging, and nothing of it gets to prod without")
        #expect(found.first?.remedy.contains("environments: [dev, prod] of web") == true)
    }

    @Test func `At the end of the way it is a warning, and nowhere at all a problem`() throws {
        let last = try Playground { try FileManager.default.removeItem(at: $0.appending(path: "overlays/prod")) }
        #expect(try findings("sources", in: last.person("alice")).map(\.status) == ["warning"])
        let nowhere = try Playground { try edit($0, "environments/application.yaml", "overlays/", "ovrlays/") }
        let found = try findings("sources", in: nowhere.person("alice"))
        #expect(found.map(\.status) == ["problem"])
        #expect(found.first?.detail.contains("nothing in any environment: there is no ovrlays/dev") == true)
    }

    @Test func `An image that nothing runs is a problem`() throws {
        let playground = try Playground { try edit($0, "environments/application.yaml", "example/web", "example/wbe") }
        let found = try findings("images", in: playground.person("alice"))
        #expect(found.map(\.status) == ["problem", "problem", "problem"])
        #expect(found.first?.detail.contains("runs registry.example/wbe in dev") == true)
    }

    @Test func `A list none of whom has a key is a problem, a single one of a list a warning`() throws {
        let playground = try Playground {
            try edit($0, "environments/application.yaml", "[ci@example.org]", "[robot@example.org]")
            try edit(
                $0, "environments/environments.yaml", "promoters: [release-managers, ci@example.org]",
                "promoters: [release-managers, dave@example.org]")
        }
        let found = try findings("roles", in: playground.person("alice"))
        #expect(found.map(\.status) == ["problem", "warning"])
        #expect(found.first?.detail.contains("builders of web") == true)
        #expect(found.first?.remedy.contains("promote keys add --principal robot@example.org") == true)
        #expect(found.last?.detail == "dave@example.org is among the promoters of staging, and has no key")
    }

    @Test func `What is checked out and not pushed is told`() throws {
        let alice = try Playground().person("alice")
        #expect(try findings("policy", in: alice).count == 1)
        _ = try alice.change("environments/teams.yaml") { $0 + "# more\n" }
        let found = try findings("policy", in: alice)
        #expect(found.count == 2)
        #expect(found.contains { $0.status == "warning" && $0.detail.contains("is not what main has, and is not there yet") })
    }

    @Test func `Where no policy can be read, what needs none is looked at all the same`() throws {
        let playground = try Playground { try edit($0, "environments/environments.yaml", "approvals:", "aprovals:") }
        let alice = try playground.person("alice")
        #expect(try alice.ask("doctor").status == 65)
        let policy = try findings("policy", in: alice)
        #expect(policy.map(\.status) == ["problem"])
        #expect(policy.first?.detail.contains("unknown key “aprovals”") == true)
        for topic in ["identity", "git", "remote"] {
            #expect(try findings(topic, in: alice).map(\.status) == ["good"], "\(topic)")
        }
        try alice.git.succeed("config", "--unset", "user.signingkey")
        #expect(try findings("identity", in: alice).map(\.status) == ["warning"])
    }
}
