import Foundation
import PromoteTestSupport
import Testing

/// What happens without anybody asking, and what does not.
@Suite struct ReconcileTests {
    private let image = "registry.example/web"

    /// dev takes and merges every build by itself; staging opens what dev has verified, and a person merges it.
    private func playground() throws -> Playground {
        try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            var text = try String(contentsOf: file, encoding: .utf8)
            text = text.replacing(
                "  promotesFrom: [build]\n", with: "  promotesFrom: [build]\n  autoPromote: true\n  merge: auto\n")
            text = text.replacing("  promotesFrom: [dev]\n", with: "  promotesFrom: [dev]\n  autoPromote: true\n")
            try Data(text.utf8).write(to: file)
        }
    }

    private func actions(_ person: Person) throws -> [String] {
        let answer = try person.ask("reconcile")
        #expect(answer.status == 0)
        let steps = try #require(answer["steps"] as? [[String: Any]])
        return steps.map { "\($0["action"] ?? "") \($0["environment"] ?? "") \($0["promotion"] as? String ?? "-")" }
    }

    @Test func `A pass carries a release as far as it may go, and the next one finds nothing to do`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        #expect(try actions(ci) == ["promoted dev web-1", "merged dev web-1"])
        #expect(try actions(ci).isEmpty)
        let before = try playground.remoteRefs()
        #expect(try actions(alice).isEmpty)
        #expect(try playground.remoteRefs() == before)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try actions(ci) == ["promoted staging web-2"])
        #expect(try actions(ci).isEmpty)
        // A person merges; prod asks for nothing by itself.
        #expect(try alice.ask("merge", "web-2").status == 0)
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        #expect(try actions(ci).isEmpty)
    }

    @Test func `What a person closed is not opened again, and an older release never comes back`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        #expect(try actions(ci) == ["promoted dev web-1", "merged dev web-1"])
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try actions(ci) == ["promoted staging web-2"])
        #expect(try alice.ask("close", "web-2", "--reason", "not this week").status == 0)
        #expect(try actions(ci).isEmpty)
        // The next build goes its way; a failed one stays where it is.
        #expect(try ci.ask("register", "\(image):v2@\(Playground.digest("2"))").status == 0)
        #expect(try actions(ci) == ["promoted dev web-3", "merged dev web-3"])
        #expect(try ci.ask("verify", "dev", "--result", "failed").status == 0)
        #expect(try actions(ci).isEmpty)
    }

    @Test func `A branch left over from a promotion that is decided is cleared away, and nobody else's`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        #expect(try actions(ci) == ["promoted dev web-1", "merged dev web-1"])
        for branch in ["promotion/web/dev/1", "promotion/web/dev/9", "promotion/other"] {
            try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/\(branch)")
        }
        #expect(try actions(ci) == ["branchDeleted dev web-1"])
        let refs = try playground.remoteRefs()
        #expect(!refs.contains("promotion/web/dev/1 "))
        #expect(refs.contains("promotion/web/dev/9 "))
        #expect(refs.contains("promotion/other "))
    }

    @Test func `A promotion whose branch was moved is stuck, and is said to be`() throws {
        let playground = try playground()
        let ci = try playground.person("ci")
        let alice = try playground.person("alice")
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        #expect(try actions(ci).count == 2)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        #expect(try actions(ci) == ["promoted staging web-2"])
        try alice.git.succeed("push", "-q", "-f", "origin", "HEAD:refs/heads/promotion/web/staging/2")
        #expect(try actions(ci) == ["stuck staging web-2"])
        try alice.git.succeed("push", "-q", "origin", ":refs/heads/promotion/web/staging/2")
        #expect(try actions(ci) == ["stuck staging web-2"])
    }

    @Test func `Two at once do everything once`() throws {
        let playground = try playground()
        let (ci, other) = (try playground.person("ci"), try playground.person("ci", clone: "second"))
        for digit in ["1", "2", "3"] as [Character] {
            #expect(try ci.ask("register", "\(image):v\(digit)@\(Playground.digest(digit))").status == 0)
            let running = try [ci, other, ci, other].map { try $0.promote.start(["reconcile", "--json"]) }
            for process in running { #expect(process.finish().status == 0) }
            #expect(try actions(ci).isEmpty)
            #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        }
        let events = try #require(try ci.ask("history")["events"] as? [[String: Any]])
        let merges = events.filter { $0["type"] as? String == "PromotionMerged" && $0["rejection"] is NSNull }
        #expect(merges.count == 3)
    }

    @Test func `Four at once, in clones of their own and in one, promote each release once into each environment`() throws {
        let playground = try playground()
        let clones = try (0..<3).map { try playground.person("ci", clone: "reconciler-\($0)") }
        for digit in ["1", "2", "3", "4"] as [Character] {
            #expect(try clones[0].ask("register", "\(image):v\(digit)@\(Playground.digest(digit))").status == 0)
            for _ in 0..<2 {
                let running = try (clones + [clones[0]]).map { try $0.promote.start(["reconcile", "--json"]) }
                for process in running { #expect(process.finish().status == 0) }
            }
            #expect(try clones[1].ask("verify", "dev", "--result", "passed").status == 0)
        }
        let events = try #require(try clones[2].ask("history")["events"] as? [[String: Any]])
        #expect(events.allSatisfy { $0["rejection"] is NSNull })
        var requested: [String] = []
        for event in events where event["type"] as? String == "PromotionRequested" {
            requested.append("\(event["environment"] ?? "") \(event["release"] ?? "")")
        }
        #expect(Set(requested).count == requested.count, "\(requested)")
    }

    @Test func `A violation that a pass finds fails it, once, and everything it wrote is told`() throws {
        let playground = try playground()
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        #expect(try actions(ci) == ["promoted dev web-1", "merged dev web-1"])
        try alice.git.succeed("pull", "-q", "origin", "main")
        let file = URL(filePath: alice.directory + "/overlays/dev/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(Playground.digest("1"), with: Playground.digest("9")).utf8).write(to: file)
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "by hand")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try ci.ask("register", "\(image):v2@\(Playground.digest("2"))").status == 0)
        let pass = try ci.promote.run("reconcile")
        #expect(pass.status == 77)
        for word in ["VIOLATION", "promoted  web-2", "merged  web-2"] { #expect(pass.output.contains(word), "\(pass.output)") }
        #expect(try actions(ci).isEmpty)
    }

    @Test func `A loop outlives a remote that is away`() throws {
        let playground = try playground()
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "\(image):v1@\(Playground.digest("1"))").status == 0)
        let away = playground.remote + ".away"
        try FileManager.default.moveItem(atPath: playground.remote, toPath: away)
        let loop = try ci.promote.start(["reconcile", "--watch", "--interval", "1"])
        #expect(try loop.saysOnStandardError("tried again in 1 s: cannot fetch from origin"))
        try FileManager.default.moveItem(atPath: away, toPath: playground.remote)
        #expect(try loop.saysOnStandardError("merged"))
        loop.terminate()
        #expect(try ci.ask("status").text("applications", 0, "environments", 0, "state") == "merged")
    }
}
