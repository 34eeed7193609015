import Foundation
import PromoteTestSupport
import Testing

/// The main job, through the built program, over a real bare remote.
@Suite struct ScenarioTests {
    private let image = "registry.example/web"

    @Test func `One image goes from dev through staging to prod, by three people and CI`() throws {
        let playground = try Playground()
        let (ci, alice, bob) = (try playground.person("ci"), try playground.person("alice"), try playground.person("bob"))
        let carol = try playground.person("carol")
        let digest = Playground.digest("1")

        let registered = try ci.ask(
            "register", "\(image):1.4.2@\(digest)", "--app", "web", "--commit", "0a1b2c3d", "--run", "https://ci.example/7")
        #expect(registered.status == 0)
        #expect(registered["created"] as? Bool == true)
        #expect(registered.text("images", 0, "digest") == digest)
        #expect(registered.text("images", 0, "tag") == "1.4.2")
        let release = try #require(registered.text("release"))
        #expect(release.hasPrefix("web-"))

        let opened = try alice.ask("build", "dev", "--app", "web")
        #expect(opened.status == 0)
        #expect(opened.text("promotion") == "web-1")
        #expect(opened.text("state") == "open")
        #expect(opened.text("branch") == "promotion/web/dev/1")
        #expect(opened.text("from") == "build")
        #expect(opened.text("to") == "dev")
        #expect(opened["pullRequest", "number"] as? Int == 1)
        let merged = try alice.ask("merge", "web-1")
        #expect(merged.status == 0)
        #expect(merged.text("state") == "merged")
        #expect(try ci.ask("verify", "dev", "--app", "web", "--result", "passed").status == 0)

        #expect(try alice.ask("dev", "staging").text("promotion") == "web-2")
        #expect(try bob.ask("merge", "web-2").text("state") == "merged")
        #expect(try ci.ask("verify", "staging", "--result", "passed", "--evidence", "https://ci.example/8").status == 0)

        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        let early = try alice.ask("merge", "web-3")
        #expect(early.status == 75)
        #expect(early.refusedBy == "approved")
        #expect(try bob.ask("approve", "web-3").status == 0)
        #expect(try alice.ask("merge", "web-3").status == 75)
        #expect(try carol.ask("approve", "web-3").check("approved")?.status == "pass")
        #expect(try bob.ask("merge", "web-3").text("state") == "merged")

        let status = try carol.ask("status")
        for index in 0..<3 { #expect(status.text("applications", 0, "environments", index, "release") == release) }
        #expect(status.text("applications", 0, "environments", 2, "state") == "merged")
        let history = try carol.ask("history")
        #expect((history["events"] as? [Any])?.count == 14)
        #expect(history.text("events", 0, "type") == "PromotionMerged")
        #expect(history.text("events", 0, "environment") == "prod")

        try expectMergedTree(playground, digest: digest)
    }

    /// What Git has in the end, read by git alone.
    private func expectMergedTree(_ playground: Playground, digest: String) throws {
        let git = Tool("git", in: playground.remote)
        for environment in ["dev", "staging", "prod"] {
            let text = try git.succeed("show", "main:overlays/\(environment)/kustomization.yaml")
            #expect(text.contains("digest: \(digest)"))
            #expect(!text.contains("sha256:0000"))
        }
        #expect(try git.succeed("rev-list", "--merges", "--count", "main") == "3")
        #expect(try git.succeed("for-each-ref", "--format=%(refname:short)") == "main\npromote/ledger/web")
        let message = try git.succeed("log", "-1", "--format=%B", "main^2")
        for trailer in ["Promotion: web-3", "Release: web-", "Image: \(image)@\(digest)", "From: staging", "To: prod"] {
            #expect(message.contains(trailer))
        }
        // One file per ledger commit, and a line of commits.
        #expect(try git.succeed("ls-tree", "-r", "--name-only", "promote/ledger/web") == "event.json")
        #expect(try git.succeed("rev-list", "--count", "promote/ledger/web") == "14")
        #expect(try git.succeed("rev-list", "--count", "--first-parent", "promote/ledger/web") == "14")
        #expect(try git.run("fsck", "--strict").status == 0)
    }

    @Test func `Every commit of the ledger carries the signature of its actor, as git itself verifies`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        _ = try alice.ask("build", "dev")
        let signers = playground.scratch.url.appending(path: "seed/environments/allowed_signers").path
        let log = try Tool("git", in: playground.remote).succeed(
            "-c", "gpg.ssh.allowedSignersFile=\(signers)", "log", "--format=%G? %GS", "promote/ledger/web", "promotion/web/dev/1",
            "^main")
        let lines = log.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.hasPrefix("G ") })
        #expect(lines.filter { $0 == "G ci@example.org" }.count == 1)
        #expect(lines.filter { $0 == "G alice@example.org" }.count == 3)
    }

    @Test func `A clone that is stale at every step still does the right thing`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        // These clones see nothing of what happens until they act themselves.
        let stale = try (1...4).map { try playground.person("bob", clone: "stale-\($0)") }
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        #expect(try stale[0].ask("build", "dev").text("promotion") == "web-1")
        #expect(try alice.ask("build", "dev").text("promotion") == "web-1")
        #expect(try stale[1].ask("merge", "web-1").text("state") == "merged")
        #expect(try alice.ask("merge", "web-1").status == 0)
        _ = try ci.ask("verify", "dev", "--result", "passed")
        #expect(try stale[2].ask("dev", "staging").text("promotion") == "web-2")
        #expect(try stale[0].ask("status").text("applications", 0, "environments", 1, "open", "promotion") == "web-2")
        #expect(try stale[3].ask("close", "web-2", "--reason", "not today").text("state") == "closed")
        #expect(try stale[1].ask("merge", "web-2").refusedBy == "one-open-promotion")
        #expect(try alice.ask("history").value as? NSDictionary == stale[2].ask("history").value as? NSDictionary)
    }

    @Test func `Deleting the state store changes no answer`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image):2@\(Playground.digest("1"))", "--commit", "0a1b2c3d")
        _ = try alice.ask("build", "dev")
        _ = try alice.ask("merge", "web-1")
        _ = try ci.ask("verify", "dev", "--result", "passed")
        _ = try alice.ask("dev", "staging")
        let before = try alice.promote.run("status", "--json")
        let history = try alice.promote.run("history", "--json")
        try FileManager.default.removeItem(atPath: alice.directory + "/.git/promote")
        #expect(try alice.promote.run("status", "--json").output == before.output)
        #expect(try alice.promote.run("state", "rebuild").status == 0)
        #expect(try alice.promote.run("status", "--json").output == before.output)
        #expect(try alice.promote.run("history", "--json").output == history.output)
    }

    @Test func `Doing again what is done already exits 0 and adds no event`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        func twice(_ person: Person, _ arguments: String...) throws -> ToolResult {
            #expect(try person.promote.run(arguments).status == 0)
            let refs = try playground.remoteRefs()
            let again = try person.promote.run(arguments)
            #expect(again.status == 0, "\(arguments): \(again.errors)")
            #expect(try playground.remoteRefs() == refs, "\(arguments)")
            return again
        }
        let registration = try twice(ci, "register", "\(image)@\(Playground.digest("1"))", "--json")
        #expect(registration.output.contains("\"created\" : false"))
        #expect(try twice(alice, "build", "dev").output.contains("web-1 is open already"))
        _ = try twice(alice, "merge", "web-1")
        #expect(try twice(alice, "build", "dev").output.contains("Nothing to do"))
        _ = try twice(ci, "verify", "dev", "--result", "passed")
        _ = try twice(alice, "dev", "staging")
        _ = try twice(alice, "close", "web-2", "--reason", "no")
    }

    @Test func `A newer release supersedes an open promotion, whose branch goes`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        _ = try alice.ask("build", "dev")
        _ = try ci.ask("register", "\(image)@\(Playground.digest("2"))")
        #expect(try alice.ask("build", "dev").text("promotion") == "web-2")
        let refs = try playground.remoteRefs()
        #expect(!refs.contains("promotion/web/dev/1"))
        #expect(refs.contains("promotion/web/dev/2"))
        #expect(try alice.ask("show", "web-1").text("state") == "superseded")
        #expect(try alice.ask("merge", "web-1").refusedBy == "one-open-promotion")
    }

    @Test func `The user's checkout is never touched, however dirty it is`() throws {
        let playground = try Playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        _ = try ci.ask("register", "\(image)@\(Playground.digest("1"))")
        let folder = URL(filePath: alice.directory)
        try Data("half-typed".utf8).write(to: folder.appending(path: "overlays/dev/kustomization.yaml"))
        try Data("new".utf8).write(to: folder.appending(path: "notes.txt"))
        try alice.git.succeed("add", "overlays/dev/kustomization.yaml")
        try Data("typed on".utf8).write(to: folder.appending(path: "overlays/dev/kustomization.yaml"))
        try alice.git.succeed("checkout", "-q", "--detach")
        func look() throws -> [String] {
            [
                try alice.git.succeed("status", "--porcelain=v2", "--branch"), try alice.git.succeed("diff"),
                try alice.git.succeed("diff", "--cached"), try alice.git.succeed("rev-parse", "HEAD", "main"),
                try alice.git.succeed("stash", "list"),
            ]
        }
        let before = try look()
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try look() == before)
    }
}
