import Foundation
import PromoteTestSupport
import Testing

/// What environments run when promotions begin, in the ledger.
@Suite struct AdoptionTests {
    private static let zero = "digest: \(Playground.digest("0"))"
    private static let tags = ["dev": "2.0", "staging": "1.1", "prod": "1.0"]

    /// The example with a tag in each environment, and its images in `host`.
    private func playground(_ host: String, tags: [String: String] = tags) throws -> Playground {
        try Playground { seed in
            let registry = """
                apiVersion: promote/v1alpha1
                kind: Registry
                metadata: { name: registry.example }
                spec: { mirrors: ["\(host)"] }

                """
            try Data(registry.utf8).write(to: seed.appending(path: "environments/registries.yaml"))
            for (environment, tag) in tags {
                let file = seed.appending(path: "overlays/\(environment)/kustomization.yaml")
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(text.contains(Self.zero))
                try Data(text.replacing(Self.zero, with: "newTag: \"\(tag)\"").utf8).write(to: file)
            }
        }
    }

    private func registry(_ tags: [String] = ["1.0", "1.1", "2.0", "3.0"]) throws -> (RealRegistry, digests: [String: String]) {
        let registry = try RealRegistry()
        var digests: [String: String] = [:]
        for tag in tags {
            digests[tag] = try registry.push(
                image: [
                    "org.opencontainers.image.version": tag,
                    "org.opencontainers.image.revision": String(repeating: "\(digests.count)", count: 40),
                ],
                to: "web", tag: tag)
        }
        return (registry, digests)
    }

    private func baselines(_ answer: JSONAnswer) -> [String: [String: Any]] {
        let list = answer["baselines"] as? [[String: Any]] ?? []
        return Dictionary(list.map { ($0["environment"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `The first promotion can be taken back to what ran before it`() throws {
        let (registry, digests) = try registry()
        let playground = try playground(registry.host)
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        let refused = try ci.ask("adopt")
        #expect(refused.status == 77)
        #expect(refused.message?.contains("operators of prod") == true, "\(refused.message ?? "")")
        let adopted = try alice.ask("adopt", "--all")
        #expect(adopted.status == 0, "\(adopted.result.output)\(adopted.result.errors)")
        let found = baselines(adopted)
        for (environment, tag) in Self.tags {
            let image = (found[environment]?["images"] as? [[String: Any]])?.first
            #expect(image?["digest"] as? String == digests[tag])
            #expect(image?["tag"] as? String == tag)
            #expect(found[environment]?["created"] as? Bool == true)
        }
        let refs = try playground.remoteRefs()
        let again = baselines(try alice.ask("adopt", "--all"))
        #expect(again.count == 3 && again.values.allSatisfy { $0["created"] as? Bool == false })
        #expect(try playground.remoteRefs() == refs)
        let status = try alice.ask("status")
        let states = (status["applications"] as? [[String: Any]])?.first?["environments"] as? [[String: Any]] ?? []
        #expect(states.allSatisfy { $0["state"] as? String == "adopted" })
        // Known, and not as a build.
        let dev = try #require(found["dev"]?["release"] as? String)
        let early = try alice.ask("dev", "staging")
        #expect(early.refusedBy == "built-once")
        #expect(early.message?.contains("no builder registered it") == true, "\(early.message ?? "")")
        // Older than what is built since, and not what a build is.
        #expect(try alice.ask("build", "dev").status != 0)
        #expect(try ci.ask("register", "registry.example/web:3.0").status == 0)
        #expect(try alice.ask("build", "dev", "--merge").text("state") == "merged")
        let back = try alice.ask("rollback", "dev", "--reason", "worse")
        #expect(back.text("release") == dev, "\(back.result.output)\(back.result.errors)")
        #expect(try alice.ask("merge", try #require(back.text("promotion"))).text("state") == "merged")
        #expect(try alice.promote.succeed("render", "web", "dev").contains(try #require(digests["2.0"])))
        #expect(try ci.ask("sync").status == 0)
        #expect(try ci.ask("audit", "verify").status == 0)
    }

    @Test func `What was adopted with a tag is verified and promoted as it is there`() throws {
        let (registry, digests) = try registry()
        let playground = try playground(registry.host)
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try alice.ask("adopt").status == 0)
        let verified = try ci.ask("verify", "staging", "--result", "passed")
        #expect(verified.status == 0, "\(verified.result.output)\(verified.result.errors)")
        // That it ran somewhere says nothing of where it is from.
        let unbuilt = try alice.ask("staging", "prod")
        #expect(unbuilt.refusedBy == "built-once", "\(unbuilt.result.output)")
        #expect(try ci.ask("register", "registry.example/web:1.1").status == 0)
        let opened = try alice.ask("staging", "prod")
        let promotion = try #require(opened.text("promotion"), "\(opened.result.output)\(opened.result.errors)")
        for name in ["bob", "carol"] { #expect(try playground.person(name).ask("approve", promotion).status == 0) }
        #expect(try alice.ask("merge", promotion).text("state") == "merged")
        #expect(try alice.promote.succeed("render", "web", "prod").contains(try #require(digests["1.1"])))
        // From the adoption on, what comes in past the ledger is found.
        let mallory = try playground.person("mallory")
        try mallory.change("overlays/staging/kustomization.yaml", signed: false) { $0.replacing("1.1", with: "1.0") }
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 77)
    }

    @Test func `A tag that stands beside a digest stays its label`() throws {
        let playground = try Playground { seed in
            let file = seed.appending(path: "overlays/dev/kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains(Self.zero))
            try Data(text.replacing(Self.zero, with: "newTag: \"1.4.0\"\n    digest: \(Playground.digest("1"))").utf8).write(
                to: file)
        }
        let adopted = try playground.person("alice").ask("adopt")
        #expect(adopted.status == 0, "\(adopted.result.output)")
        let images = baselines(adopted).mapValues { ($0["images"] as? [[String: Any]])?.first }
        #expect(images["dev"]??["tag"] as? String == "1.4.0")
        #expect(images["dev"]??["digest"] as? String == Playground.digest("1"))
        #expect(images["staging"]??["tag"] as? String == nil)
    }

    @Test func `What was changed by hand goes back to the tag that was adopted`() throws {
        let (registry, _) = try registry()
        let playground = try playground(registry.host)
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try alice.ask("adopt").status == 0)
        try alice.change("overlays/dev/kustomization.yaml") { $0.replacing("2.0", with: "3.0") }
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 77)
        try alice.git.succeed("revert", "--no-edit", "HEAD")
        let gate = try alice.ask("gate", "--head", "HEAD")
        #expect(gate.status == 0, "\(gate.result.output)")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("sync").status == 0)
    }

    @Test func `Where everyone operates, a builder or an operator of another environment adopts, and no other`() throws {
        let playground = try Playground()
        for (name, status) in [("mallory", 77), ("ci", 0), ("alice", 0)] as [(String, Int32)] {
            let adopted = try playground.person(name).ask("adopt", "--env", "dev")
            #expect(adopted.status == status, "\(name): \(adopted.result.output)")
        }
    }

    @Test func `What cannot be known is told, and stops nothing else`() throws {
        let (registry, _) = try registry(["1.0", "1.1"])
        let playground = try playground(registry.host)
        let alice = try playground.person("alice")
        let adopted = try alice.ask("adopt")
        #expect(adopted.status == 65)
        #expect(Set(baselines(adopted).keys) == ["staging", "prod"])
        let omission = (adopted["omissions"] as? [[String: Any]])?.first
        #expect(omission?["environment"] as? String == "dev")
        #expect((omission?["reason"] as? String)?.contains("registry.example/web:2.0") == true)
    }

    @Test func `A registry that does not answer is asked again another time`() throws {
        let playground = try playground("127.0.0.1:\(Tool.freePort())", tags: ["dev": "2.0"])
        let alice = try playground.person("alice")
        let adopted = try alice.ask("adopt")
        #expect(adopted.status == 69)
        // What has a digest needs none.
        #expect(Set(baselines(adopted).keys) == ["staging", "prod"])
    }

    @Test(arguments: [
        ("what Git has not", "9", "9", false), ("what it had before", "1", "1", true),
        ("a tag that is not there", "9", nil, false),
    ])
    func `A baseline that says something else than Git counts for no reader`(
        _ what: String, _ digit: Character, _ found: Character?, _ isEarlier: Bool
    ) throws {
        let playground = try Playground()
        let (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        let first = try bob.git.succeed("rev-parse", "origin/main")
        if isEarlier {
            for digit in ["1", "2"] {
                try bob.change("overlays/prod/kustomization.yaml") {
                    $0.replacing(Self.zero, with: "digest: \(Playground.digest(Character(digit)))")
                        .replacing(Playground.digest("1"), with: Playground.digest(Character(digit)))
                }
                try bob.git.succeed("push", "-q", "origin", "HEAD:main")
            }
        }
        let tip = try bob.git.succeed("rev-parse", "HEAD")
        let commit = isEarlier ? try bob.git.succeed("rev-parse", "HEAD~1") : first
        let image = found.map { #""digest":"\#(Playground.digest($0))""# }
        let seen =
            image.map { #"{\#($0),"name":"registry.example/web"}"# }
            ?? #"{"name":"registry.example/web","text":"registry.example/web:9"}"#
        let digest = Playground.digest(digit)
        let line = "registry.example/web@\(digest)"
        let hash = try Tool("sha256sum", in: "/").succeed([], input: line).prefix(12)
        let raw = try RawEvent(
            "BaselineRecorded", by: "carol@example.org", policy: tip,
            #"{"environment":"prod","found":{"commit":"\#(commit)","images":[\#(seen)]},"#
                + #""images":[{"digest":"\#(digest)","name":"registry.example/web"}],"release":"web-\#(hash)"}"#)
        try carol.git.succeed("fetch", "-q", "origin")
        let ledger = "refs/heads/promote/ledger/web"
        let event = try carol.commit(raw, to: ledger)
        try carol.git.succeed("push", "-q", "origin", "\(event):\(ledger)")
        let status = try bob.ask("status")
        let environments = (status["applications"] as? [[String: Any]])?.first?["environments"] as? [[String: Any]] ?? []
        let prod = environments.first { $0["name"] as? String == "prod" }
        #expect(prod?["release"] as? String == nil, "\(what)")
        #expect(try bob.ask("audit", "verify").status == 77)
    }
}
