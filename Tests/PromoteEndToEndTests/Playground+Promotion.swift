import PromoteTestSupport
import Testing

extension Playground {
    /// Takes a release through all environments, with the approvals that prod asks for, and records what came of it.
    ///
    /// - Parameter equipped: what each person needs for it besides.
    /// - Returns: alice, with prod's state in her clone.
    func promoteToProd(_ equipped: (Person) -> Person = { $0 }) throws -> Person {
        let (ci, alice) = (equipped(try person("ci")), equipped(try person("alice")))
        let registered = try ci.ask("register", "registry.example/web:1.4.0@\(Self.digest("1"))", "--no-registry")
        #expect(registered.status == 0, "\(registered.result.errors)")
        let first = try alice.ask("build", "dev", "--merge")
        #expect(first.text("state") == "merged", "\(first.result.output)\(first.result.errors)")
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try alice.ask("dev", "staging", "--merge").text("state") == "merged")
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        let opened = try alice.ask("staging", "prod")
        #expect(opened.text("state") == "open", "\(opened.result.output)\(opened.result.errors)")
        let promotion = try #require(opened.text("promotion"))
        for name in ["bob", "carol"] { #expect(try equipped(person(name)).ask("approve", promotion).status == 0) }
        #expect(try alice.ask("merge", promotion).text("state") == "merged")
        #expect(try ci.ask("sync").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
        try alice.git.succeed("pull", "-q")
        return alice
    }
}
