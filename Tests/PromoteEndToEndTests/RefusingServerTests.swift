import Foundation
import PromoteTestSupport
import Testing

/// Servers that take less than others: told for what they are, and a clean-up that they deny undoes nothing.
@Suite struct RefusingServerTests {
    private let playground: Playground
    private let (ci, alice): (Person, Person)
    private var server: Tool { Tool("git", in: playground.remote) }

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
    }

    private func register(_ digit: Character) throws -> JSONAnswer {
        try ci.ask("register", "registry.example/web:v\(digit)@\(Playground.digest(digit))", "--app", "web")
    }

    private func findings(_ person: Person) throws -> String { try person.promote.run("doctor").output }

    @Test func `A merge lands on a server that lets no branch be deleted, and says what is left over`() throws {
        try server.succeed("config", "receive.denyDeletes", "true")
        #expect(try register("1").status == 0)
        #expect(try alice.ask("build", "dev").text("promotion") == "web-1")
        let merged = try alice.promote.run("merge", "web-1", "--json")
        #expect(merged.status == 0, "\(merged.errors)")
        #expect(merged.errors.contains("does not let promotion/web/dev/1 be deleted"))
        #expect(JSONAnswer(merged).text("state") == "merged")
        #expect(try alice.promote.run("merge", "web-1").status == 0)
        // What is open is superseded, and closed, all the same.
        for digit in ["2", "3"] as [Character] {
            #expect(try register(digit).status == 0)
            #expect(try alice.ask("build", "dev").status == 0)
        }
        #expect(try alice.ask("close", "web-3", "--reason", "x").status == 0)
        #expect(try alice.promote.run("reconcile").status == 0)
        #expect(try findings(alice).contains("git push origin --delete promotion/web/dev/1"))
        try server.succeed("config", "receive.denyDeletes", "false")
        #expect(try alice.promote.run("reconcile").status == 0)
        #expect(try !playground.remoteRefs().contains("refs/heads/promotion/"))
        #expect(try !findings(alice).contains("--delete"))
    }

    @Test func `A hook that lets no branch be deleted keeps no merge from landing`() throws {
        try playground.scratch.write(
            "#!/bin/sh\nwhile read old new ref; do case $new in *[!0]*) ;; *) echo \"$ref stays\"; exit 1;; esac; done\n",
            to: "remote.git/hooks/pre-receive")
        try Tool("chmod", in: playground.remote).succeed("+x", "hooks/pre-receive")
        #expect(try register("1").status == 0)
        let merged = try alice.promote.run("build", "dev", "--merge", "--json")
        #expect(merged.status == 0)
        #expect(merged.errors.contains("refs/heads/promotion/web/dev/1 stays"))
    }

    @Test func `A server without atomic pushes is told for what it is`() throws {
        try server.succeed("config", "receive.advertiseAtomic", "false")
        let refused = try register("1")
        #expect(refused.status == 65)
        #expect(refused.message?.contains("no atomic pushes") == true, "\(refused.message ?? "")")
        #expect(refused.text("error", "hint")?.contains("receive.advertiseAtomic true") == true)
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.status == 65)
        #expect(doctor.output.contains("no atomic pushes"))
    }

    @Test(arguments: [
        ("push.pushOption", "ticket=1", "takes no push options", "receive.advertisePushOptions"),
        ("push.gpgSign", "true", "takes no signed pushes", "receive.certNonceSeed"),
    ])
    func `What is sent and not taken is told for what it is`(
        _ key: String, _ value: String, _ what: String, _ remedy: String
    ) throws {
        try ci.git.succeed("config", key, value)
        let refused = try register("1")
        #expect(refused.status == 65)
        #expect(refused.message?.contains(what) == true, "\(refused.message ?? "")")
        #expect(refused.text("error", "hint")?.contains(remedy) == true)
        #expect(try findings(ci).contains(what))
    }

    @Test func `A server that may ask for options and signed pushes says so when it refuses, and gets them when they are set`()
        throws
    {
        try server.succeed("config", "receive.advertisePushOptions", "true")
        try server.succeed("config", "receive.certNonceSeed", "a seed")
        try playground.scratch.write(
            "#!/bin/sh\ntest -n \"$GIT_PUSH_CERT\" || { echo 'signed pushes only'; exit 1; }\ntest \"$GIT_PUSH_OPTION_0\" = ticket=1 || { echo 'no ticket'; exit 1; }\n",
            to: "remote.git/hooks/pre-receive")
        try Tool("chmod", in: playground.remote).succeed("+x", "hooks/pre-receive")
        let refused = try register("1")
        #expect(refused.status == 69)
        #expect(refused.message?.contains("signed pushes only") == true)
        let hint = refused.text("error", "hint") ?? ""
        #expect(hint.contains("git config push.gpgSign if-asked") && hint.contains("git config --add push.pushOption"))
        #expect(try findings(ci).contains("push.gpgSign if-asked"))
        try ci.git.succeed("config", "push.gpgSign", "if-asked")
        try ci.git.succeed("config", "push.pushOption", "ticket=1")
        #expect(try register("1").status == 0)
        #expect(try !findings(ci).contains("push.gpgSign"))
    }
}
