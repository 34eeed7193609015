import Foundation
import PromoteTestSupport
import Testing

/// What a refusal says is to be done: done, it works.
@Suite struct WayOutTests {
    private let playground: Playground
    private let (alice, bob, carol): (Person, Person, Person)

    init() throws {
        playground = try Playground()
        (alice, bob) = (try playground.person("alice"), try playground.person("bob"))
        carol = try playground.person("carol")
    }

    // MARK: Branches in the way

    @Test(arguments: ["promotion", "promotion/web", "promotion/web/dev"])
    func `A branch that stood in the way and is deleted leaves nothing behind in any clone`(_ blocker: String) throws {
        let ci = try playground.person("ci")
        let image = "registry.example/web:v1@\(Playground.digest("1"))"
        #expect(try ci.ask("register", image, "--commit", String(repeating: "c", count: 40)).status == 0)
        try bob.git.succeed("push", "-q", "origin", "HEAD:refs/heads/\(blocker)")
        #expect(try bob.ask("doctor").status == 65)
        let refused = try alice.ask("build", "dev")
        #expect(refused.status == 65)
        let hint = try #require(refused.text("error", "hint"))
        #expect(hint.hasPrefix("git push origin --delete refs/heads/\(blocker)"), "\(hint)")
        try alice.git.succeed("push", "-q", "origin", "--delete", "refs/heads/\(blocker)")
        #expect(try alice.ask("build", "dev").text("promotion") == "web-1")
        for person in [alice, bob, ci] {
            let status = try person.ask("status")
            #expect(status.status == 0, "\(status.result.errors)")
            let doctor = try person.ask("doctor")
            #expect(doctor.result.output.contains("prune") == false)
        }
        #expect(try alice.ask("merge", "web-1").status == 0)
    }

    // MARK: Changes of the policy

    private func askForOneApproval(signed isSigned: Bool) throws -> String {
        let file = URL(filePath: alice.directory + "/environments/environments.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("required: 2", with: "required: 1").utf8).write(to: file)
        try alice.git.succeed(["commit", "-q", "-a", "-m", "One is enough"] + (isSigned ? ["-S"] : []))
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        return try alice.git.succeed("rev-parse", "HEAD")
    }

    @Test func `An unsigned change of the policy is taken back and proposed again, and nothing asks to approve it`() throws {
        let head = try askForOneApproval(signed: false)
        for arguments in [["status"], ["doctor"], ["sync"], ["accept", "--policy", "--reason", "seen"]] {
            let said = try alice.promote.run(arguments)
            let text = said.output + said.errors
            #expect(text.contains("git revert \(head)"), "\(text)")
            #expect(text.contains("promote approve --change \(head)") == false, "\(text)")
        }
        try bob.git.succeed("fetch", "-q", "origin")
        let refused = try bob.ask("approve", "--change", head)
        #expect(refused.status == 77)
        #expect(refused.text("error", "hint")?.contains("git revert \(head)") == true, "\(refused.result.output)")
        // The tip's policy does not count, also when an operator has seen that.
        let doctor = try alice.promote.run("doctor").output
        #expect(doctor.contains("is another version, by \(head.prefix(7))"), "\(doctor)")
        try alice.git.succeed("revert", "--no-edit", head)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.promote.run("doctor").output.contains("is another version") == false)
    }

    @Test func `An approved change of the policy is told to count from the next commit on, and does`() throws {
        let head = try askForOneApproval(signed: true)
        #expect(try alice.promote.run("status").output.contains("promote approve --change \(head)"))
        for (person, told) in [(bob, "1 of 2 approvals"), (carol, "git commit --allow-empty")] {
            try person.git.succeed("fetch", "-q", "origin")
            #expect(try person.ask("approve", "--change", head).status == 0)
            for command in ["status", "doctor"] {
                let text = try alice.promote.run(command).output
                #expect(text.contains(told), "\(text)")
            }
        }
        #expect(try alice.promote.run("status").output.contains("approve --change") == false)
        try bob.git.succeed("pull", "-q", "--ff-only", "origin", "main")
        try bob.git.succeed("commit", "-q", "--allow-empty", "-m", "It counts")
        try bob.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.promote.run("status").output.contains("VIOLATION") == false)
    }

    @Test func `The first keys come through the hook, and the next ones need consent`() throws {
        let playground = try Playground { seed in
            try Data("# nobody yet\n".utf8).write(to: seed.appending(path: "environments/allowed_signers"))
        }
        let alice = try playground.person("alice")
        #expect(try alice.promote.run("hook", "install", "--bare", playground.remote).status == 0)
        func list(_ names: [String]) throws {
            let lines = try names.map { name in
                let key = playground.scratch.url.appending(component: "key-\(name).pub")
                return "\(name)@example.org \(try String(contentsOf: key, encoding: .utf8))"
            }
            let file = URL(filePath: alice.directory + "/environments/allowed_signers")
            try Data(lines.joined().utf8).write(to: file)
            try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "Keys of \(names)")
        }
        try list(["alice"])
        #expect(try alice.ask("gate").text("verdict") == "pass")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.promote.run("status").output.contains("VIOLATION") == false)
        try list(["alice", "mallory"])
        #expect(try alice.ask("gate").text("verdict") != "pass")
        #expect(try alice.git.run("push", "-q", "origin", "HEAD:main").status != 0)
    }

    /// A merge takes what it merges for its author's only where it is made onto what was there before.
    @Test func `Whoever merges another's signed commit into a change of their own has to sign for both`() throws {
        let playground = try Playground()
        let (alice, mallory) = (try playground.person("alice"), try playground.person("mallory"))
        let signed = try alice.change("environments/teams.yaml") { "# A remark.\n" + $0 }
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/remark")
        let key = try String(contentsOfFile: playground.scratch.path + "/key-bob.pub", encoding: .utf8)
        try mallory.change("environments/revoked_keys", signed: false) { _ in key }
        try mallory.git.succeed("merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "Merge", signed)
        let gate = try mallory.ask("gate", "--head", "HEAD")
        #expect(gate.status == 77, "\(gate.result.output)")
        #expect(gate.text("policy", "detail")?.contains("is not signed with a key that allowed_signers lists") == true)
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.output.contains("does not count"), "\(doctor.output)")
    }

    // MARK: Keys and roles

    @Test func `A revoked key is told as revoked, and its owner to have a new one listed`() throws {
        let key = try String(contentsOfFile: alice.keyFile + ".pub", encoding: .utf8)
        let file = URL(filePath: bob.directory + "/environments/revoked_keys")
        try Data(key.utf8).write(to: file)
        try bob.git.succeed("add", "-A")
        try bob.git.succeed("commit", "-q", "-S", "-m", "Alice's key is lost")
        try bob.git.succeed("push", "-q", "origin", "HEAD:main")
        let refused = try alice.ask("hold", "dev", "--reason", "x")
        #expect(refused.status == 77)
        #expect(refused.message?.contains("is revoked by environments/revoked_keys") == true, "\(refused.result.output)")
        #expect(refused.text("error", "hint")?.contains("alice@example.org <your new public key>") == true)
        let doctor = try alice.promote.run("doctor").output
        #expect(doctor.contains("is revoked by environments/revoked_keys"), "\(doctor)")
        #expect(doctor.contains("is not one that allowed_signers lists") == false)
    }

    @Test func `Who is not of the role is told who is, and not to get a key`() throws {
        let mallory = try playground.person("mallory")
        let refused = try mallory.ask("hold", "prod", "--reason", "x")
        #expect(refused.status == 77)
        let hint = refused.text("error", "hint") ?? ""
        #expect(hint.contains("can be done by") && !hint.contains("signingkey"), "\(refused.result.output)")
    }

    // MARK: Audits

    @Test func `What audit export printed is a checkpoint, also of the ledger of all environments, which must still be there`()
        throws
    {
        #expect(try alice.ask("freeze", "prod", "--reason", "holidays").status == 0)
        #expect(try alice.ask("hold", "dev", "--reason", "x").status == 0)
        let file = playground.scratch.path + "/audit.jsonl"
        try Data(alice.promote.succeed("audit", "export").utf8).write(to: URL(filePath: file))
        for scope in [[], ["--app", "web"], ["--app", "_environments"]] {
            let verified = try alice.promote.run(["audit", "verify", "--checkpoint", file] + scope)
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
        try alice.git.succeed("push", "-q", "origin", ":refs/heads/promote/ledger/_environments")
        let fresh = try playground.person("bob", clone: "fresh")
        let lost = try fresh.promote.run("audit", "verify", "--checkpoint", file)
        #expect(lost.status == 77, "\(lost.output)")
        #expect(lost.output.contains("_environments: NOT INTACT"), "\(lost.output)")
    }
}
