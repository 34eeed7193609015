import Foundation
import PromoteTestSupport
import Testing

/// Promotions that go where none may: what is said is the way that there is.
@Suite struct WrongWayTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
    }

    @Test func `Against the way, and into builds`() throws {
        let back = try alice.ask("prod", "dev")
        #expect(back.refusedBy == "verified-upstream")
        #expect(back.message == "dev takes releases from build, and not from prod")
        #expect(back.text("error", "hint") == "promote build dev --app web")
        let early = try alice.ask("staging", "prod")
        #expect(early.text("error", "hint")?.hasPrefix("first: promote dev staging --app web") == true, "\(early.result.output)")
        let build = try alice.ask("staging", "build")
        #expect(build.status == 64)
        #expect(build.message == "build is no environment: builds come from `promote register`")
        #expect(build.text("error", "hint") == "into an environment: promote build dev")
    }

    @Test func `What is open from elsewhere is not what was asked for`() throws {
        #expect(try alice.ask("build", "dev", "--merge").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        let open = try alice.ask("dev", "staging")
        #expect(open.text("state") == "open", "\(open.result.output)")
        let refused = try alice.ask("build", "staging")
        #expect(refused.refusedBy == "verified-upstream", "\(refused.result.output)")
        #expect(refused.message?.contains("staging takes releases from dev, not from build") == true)
        #expect(try alice.promote.run("dev", "staging").output.contains("is open already"))
    }
}
