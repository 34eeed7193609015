import ForgeServer
import Foundation
import PromoteTestSupport
import Synchronization
import Testing

/// New builds are found in registries, become candidates, and never move anything back.
@Suite struct DiscoverTests {
    /// The example, whose image is found by `selection`.
    private func playground(at host: String, _ selection: String) throws -> Playground {
        try Playground(keepingImagesAt: host, image: "select: " + selection)
    }

    private func revision(_ digit: String) -> [String: String] {
        ["org.opencontainers.image.revision": String(repeating: digit, count: 40)]
    }

    @Test func `The newest version is registered once, moves nowhere, and goes on from there`() throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("1"), to: "web", tag: "1.9.0")
        let newest = try registry.push(image: revision("2"), to: "web", tag: "1.10.0")
        try registry.push(image: revision("3"), to: "web", tag: "2.0.0-rc.1")
        try registry.push(image: revision("4"), to: "web", tag: "latest")
        let playground = try playground(at: registry.host, "{semver: \">=1.0\"}")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let found = try ci.ask("discover")
        #expect(found.text("steps", 0, "action") == "registered", "\(found.result.output)\(found.result.errors)")
        let release = try #require(found.text("steps", 0, "release"))
        #expect(try ci.ask("show", release).text("images", 0, "digest") == newest)
        #expect(try ci.ask("show", release).text("commit") == String(repeating: "2", count: 40))
        #expect(try ci.ask("discover").text("steps", 0, "action") == "known")
        #expect((try ci.ask("show", release)["deployments"] as? [Any])?.isEmpty == true)
        #expect(try alice.ask("build", "dev").status == 0)
        let next = try registry.push(image: revision("5"), to: "web", tag: "1.11.0")
        let more = try ci.ask("discover", "--app", "web")
        #expect(try ci.ask("show", try #require(more.text("steps", 0, "release"))).text("images", 0, "digest") == next)
    }

    @Test func `A list that has lost its newest tags registers nothing and moves nothing back`() throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("2"), to: "web", tag: "1.10.0")
        let playground = try playground(at: registry.host, "{semver: \">=1.0\"}")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("discover").status == 0)
        #expect(try alice.ask("build", "dev", "--merge").status == 0)
        // Another registry, which has only an older build.
        let poor = try RealRegistry()
        try poor.push(image: revision("1"), to: "web", tag: "1.9.0")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        try Playground.replace(registry.host, poor.host, below: URL(filePath: alice.directory + "/environments"))
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "another mirror")
        try playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let refs = try playground.remoteRefs()
        let refused = try ci.ask("discover")
        #expect(refused.status == 77)
        #expect(refused.text("steps", 0, "action") == "stuck")
        #expect(
            refused.text("steps", 0, "detail")?.contains("1.9.0 is the newest that the registry shows, and 1.10.0 is registered")
                == true)
        let ledgers = { (text: String) in text.split(separator: "\n").filter { $0.contains("promote/ledger") } }
        #expect(try ledgers(playground.remoteRefs()) == ledgers(refs))
    }

    @Test(arguments: ["hold", "freeze"])
    func `A hold or a freeze of where builds enter stops it`(_ way: String) throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("1"), to: "web", tag: "1.9.0")
        let playground = try playground(at: registry.host, "{semver: \">=1.0\"}")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try alice.ask(way, "dev", "--reason", "not now").status == 0)
        #expect(try ci.ask("discover").text("steps", 0, "action") == "held")
        #expect(try alice.ask(way == "hold" ? "resume" : "unfreeze", "dev").status == 0)
        #expect(try ci.ask("discover").text("steps", 0, "action") == "registered")
    }

    @Test func `One moving tag is followed by its digest, with one request where nothing changed`() throws {
        let registry = try RealRegistry()
        let first = try registry.push(image: revision("1"), to: "web", tag: "edge")
        let playground = try playground(at: registry.host, "{tag: edge}")
        let ci = try playground.person("ci")
        let one = try #require(try ci.ask("discover").text("steps", 0, "release"))
        #expect(try ci.ask("show", one).text("images", 0, "digest") == first)
        let second = try registry.push(image: revision("2"), to: "web", tag: "edge")
        let two = try #require(try ci.ask("discover").text("steps", 0, "release"))
        #expect(try ci.ask("show", two).text("images", 0, "digest") == second)
        // Back again: known, and not the newest, so nothing happens.
        try registry.push(image: revision("1"), to: "web", tag: "edge")
        #expect(try ci.ask("discover").text("steps", 0, "action") == "known")
    }

    @Test func `A pass of reconcile finds a new build, and carries it as far as it may go`() throws {
        let registry = try RealRegistry()
        let digest = try registry.push(image: revision("1"), to: "web", tag: "1.9.0")
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "select: {semver: \"*\"}", entry: ["autoPromote: true", "merge: auto"])
        let ci = try playground.person("ci")
        let steps = try ci.ask("reconcile")
        let actions = (steps["steps"] as? [[String: Any]] ?? []).compactMap { $0["action"] as? String }
        #expect(actions == ["registered", "promoted", "merged"], "\(steps.result.output)\(steps.result.errors)")
        #expect(try ci.ask("status").text("applications", 0, "environments", 0, "images", 0, "digest") == digest)
        #expect((try ci.ask("reconcile")["steps"] as? [Any])?.isEmpty == true)
    }

    @Test func `By time of build, a list without the newest moves nothing back`() throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("1"), to: "web", tag: "b1", created: "2026-11-01T10:00:00Z")
        let newest = try registry.push(image: revision("2"), to: "web", tag: "b2", created: "2026-11-02T10:00:00Z")
        let ci = try playground(at: registry.host, "{newest: true}").person("ci")
        #expect(try ci.ask("discover").text("steps", 0, "action") == "registered")
        try registry.delete(newest, in: "web")
        let refused = try ci.ask("discover")
        #expect(
            refused.text("steps", 0, "detail")?.contains("b1 is the newest that the registry shows, and b2 is registered")
                == true, "\(refused.result.output)")
        #expect(refused.status == 77)
    }

    @Test func `By time of build, the last one is the newest`() throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("1"), to: "web", tag: "b", created: "2026-11-01T10:00:00Z")
        let newest = try registry.push(image: revision("2"), to: "web", tag: "a", created: "2026-11-02T10:00:00+02:00")
        let ci = try playground(at: registry.host, "{newest: true}").person("ci")
        let release = try #require(try ci.ask("discover").text("steps", 0, "release"))
        #expect(try ci.ask("show", release).text("images", 0, "digest") == newest)
    }

    @Test(arguments: ["{semver: \">=9\"}", "{numerical: asc}", "{alphabetical: asc, filter: {pattern: \"^x-\"}}"])
    func `Nothing that fits is a failure`(_ selection: String) throws {
        let registry = try RealRegistry()
        try registry.push(image: revision("1"), to: "web", tag: "1.9.0-beta.1")
        let ci = try playground(at: registry.host, selection).person("ci")
        let answer = try ci.ask("discover")
        #expect(answer.status == 65, "\(answer.result.output)")
        #expect(answer.text("steps", 0, "action") == "stuck")
    }

    enum Trouble: CaseIterable { case secondPageFails, secondPageCutOff, circle, elsewhere, capped }

    @Test(arguments: Trouble.allCases)
    func `Tags are read to the end, or not at all`(_ trouble: Trouble) throws {
        let asked = Mutex<[String]>([])
        let server = try LoopbackServer { method, path, _, _, reply in
            asked.withLock { $0.append("\(method) \(path)") }
            func page(_ tags: [String], next: String? = nil, _ manner: LoopbackServer.Outcome.Manner = .whole) {
                let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
                reply(
                    .init(
                        status: 200, headers: next.map { [("Link", "<\($0)>; rel=\"next\"")] } ?? [],
                        body: Array("{\"name\":\"web\",\"tags\":[\(list)]}".utf8), manner: manner))
            }
            guard path.contains("/tags/list") else { return reply(.init(status: 404, body: [])) }
            switch (trouble, path.contains("last=")) {
            case (.capped, false): page((0..<100).map { "1.0.\($0)" })
            case (.capped, true): page(["2.0.0"])
            case (.elsewhere, false): page(["1.0.0"], next: "https://elsewhere.example/v2/web/tags/list?last=1.0.0")
            case (.circle, _): page(["1.0.0"], next: "/v2/web/tags/list?last=1.0.0")
            case (_, false): page(["1.0.0"], next: "/v2/web/tags/list?last=1.0.0")
            case (.secondPageCutOff, true): page(["2.0.0"], .truncated)
            case (_, true): reply(.init(status: 500, body: []))
            }
        }
        let playground = try playground(at: "127.0.0.1:\(server.port)", "{semver: \">=1.0\"}")
        let ci = try playground.person("ci")
        let answer = try ci.ask("discover")
        // Whatever is known of a part, nothing is taken for the newest; of the whole, what is newest is asked for.
        #expect(answer.status == 69 || answer.status == 77, "\(answer.result.output)")
        let wanted = asked.withLock { $0.contains { $0.contains("/manifests/") } }
        #expect(wanted == (trouble == .capped))
        if trouble == .capped { #expect(asked.withLock { $0.contains("HEAD /v2/web/manifests/2.0.0") }) }
        #expect(try !playground.remoteRefs().contains("promote/ledger/"))
    }

    @Test func `A registry that marks its lists is asked whether anything changed`() throws {
        let asked = Mutex<[String]>([])
        let digest = Playground.digest("7")
        let server = try LoopbackServer { method, path, headers, _, reply in
            let isUnchanged = headers["if-none-match"] == "\"1\""
            asked.withLock { $0.append("\(method) \(path.contains("/tags/") ? "tags" : "manifest") \(isUnchanged ? 304 : 200)") }
            if path.contains("/tags/list") {
                return reply(
                    .init(
                        status: isUnchanged ? 304 : 200, headers: [("ETag", "\"1\"")],
                        body: isUnchanged ? [] : Array(#"{"tags":["1.0.0","1.1.0"]}"#.utf8)))
            }
            // The tag is there; what it names is not, so that nothing is registered.
            reply(.init(status: path.hasSuffix("1.1.0") ? 200 : 404, headers: [("Docker-Content-Digest", digest)], body: []))
        }
        let ci = try playground(at: "127.0.0.1:\(server.port)", "{semver: \">=1.0\"}").person("ci")
        for _ in 0..<2 { #expect(try ci.ask("discover").text("steps", 0, "detail")?.contains(digest) == true) }
        #expect(asked.withLock { $0.filter { $0.contains("tags") } } == ["GET tags 200", "GET tags 304"])
    }

    // MARK: What is in use, and what is not as it was

    @Test func `Whatever runs, may come back or is proposed is in use, and nothing else`() throws {
        let registry = try RealRegistry()
        let digests = try ["1", "2", "3", "4"].map { try registry.push(image: revision($0), to: "web", tag: "1.\($0).0") }
        let playground = try playground(at: registry.host, "{semver: \">=1.0\"}")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for version in 1...2 {
            #expect(try ci.ask("register", "registry.example/web:1.\(version).0").status == 0)
            #expect(try alice.ask("build", "dev", "--merge").status == 0)
        }
        #expect(try ci.ask("register", "registry.example/web:1.3.0").status == 0)
        #expect(try alice.ask("build", "dev").status == 0)
        #expect(try ci.ask("register", "registry.example/web:1.4.0").status == 0)
        let lines = try ci.promote.succeed("images", "--in-use").split(separator: "\n").map(String.init)
        #expect(lines == digests.prefix(3).map { "registry.example/web@\($0)" }.sorted())
        let json = try ci.ask("images", "--in-use")
        let uses = (json["images"] as? [[String: Any]] ?? []).flatMap { $0["uses"] as? [[String: Any]] ?? [] }
        #expect(Set(uses.compactMap { $0["use"] as? String }) == ["running", "rollback", "proposed"])
    }

    @Test func `An image that vanished, a tag that moved, and a digest that nobody released are found`() throws {
        let registry = try RealRegistry()
        let old = try registry.push(image: revision("1"), to: "web", tag: "1.1.0")
        try registry.push(image: revision("2"), to: "web", tag: "1.2.0")
        let playground = try playground(at: registry.host, "{semver: \">=1.0\"}")
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for version in 1...2 {
            #expect(try ci.ask("register", "registry.example/web:1.\(version).0").status == 0)
            #expect(try alice.ask("build", "dev", "--merge").status == 0)
        }
        #expect(try ci.ask("audit", "images").status == 0)
        try registry.delete(old, in: "web")
        try registry.push(image: revision("5"), to: "web", tag: "1.2.0")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let file = URL(filePath: alice.directory + "/overlays/dev/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(/sha256:[0-9a-f]{64}/, with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let audited = try ci.ask("audit", "images")
        #expect(audited.status == 77)
        let kinds = (audited["findings"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
        #expect(Set(kinds) == ["unregistered", "vanished", "moved"], "\(audited.result.output)")
    }

    @Test func `An environment that asks proves it again, with the keys that count then`() throws {
        let (registry, signer) = (try RealRegistry(), try ImageSigner())
        let digest = try registry.push(image: revision("1"), to: "web", tag: "1.1.0")
        try signer.sign(digest, of: "registry.example/web", in: registry, at: "web")
        let playground = try Playground(
            keepingImagesAt: registry.host, image: "verify: {keys: [cosign.pub]}", entry: ["provenance: true"],
            files: ["cosign.pub": try signer.publicKey()])
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web:1.1.0").status == 0)
        let opened = try alice.ask("build", "dev")
        #expect(opened.check("provenance")?.status == "pass", "\(opened.result.output)")
        // The key is another one now.
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        try Data(try ImageSigner().publicKey().utf8).write(
            to: URL(filePath: alice.directory + "/environments/cosign.pub"))
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "a new key")
        try playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let refused = try alice.ask("merge", "web-1")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "provenance")
    }
}
