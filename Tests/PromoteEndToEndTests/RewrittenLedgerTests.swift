import Foundation
import PromoteTestSupport
import Testing

/// Somebody who may push anything rewrites a ledger with plain git: those who saw it refuse it, and those who did not believe
/// nothing from there on.
@Suite struct RewrittenLedgerTests {
    private let branch = "refs/heads/promote/ledger/web"

    private struct Scene {
        let playground: Playground
        let ci: Person
        let alice: Person
        let mallory: Person
    }

    /// Six events: a build, a promotion to dev with its pull request, its merge, a verification, another build.
    private func scene() throws -> Scene {
        let playground = try Playground { seed in
            let environments = seed.appending(component: "environments")
            try Data(
                """
                apiVersion: promote/v1alpha1
                kind: Application
                metadata: { name: api }
                spec:
                  images: [{ name: registry.example/api }]
                  overlay: overlays/{environment}
                  builders: [ci@example.org]
                """.utf8
            ).write(to: environments.appending(component: "api.yaml"))
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/api@\(Playground.digest("7"))", "--app", "api").status == 0)
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))", "--app", "web").status == 0)
        #expect(try alice.ask("build", "dev", "--app", "web").status == 0)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try ci.ask("verify", "dev", "--app", "web", "--result", "passed").status == 0)
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("2"))", "--app", "web").status == 0)
        return Scene(playground: playground, ci: ci, alice: alice, mallory: try playground.person("mallory"))
    }

    /// Makes the ledger anew from its own commits, each with its signature, as `change` says.
    private func rewrite(
        _ scene: Scene, _ change: ([(commit: String, event: String)]) throws -> [(commit: String, event: String)]
    ) throws {
        let git = scene.mallory.git
        try git.succeed("fetch", "-q", "origin", branch)
        let commits = try git.succeed("rev-list", "--reverse", "FETCH_HEAD").split(separator: "\n").map { id in
            (try git.succeed("cat-file", "commit", String(id)), try git.succeed("show", "\(id):event.json"))
        }
        var parent: String?
        for (commit, event) in try change(commits.map { (commit: $0.0, event: $0.1) }) {
            let blob = try git.succeed("hash-object", "-w", "--stdin", input: event)
            let tree = try git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
            var lines = commit.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines.removeAll { $0.hasPrefix("parent ") }
            lines[0] = "tree \(tree)"
            if let parent { lines.insert("parent \(parent)", at: 1) }
            parent = try git.succeed("hash-object", "-t", "commit", "-w", "--stdin", input: lines.joined(separator: "\n") + "\n")
        }
        try git.succeed("push", "-q", "-f", "origin", "\(try #require(parent)):\(branch)")
    }

    /// Those who saw the ledger refuse it, and an audit of theirs says what is gone.
    private func expectRefusal(_ scene: Scene) throws {
        #expect(try scene.ci.ask("status", "--app", "web").refusedBy == "ledger-intact")
        let audit = try scene.ci.promote.run("audit", "verify", "--app", "web")
        #expect(audit.status == 77)
        #expect(audit.output.contains("gone"))
    }

    /// What a clone that never saw the ledger takes of it: for each event, oldest first, why it does not count; nil when it does.
    private func verdicts(_ scene: Scene) throws -> [String?] {
        let bob = try scene.playground.person("bob", clone: "fresh-\(UUID().uuidString)")
        let events = try bob.ask("history", "--app", "web")["events"] as? [[String: Any]] ?? []
        // Those of other ledgers that happened in the same second have no order among these.
        return events.reversed().filter { $0["application"] as? String == "web" }.map { $0["rejection"] as? String }
    }

    @Test func `An edited event, and all behind it, count for nobody`() throws {
        let scene = try scene()
        #expect(try verdicts(scene).allSatisfy { $0 == nil })
        try rewrite(scene) { events in
            events.enumerated().map { index, entry in
                index == 4 ? (entry.commit, entry.event.replacing("passed", with: "failed")) : entry
            }
        }
        try expectRefusal(scene)
        let verdicts = try verdicts(scene)
        #expect(verdicts.count == 6)
        #expect(verdicts[..<4].allSatisfy { $0 == nil })
        #expect(verdicts[4...].allSatisfy { $0?.contains("it is not of this commit") == true })
    }

    @Test func `A removed event takes those behind it with it`() throws {
        let scene = try scene()
        try rewrite(scene) { events in Array(events[..<4] + events[5...]) }
        try expectRefusal(scene)
        let verdicts = try verdicts(scene)
        #expect(verdicts.count == 5)
        #expect(verdicts[4]?.contains("it is not of this commit") == true)
    }

    @Test func `Reordered events count no more`() throws {
        let scene = try scene()
        try rewrite(scene) { events in Array(events[..<4] + [events[5], events[4]]) }
        try expectRefusal(scene)
        #expect(try verdicts(scene)[4...].allSatisfy { $0?.contains("it is not of this commit") == true })
    }

    @Test func `A true event of another application's ledger is nothing in this one`() throws {
        let scene = try scene()
        let git = scene.mallory.git
        try git.succeed("fetch", "-q", "origin", "refs/heads/promote/ledger/api")
        // The whole commit, whose signature is true.
        try git.succeed("push", "-q", "-f", "origin", "FETCH_HEAD:\(branch)")
        try expectRefusal(scene)
        let verdicts = try verdicts(scene)
        #expect(verdicts.count == 1)
        #expect(verdicts[0]?.contains("is not the id of these digests") == true)
    }

    @Test func `A key that was removed, and a policy commit from before that, sign nothing any more`() throws {
        let scene = try scene()
        // The owner takes ci's key away.
        let owner = scene.alice.git
        try owner.succeed("pull", "-q", "--rebase", "origin", "main")
        let old = try owner.succeed("rev-parse", "HEAD")
        let file = URL(filePath: scene.alice.directory).appending(path: "environments/allowed_signers")
        let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("ci@") }
        try Data((kept.joined(separator: "\n") + "\n").utf8).write(to: file)
        try owner.succeed("commit", "-q", "-S", "-am", "ci has a new machine")
        try scene.playground.consent(to: scene.alice)
        try owner.succeed("push", "-q", "origin", "HEAD:main")
        let new = try owner.succeed("rev-parse", "HEAD")
        // Somebody acts under the new policy; then ci's old machine writes on, under the new policy and under the old one.
        #expect(try scene.alice.ask("build", "dev", "--app", "web").status == 0)
        for (policy, id, digest) in [(new, "A", "3"), (old, "B", "4")] as [(String, String, Character)] {
            try append(scene, registration(digest, policy: policy, id: id))
        }
        let verdicts = try verdicts(scene)
        #expect(verdicts.dropLast(2).allSatisfy { $0 == nil }, "\(verdicts)")
        #expect(verdicts[verdicts.count - 2]?.contains("ci@example.org") == true)
        #expect(verdicts[verdicts.count - 1]?.contains("is older than that of the event before it") == true)
    }

    private func registration(_ digit: Character, policy: String, id: String) throws -> String {
        let digest = Playground.digest(digit)
        let hash = try Tool("sha256sum", in: "/").succeed(input: "registry.example/web@\(digest)").prefix(12)
        let image = #"{"digest":"\#(digest)","name":"registry.example/web"}"#
        let payload = #"{"build":{},"images":[\#(image)],"release":"web-\#(hash)"}"#
        let time = try Tool("date", in: "/").succeed("-u", "+%Y-%m-%dT%H:%M:%SZ")
        return
            #"{"actor":"ci@example.org","id":"01\#(String(repeating: id, count: 24))","payload":\#(payload),"policyCommit":"\#(policy)","time":"\#(time)","type":"ReleaseRegistered","version":1}"#
    }

    private func append(_ scene: Scene, _ event: String) throws {
        let git = scene.ci.git
        try git.succeed("fetch", "-q", "origin", branch)
        let blob = try git.succeed("hash-object", "-w", "--stdin", input: event)
        let tree = try git.succeed("mktree", input: "100644 blob \(blob)\tevent.json\n")
        let commit = try git.succeed("commit-tree", tree, "-p", "FETCH_HEAD", "-S", "-m", "register")
        try git.succeed("push", "-q", "origin", "\(commit):\(branch)")
    }
}
