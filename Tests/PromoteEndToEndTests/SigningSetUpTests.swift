import Foundation
import PromoteTestSupport
import Testing

/// What Git has to be set up with so that a signature counts, and what is said where it is not.
@Suite struct SigningSetUpTests {
    private let playground: Playground
    private let alice: Person

    init() throws {
        playground = try Playground()
        alice = try playground.person("alice")
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
    }

    private func set(_ values: [(key: String, value: String?)]) throws {
        for (key, value) in values {
            try alice.git.run(value.map { ["config", key, $0] } ?? ["config", "--unset", key])
        }
    }

    private func fingerprint(_ person: Person) throws -> String {
        let line = try Tool("ssh-keygen", in: "/").succeed("-l", "-f", person.keyFile + ".pub")
        return String(try #require(line.split(separator: " ").first { $0.hasPrefix("SHA256:") }))
    }

    @Test(
        arguments: [
            ("openpgp", "0xDEADBEEF", "gpg.format is openpgp, and only SSH keys count: git config gpg.format ssh; "),
            ("x509", nil, "gpg.format is x509, and only SSH keys count: git config gpg.format ssh; "),
            (nil, "0xDEADBEEF", "gpg.format is not set, and only SSH keys count: git config gpg.format ssh; "),
            (nil, nil, "gpg.format is not set, and only SSH keys count: git config gpg.format ssh; "),
            ("ssh", nil, "Git knows no signing key of yours: "),
        ] as [(String?, String?, String)])
    func `A refusal for want of a signature says what to set, and by which commit`(
        _ format: String?, _ key: String?, _ words: String
    ) throws {
        try set([("gpg.format", format), ("user.signingkey", key)])
        let refs = try playground.remoteRefs()
        let answer = try alice.ask("build", "dev")
        #expect(answer.status == 77)
        #expect(answer.refusedBy == "authorized")
        let tip = try alice.git.succeed("rev-parse", "origin/main")
        #expect(answer.message?.hasSuffix("(by the policy of main, commit \(tip))") == true, "\(answer.message ?? "")")
        let advice = words + "git config user.signingkey <file of the key \(try fingerprint(alice))>"
        let hint = answer.text("error", "hint") ?? ""
        #expect(hint.hasPrefix(advice), "\(hint)")
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.status == 65)
        #expect(doctor.output.contains(advice), "\(doctor.output)")
        #expect(try playground.remoteRefs() == refs)
        // And it is enough.
        try set([("gpg.format", "ssh"), ("user.signingkey", alice.keyFile)])
        #expect(try alice.ask("build", "dev").status == 0)
    }

    @Test func `Who has no line in the list is told which one to add`() throws {
        let mallory = try playground.person("mallory")
        let answer = try mallory.ask("hold", "prod", "--reason", "x")
        #expect(answer.status == 77)
        let hint = answer.text("error", "hint") ?? ""
        // A key would not help here: the role is what is missing.
        #expect(hint.hasPrefix("can be done by ") && !hint.contains("signingkey"), "\(hint)")
        let advice = try mallory.promote.run("doctor").output
        #expect(advice.contains("git config user.signingkey <file of your public key>"), "\(advice)")
        let line = "add the line “mallory@example.org <your public key>” to environments/allowed_signers"
        #expect(advice.contains(line), "\(advice)")
    }

    @Test func `A key that Git's default command names in the agent signs`() throws {
        let socket = playground.scratch.path + "/agent"
        let agent = try Server(["ssh-agent", "-D", "-a", socket], in: playground.scratch.path)
        #expect(try agent.says("SSH_AUTH_SOCK"))
        var person = alice
        person.environment["SSH_AUTH_SOCK"] = socket
        try set([("user.signingkey", nil), ("gpg.ssh.defaultKeyCommand", "ssh-add -L")])
        // The agent has no key yet.
        let refs = try playground.remoteRefs()
        let empty = try person.ask("build", "dev")
        #expect(empty.status == 65)
        #expect(empty.message?.contains("by gpg.ssh.defaultKeyCommand: ssh-add gave no key") == true, "\(empty.result.output)")
        #expect(empty.text("error", "hint")?.contains("git config user.signingkey <key>") == true)
        #expect(try playground.remoteRefs() == refs)
        try Tool("ssh-add", in: "/", environment: ["SSH_AUTH_SOCK": socket]).succeed("-q", alice.keyFile)
        #expect(try person.ask("build", "dev", "--merge").status == 0)
        let audit = try playground.person("bob").ask("audit", "verify")
        #expect(audit.status == 0, "\(audit.result.output)")
    }
}
