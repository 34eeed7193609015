import Foundation
import PromoteTestSupport
import Testing

/// Tokens, from the environment to wherever they must not come.
@Suite struct SecretTests {
    private static let secret = "s3cr3t-t0ken-0123456789"
    private static let names = [
        "PROMOTE_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN",
    ]

    /// A gate of dev that writes what it can read of its parent, whose number is in `PPID`.
    private func playground(_ script: String) throws -> Playground {
        try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8).replacing(
                "  promotesFrom: [build]\n",
                with: "  promotesFrom: [build]\n  gates: [{ name: spy, command: [sh, policy/spy], files: [policy] }]\n")
            try Data(text.utf8).write(to: file)
            try FileManager.default.createDirectory(at: seed.appending(path: "policy"), withIntermediateDirectories: true)
            try Data(script.utf8).write(to: seed.appending(path: "policy/spy"))
        }
    }

    private func armed(_ person: Person) -> Person {
        var person = person.runningGates()
        for name in Self.names { person.environment[name] = "\(Self.secret)-\(name)" }
        person.environment["DATABASE_PASSWORD"] = "another-\(Self.secret)"
        return person
    }

    @Test func `A gate reads no secret in its environment, nor in what its parent was started with`() throws {
        let playground = try playground("cat > /dev/null; env; tr '\\0' '\\n' < /proc/$PPID/environ; echo; echo looked; exit 1")
        #expect(try playground.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        let answer = try armed(playground.person("alice")).ask("plan", "build", "dev")
        #expect(answer.status == 77)
        #expect(answer.check("gate/spy")?.detail.contains("PROMOTE_ENVIRONMENT=dev") == true, "\(answer.result.output)")
        #expect(!(answer.result.output + answer.result.errors).contains(Self.secret))
        #expect(!(answer.result.output + answer.result.errors).contains("DATABASE_PASSWORD"))
    }

    @Test func `Neither git and its hooks nor the signing program inherit a token, and they inherit the rest`() throws {
        let playground = try Playground()
        let alice = try armed(playground.person("ci"))
        let spy = playground.scratch.path + "/seen"
        try Data("#!/bin/sh\nenv >> '\(spy)'\nexec ssh-keygen \"$@\"\n".utf8).write(
            to: URL(filePath: playground.scratch.path + "/sign"))
        let hook = alice.directory + "/.git/hooks/reference-transaction"
        try Data("#!/bin/sh\nenv >> '\(spy)'\n".utf8).write(to: URL(filePath: hook))
        try Tool("chmod", in: "/").succeed("+x", hook, playground.scratch.path + "/sign")
        try alice.git.succeed("config", "gpg.ssh.program", playground.scratch.path + "/sign")
        #expect(try alice.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        let seen = try String(contentsOfFile: spy, encoding: .utf8)
        #expect(seen.contains("DATABASE_PASSWORD=another-"))
        for name in Self.names { #expect(!seen.contains(name)) }
    }

    @Test func `A token in a reason or in an address does not reach the ledger`() throws {
        let playground = try Playground()
        let ci = try armed(playground.person("ci"))
        let token = "\(Self.secret)-CI_JOB_TOKEN"
        #expect(
            try ci.ask(
                "register", "registry.example/web@\(Playground.digest("1"))", "--source",
                "https://gitlab-ci-token:\(token)@git.example/a/b.git", "--run", "https://other:unknown-word@ci.example/1"
            ).status == 0)
        #expect(try playground.person("alice").ask("hold", "dev", "--reason", "curl -H \(token) fails").status == 0)
        let other = try armed(playground.person("alice", clone: "other"))
        #expect(try other.ask("hold", "staging", "--reason", "so does \(token)").status == 0)
        let ledger = try Tool("git", in: playground.remote).succeed("log", "-p", "promote/ledger/web")
        #expect(ledger.contains("https://git.example/a/b.git"))
        #expect(!ledger.contains("unknown-word") && !ledger.contains("gitlab-ci-token"))
        #expect(ledger.contains("so does ***"))
        // Whoever has it in no variable of theirs says it in their own words.
        #expect(ledger.contains("curl -H \(token)"))
    }

    @Test func `The password in a remote's address is in no message`() throws {
        let alice = try Playground().person("alice")
        try alice.git.succeed("config", "remote.origin.url", "http://alice:\(Self.secret)@127.0.0.1:1/config.git")
        for command in [
            ["status"], ["doctor"], ["hold", "dev", "--reason", "x"], ["status", "--json"], ["doctor", "--offline"],
        ] {
            let result = try alice.promote.run(command)
            #expect(!(result.output + result.errors).contains(Self.secret), "\(command)")
        }
    }
}
