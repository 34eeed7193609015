import Foundation
import PromoteTestSupport
import Testing

/// A merge is one only when what was proposed is there afterwards, and when it is known who merged it.
@Suite struct MergedContentTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let ledger = "refs/heads/promote/ledger/web"

    /// The first release runs in dev, and web-2 is open to bring the second one there.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for (digit, id) in [("1" as Character, "web-1"), ("2", "web-2")] {
            #expect(try ci.ask("register", "registry.example/web:v\(digit)@\(Playground.digest(digit))").status == 0)
            #expect(try alice.ask("build", "dev").text("promotion") == id)
            if digit == "1" { #expect(try alice.ask("merge", id).status == 0) }
        }
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
    }

    private var proposed: String { "origin/promotion/web/dev/2" }

    private func id(_ revision: String) throws -> String { try alice.git.succeed("rev-parse", revision) }

    private func commit(_ tree: String, _ parents: String...) throws -> String {
        try alice.git.succeed(["commit-tree", "-S", "-m", "by hand"] + parents.flatMap { ["-p", $0] } + [tree])
    }

    private func release(_ person: Person) throws -> String? {
        try person.ask("status").text("applications", 0, "environments", 0, "images", 0, "digest")
    }

    /// Pushes `tip` to main, and alice's word that `merge` merged web-2.
    private func claim(_ merge: String, on tip: String) throws {
        try alice.git.succeed("fetch", "-q", "origin", ledger)
        let head = try id("FETCH_HEAD")
        let request = try #require(
            JSONSerialization.jsonObject(with: Data(try alice.git.succeed("show", "\(head)~1:event.json").utf8)) as? [String: Any]
        )
        let payload = try #require(request["payload"] as? [String: Any])
        var event = request
        event["type"] = "PromotionMerged"
        event["id"] = "01ZZZZZZZZZZZZZZZZZZZZZZZZ"
        event["payload"] =
            [
                "commit": merge, "environment": "dev", "head": try id(proposed), "promotion": 2,
                "release": payload["release"] ?? "",
            ] as [String: Any]
        // The request's own time would do as well: it is not before that of the event before.
        event["time"] = try alice.git.succeed("log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd", head)
        let text = try JSONSerialization.data(withJSONObject: event, options: [.sortedKeys, .withoutEscapingSlashes])
        let blob = try alice.git.succeed("hash-object", "-w", "--stdin", input: String(decoding: text, as: UTF8.self))
        let tree = try alice.git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try commit(tree, head)
        try alice.git.succeed("push", "-q", "--atomic", "origin", "\(tip):refs/heads/main", "\(commit):\(ledger)")
    }

    private func expectNotMerged(saying words: String) throws {
        for reader in [alice, try playground.person("bob")] {
            #expect(try release(reader) == Playground.digest("1"))
            let rejection = try reader.ask("history").text("events", 0, "rejection") ?? "(applied)"
            #expect(rejection.contains(words), "\(rejection)")
        }
        #expect(try alice.ask("dev", "staging", "--release", "v2").status != 0)
    }

    @Test func `A merge of it with the old content is none`() throws {
        let merge = try commit(id("origin/main^{tree}"), id("origin/main"), id(proposed))
        try claim(merge, on: merge)
        try expectNotMerged(saying: "does not bring")
    }

    @Test func `A merge of it with other content is none`() throws {
        let file = URL(filePath: alice.directory + "/overlays/dev/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("add", "-A")
        let merge = try commit(alice.git.succeed("write-tree"), id("origin/main"), id(proposed))
        try claim(merge, on: merge)
        try expectNotMerged(saying: "does not bring")
    }

    @Test func `A merge that came onto the branch without what it brought is none`() throws {
        try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "beside", proposed)
        let merge = try id("HEAD")
        let tip = try commit(id("origin/main^{tree}"), id("origin/main"), merge)
        try claim(merge, on: tip)
        try expectNotMerged(saying: "onto the branch without")
    }

    @Test func `A merge the other way round keeps a merge whose file a later promotion changed again`() throws {
        #expect(try alice.ask("merge", "web-2").status == 0)
        let before = try id("origin/main")
        try alice.git.succeed("fetch", "-q", "origin")
        let side = try commit(id("\(before)^{tree}"), id("\(before)~1"))
        let tip = try commit(id("origin/main^{tree}"), side, id("origin/main"))
        try alice.git.succeed("push", "-q", "origin", "\(tip):refs/heads/main")
        for reader in [alice, try playground.person("bob")] {
            #expect(try release(reader) == Playground.digest("2"))
            #expect(try reader.ask("audit", "verify").status == 0)
        }
    }

    @Test func `A claim that a fast-forward is a merge counts only by who makes it`() throws {
        try alice.git.succeed("push", "-q", "origin", "\(proposed):refs/heads/main")
        let steps = try ci.ask("sync")
        #expect(steps.text("steps", 0, "action") == "violation")
        #expect(steps.text("steps", 0, "detail")?.contains("authorized-merge: web-2: a fast-forward") == true)
        #expect(try release(ci) == Playground.digest("1"))
    }

    @Test func `The hook refuses a fast-forward, and says how to merge`() throws {
        let server = Tool(Playground.builtProgram.path, in: playground.scratch.path)
        try server.succeed("hook", "install", "--bare", playground.remote)
        let push = try alice.git.run("push", "origin", "\(proposed):refs/heads/main")
        #expect(push.status != 0)
        #expect(push.errors.contains("promote merge web-2"))
        #expect(try alice.ask("merge", "web-2").status == 0)
    }

    @Test func `A merge into a file that was changed meanwhile is one, to every reader`() throws {
        let file = URL(filePath: alice.directory + "/overlays/dev/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(("# Ours.\n" + text).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "A remark")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let merge = try alice.ask("merge", "web-2")
        #expect(merge.status == 0, "\(merge.result.output)")
        for reader in [alice, try playground.person("bob")] { #expect(try release(reader) == Playground.digest("2")) }
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
    }
}
