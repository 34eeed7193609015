import Foundation
import PromoteTestSupport
import Testing

/// What was undone, retired or voided and comes back: a key's revocation, an environment, an approval, a branch of before.
@Suite struct ReturningStateTests {
    private let playground: Playground
    private let (ci, alice, mallory): (Person, Person, Person)
    private let (bob, carol): (Person, Person)

    /// dev and staging run the first build.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        mallory = try playground.person("mallory")
        let commit = String(repeating: "c", count: 40)
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))", "--commit", commit).status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
    }

    /// prod runs the first build, too.
    private func deploy() throws {
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        for approver in [bob, carol] { #expect(try approver.ask("approve", "web-3").status == 0) }
        #expect(try alice.ask("merge", "web-3").status == 0)
    }

    private func update(_ person: Person) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
    }

    private func write(_ person: Person, _ path: String, _ edit: (String) -> String) throws {
        let file = URL(filePath: person.directory + "/" + path)
        let exists = FileManager.default.fileExists(atPath: file.path())
        let text = exists ? try String(contentsOf: file, encoding: .utf8) : ""
        let edited = edit(text)
        #expect(edited != text)
        try Data(edited.utf8).write(to: file)
    }

    private func commit(_ person: Person, _ message: String) throws {
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", "-S", "-m", message)
    }

    private func push(_ person: Person, _ what: String = "HEAD") throws {
        try person.git.succeed("push", "-q", "origin", "\(what):refs/heads/main")
    }

    private func violations(_ line: Int = #line) throws -> Int {
        (try playground.person("alice", clone: "fresh-\(line)").ask("status")["policyViolations"] as? [[String: Any]] ?? []).count
    }

    private func isTainted(_ environment: Int) throws -> Bool {
        try alice.ask("status").text("applications", 0, "environments", environment, "release") != nil
            && alice.promote.run("status").output.contains("TAINTED")
    }

    @Test func `A revocation that was undone is not brought back by merging its commit again`() throws {
        try update(bob)
        let lines = try String(contentsOfFile: bob.directory + "/environments/allowed_signers", encoding: .utf8)
        let key = lines.split(separator: "\n").first { $0.hasPrefix("alice@") }?.split(separator: " ").dropFirst().prefix(2)
        try write(bob, "environments/revoked_keys") { _ in (key?.joined(separator: " ") ?? "") + "\n" }
        try commit(bob, "Revoke a key of alice")
        let revoked = try bob.git.succeed("rev-parse", "HEAD")
        try push(bob)
        #expect(try violations() == 0)
        try update(ci)
        try ci.git.succeed("rm", "-q", "environments/revoked_keys")
        try commit(ci, "It was found again")
        try playground.consent(to: ci)
        try push(ci)
        #expect(try violations() == 0)
        try update(mallory)
        let tree = try mallory.git.succeed("rev-parse", "\(revoked)^{tree}")
        let again = try mallory.git.succeed("commit-tree", "-p", "HEAD", "-p", revoked, "-m", "Merge", tree)
        try push(mallory, again)
        #expect(try violations() == 1)
        #expect(try ci.ask("sync").status == 77)
    }

    @Test func `An approval that another policy made void is given again`() throws {
        try update(alice)
        try write(alice, "environments/teams.yaml") { $0 + "# second\n" }
        try commit(alice, "Second")
        let second = try alice.git.succeed("rev-parse", "HEAD")
        try playground.consent(to: alice)
        try update(alice)
        try write(alice, "environments/application.yaml") { $0 + "# first\n" }
        try commit(alice, "First")
        try playground.consent(to: alice)
        try push(alice)
        try alice.git.succeed("revert", "--no-edit", "-S", "HEAD")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try alice.ask("gate", "--head", second).text("verdict") == "pending")
        for name in ["bob", "carol"] {
            let approver = try playground.person(name, clone: "\(name)-again")
            try approver.git.succeed("fetch", "-q", alice.directory, second)
            #expect(try approver.ask("approve", "--change", second).status == 0)
        }
        #expect(try alice.ask("gate", "--head", second).text("verdict") == "pass")
    }

    @Test func `An environment that comes back goes on from what the ledger says`() throws {
        try deploy()
        try update(alice)
        let before = try alice.git.succeed("rev-parse", "HEAD")
        try write(alice, "environments/environments.yaml") {
            $0.components(separatedBy: "---\n").prefix(2).joined(separator: "---\n")
        }
        try alice.git.succeed("rm", "-rq", "overlays/prod")
        try commit(alice, "Retire prod")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try ci.ask("sync").status == 0)
        try update(mallory)
        try mallory.git.succeed("checkout", "-q", before, "--", "overlays/prod", "environments/environments.yaml")
        try commit(mallory, "prod again")
        #expect(try mallory.ask("gate", "--head", "HEAD").text("verdict") == "pass")
        try write(mallory, "overlays/prod/kustomization.yaml") {
            $0.replacing(Playground.digest("1"), with: Playground.digest("9"))
        }
        try mallory.git.succeed("commit", "-q", "-a", "-S", "--amend", "--no-edit")
        #expect(try mallory.ask("gate", "--head", "HEAD").text("verdict") == "fail")
        try push(mallory)
        #expect(try ci.ask("sync").status == 77)
        #expect(try isTainted(2))
    }

    @Test func `A branch that was set back to before a merge is told by fresh clones, too, until that is decided again`() throws {
        try deploy()
        try update(mallory)
        try mallory.git.succeed("push", "-q", "--force", "origin", "HEAD^:refs/heads/main")
        let fresh = try playground.person("alice", clone: "fresh")
        #expect(try fresh.promote.run("status").errors.contains("rewritten"))
        #expect(try fresh.ask("doctor").status == 65)
        #expect(try fresh.ask("staging", "prod").text("promotion") == "web-4")
        #expect(try !playground.person("bob", clone: "later").promote.run("status").errors.contains("rewritten"))
    }

    @Test func `A tip that is dated long ago keeps no clock from writing`() throws {
        try update(mallory)
        let tree = try mallory.git.succeed("rev-parse", "HEAD^{tree}")
        let parent = try mallory.git.succeed("rev-parse", "HEAD")
        let who = "mallory <mallory@example.org> 978307200 +0000"
        let text = "tree \(tree)\nparent \(parent)\nauthor \(who)\ncommitter \(who)\n\nOld\n"
        let old = try mallory.git.succeed("hash-object", "-t", "commit", "-w", "--stdin", input: text)
        try push(mallory, old)
        #expect(try alice.ask("freeze", "prod", "--reason", "look").status == 0)
    }
}
