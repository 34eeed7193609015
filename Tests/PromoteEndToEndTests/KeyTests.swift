import Foundation
import PromoteTestSupport
import Testing

/// From no key to one that counts, by the commands that are printed.
@Suite struct KeyTests {
    private let scratch: ScratchDirectory
    private let git: Tool

    init() throws {
        scratch = try ScratchDirectory()
        try Tool("git", in: scratch.path).succeed("init", "-q", "--bare", "-b", "main", "remote.git")
        git = Tool("git", in: scratch.path)
    }

    /// A clone of the remote, of a person with a home of their own in which there is no key.
    private func person(_ name: String) throws -> (git: Tool, promote: (String...) throws -> JSONAnswer, home: String) {
        let home = scratch.path + "/home-\(name)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let clone = scratch.path + "/clone-\(name)"
        try git.succeed("clone", "-q", scratch.path + "/remote.git", clone)
        let own = Tool("git", in: clone, environment: ["HOME": home])
        try own.succeed("config", "user.name", name)
        try own.succeed("config", "user.email", "\(name)@example.org")
        let promote = Tool(Playground.builtProgram.path, in: clone, environment: ["HOME": home])
        return (
            own,
            { (arguments: String...) in
                let result = try promote.run(arguments + ["--json"])
                if let fault = JSONSchemas.documented.fault(of: result.output, to: arguments) {
                    throw ToolResult.Failed(description: fault)
                }
                return JSONAnswer(result)
            }, home
        )
    }

    @Test func `A team goes from nothing to approvals that count, and no step of it is a violation`() throws {
        let (git, alice, home) = try person("alice")
        let early = try alice("keys", "add")
        #expect(early.status == 65)
        #expect(early.text("error", "hint")?.hasPrefix("promote init") == true)
        #expect(!FileManager.default.fileExists(atPath: home + "/.ssh"))
        #expect(try alice("init", "--team", "release-managers=alice@example.org,bob@example.org").status == 0)
        let first = try alice("keys", "add")
        #expect(first.status == 0, "\(first.result.output)")
        #expect(first.text("file") == home + "/.ssh/id_ed25519.pub")
        #expect(first.text("listed") == "workTree")
        #expect(try git.succeed("config", "gpg.format") == "ssh")
        #expect(try git.succeed("config", "user.signingkey") == home + "/.ssh/id_ed25519.pub")
        #expect(try git.succeed("config", "commit.gpgsign") == "true")
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", "-m", "Start promoting")
        try git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice("keys", "add").text("listed") == "known")
        // Another one's key is added while no approval is asked for, and approvals once there are two.
        let (_, bob, _) = try person("bob")
        let proposed = try bob("keys", "add")
        #expect(proposed.status == 0, "\(proposed.result.output)\(proposed.result.errors)")
        #expect(proposed["created"] as? Bool == true)
        #expect(proposed.text("gate") == "pass", "\(proposed.result.output)")
        let commit = try #require(proposed.text("commit"))
        let listed = try alice("keys", "add", "--principal", "bob@example.org", "--key", try #require(proposed.text("key")))
        #expect(listed.text("gate") == "pass")
        try git.succeed("fetch", "-q", "origin")
        try git.succeed("push", "-q", "origin", "\(commit):main")
        #expect(try alice("sync").status == 0)
        #expect(try bob("keys", "add").text("listed") == "known")
        try git.succeed("fetch", "-q", "origin")
        try git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: scratch.path + "/clone-alice/environments/environments.yaml")
        let policy = try String(contentsOf: file, encoding: .utf8)
        #expect(policy.contains("  # approvals:"))
        try Data(policy.replacing("  # approvals:", with: "  approvals:").utf8).write(to: file)
        try git.succeed("commit", "-q", "-a", "-m", "Ask for approvals")
        try git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice("sync").status == 0)
        #expect(try alice("doctor").status == 0)

        // From now on there are approvals, and what has none is a violation.
        let (_, carol, _) = try person("carol")
        #expect(try carol("keys", "add").text("gate") == "fail")
        for principal in ["*@example.org", "!x@example.org", "#x@y", "cert-authority"] {
            let refused = try alice("keys", "add", "--principal", principal, "--key", try #require(proposed.text("key")))
            #expect(refused.status == 64, "\(principal)")
        }
        let signers = URL(filePath: scratch.path + "/clone-alice/environments/allowed_signers")
        let text = try String(contentsOf: signers, encoding: .utf8)
        try Data(text.replacing("bob@example.org", with: "mallory@example.org").utf8).write(to: signers)
        try git.succeed("commit", "-q", "-a", "-m", "Take bob's key away")
        try git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice("sync").status == 77)
    }

    @Test func `A key that is there is taken, and what cannot be one is refused with what to do`() throws {
        let (git, alice, home) = try person("alice")
        #expect(try alice("init").status == 0)
        try FileManager.default.createDirectory(atPath: home + "/.ssh", withIntermediateDirectories: true)
        try Tool("ssh-keygen", in: home).succeed("-q", "-t", "ecdsa", "-N", "", "-f", ".ssh/id_ecdsa")
        try Data("no key\n".utf8).write(to: URL(filePath: home + "/notes.pub"))
        for (arguments, words) in [
            (["--key", home + "/nowhere"], "there is no file"), (["--key", home + "/notes.pub"], "is no public key"),
            (["--key", home + "/.ssh/id_ecdsa", "--principal", "a b"], "is not a principal"),
        ] {
            let refused = try alice(
                "keys", "add", arguments[0], arguments[1], arguments.count > 2 ? arguments[2] : "--offline",
                arguments.count > 3 ? arguments[3] : "--offline")
            #expect(refused.status == 64)
            #expect(refused.message?.contains(words) == true, "\(refused.result.output)")
        }
        #expect(try git.run(["config", "user.signingkey"]).status != 0)
        let added = try alice("keys", "add")
        #expect(added["created"] as? Bool == false)
        #expect(added.text("file") == home + "/.ssh/id_ecdsa.pub")
        let list = try String(contentsOfFile: scratch.path + "/clone-alice/environments/allowed_signers", encoding: .utf8)
        #expect(list.hasSuffix("alice@example.org \(try #require(added.text("key")))\n"))
    }

    @Test func `The folder of the configuration is named as it is called`() throws {
        let (_, alice, _) = try person("alice")
        let promote = Tool(
            Playground.builtProgram.path, in: scratch.path + "/clone-alice", environment: ["HOME": scratch.path + "/home-alice"])
        #expect(try alice("init", "--environments-dir", "promote").status == 0)
        let added = try promote.run("keys", "add").output
        #expect(added.contains("to promote/allowed_signers\n") && added.contains("next: git add promote && "), "\(added)")
        let again = try promote.run("keys", "add").output
        #expect(again.contains("promote/allowed_signers has this key"), "\(again)")
    }

    @Test func `A list of keys that is a link is refused, and nothing is read or written through it`() throws {
        let (git, alice, _) = try person("alice")
        #expect(try alice("init").status == 0)
        let clone = scratch.path + "/clone-alice"
        let outside = scratch.path + "/outside"
        let line = "mallory@example.org ssh-ed25519 AAAA\n"
        try Data(line.utf8).write(to: URL(filePath: outside))
        func refuses(_ words: String, _ arguments: String...) throws {
            let refused = try arguments.count == 1 ? alice(arguments[0]) : alice(arguments[0], arguments[1])
            #expect(refused.status == 65 || refused.status == 64, "\(arguments)")
            #expect(refused.message?.contains(words) == true, "\(refused.result.output)")
            #expect(try String(contentsOfFile: outside, encoding: .utf8) == line)
        }
        let list = clone + "/environments/allowed_signers"
        try FileManager.default.removeItem(atPath: list)
        try FileManager.default.createSymbolicLink(atPath: list, withDestinationPath: outside)
        try refuses("environments/allowed_signers is a link", "keys", "add")
        try refuses("environments/allowed_signers is a link", "init")
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", "-m", "Start promoting")
        try git.succeed("push", "-q", "origin", "HEAD:main")
        try refuses("not links", "keys", "add")

        // So is a folder.
        try git.succeed("mv", "environments", "elsewhere")
        try FileManager.default.createSymbolicLink(atPath: clone + "/environments", withDestinationPath: "elsewhere")
        try refuses("is in the way", "init")
    }
}
