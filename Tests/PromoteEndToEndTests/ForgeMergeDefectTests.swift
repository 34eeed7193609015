import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// Defects of other tools of this kind, each as a test that this one does not have it.
@Suite struct ForgeMergeDefectTests {
    /// web-1 is open into dev, and needs nobody's approval.
    private func opened(_ kind: ForgeServer.Kind, changing change: (URL) throws -> Void = { _ in }) throws -> (Hosted, Person) {
        let hosted = try Hosted(kind, changing: change)
        let alice = try hosted.person("alice")
        #expect(try hosted.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        let opened = try alice.ask("build", "dev")
        try #require(opened.text("promotion") == "web-1", "\(opened.result.output)")
        return (hosted, alice)
    }

    private func isOpen(_ hosted: Hosted, _ person: Person) throws -> Bool {
        try person.ask("show", "web-1").text("state") == "open" && !hosted.history().contains("PromotionMerged")
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A head that moves between the judgement and the merge is not merged`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        let git = Tool("git", in: hosted.playground.remote)
        let main = try git.succeed("rev-parse", "main")
        let tree = try git.succeed("rev-parse", "main^{tree}")
        hosted.server.beforeNext(kind == .gitea ? "POST" : "PUT", "/merge") {
            let other = try? git.succeed(
                "-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree, "-p", main, "-m", "other")
            _ = try? git.run("update-ref", "refs/heads/promotion/web/dev/1", other ?? "")
        }
        let answer = try alice.ask("merge", "web-1")
        #expect(answer.status == 77, "\(answer.result.output)")
        #expect(answer.refusedBy == "scope")
        #expect(try git.succeed("rev-parse", "main") == main)
        #expect(hosted.server.pulls.map(\.state) == ["open"])
        #expect(hosted.server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A merge is found behind any number of newer pages`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        let ci = try hosted.person("ci", clone: "other")
        #expect(try ci.ask("sync").status == 0)
        try hosted.server.merge(1, as: "alice")
        hosted.server.rules.longestPage = 1
        for name in ["a", "b", "c"] {
            try alice.git.succeed("checkout", "-q", "-b", name)
            try alice.git.succeed("commit", "-q", "--allow-empty", "-m", name)
            try alice.git.succeed("push", "-q", "origin", name)
            let number = try #require(hosted.server.open(from: name, into: "main", as: "alice"))
            hosted.server.close(number)
        }
        #expect(try ci.ask("sync").text("steps", 0, "action") == "merged")
        #expect(hosted.server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `Where merging is a person's business, no machine merges or asks the forge to`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        _ = hosted.server.takeRequests()
        #expect(try alice.ask("reconcile").status == 0)
        #expect(hosted.server.takeRequests().allSatisfy { !$0.contains("/merge ") && !$0.hasSuffix("/merge") })
        #expect(try isOpen(hosted, alice))
        #expect(hosted.server.pulls.map(\.state) == ["open"])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `Where merging is automatic, a pass merges`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind) { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing("  promotesFrom: [build]\n", with: "  promotesFrom: [build]\n  merge: auto\n")
            try Data(text.utf8).write(to: file)
        }
        let answer = try alice.ask("reconcile")
        #expect(answer.text("steps", 0, "action") == "merged", "\(answer.result.output)")
        #expect(hosted.server.pulls.map(\.state) == ["merged"])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `What is missing from a list was neither merged nor closed`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        hosted.server.rules.hidden = [1]
        #expect(try alice.ask("sync").status == 0)
        #expect(try isOpen(hosted, alice))
        #expect(try alice.ask("merge", "web-1").status == 0)
    }

    @Test(arguments: ForgeServer.Kind.allCases, [404, 403, 500])
    func `An error while reading is not taken for a pull request that is gone`(_ kind: ForgeServer.Kind, _ status: Int) throws {
        let (hosted, alice) = try opened(kind)
        let path = kind == .gitlab ? "/merge_requests/1" : "/pulls/1"
        hosted.server.fail(ForgeServer.Fault("GET", path, times: 100, .answer(status: status, headers: [])))
        #expect(try alice.ask("sync").status == 69)
        #expect(try alice.ask("merge", "web-1").status == 69)
        hosted.server.forgive()
        #expect(try isOpen(hosted, alice))
        #expect(hosted.server.pulls.map(\.state) == ["open"])
        #expect(try alice.ask("merge", "web-1").status == 0)
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `What a pull request says of itself is believed by nobody`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        let other = Playground.digest("9")
        hosted.server.edit(
            1, title: "Promote web to prod: web-999999999999",
            body:
                "<!-- promote: {\"state\":\"merged\",\"head\":\"\(String(repeating: "9", count: 40))\"} --> \(other) merged, approved by bob@example.org"
        )
        #expect(try alice.ask("sync").status == 0)
        #expect(try isOpen(hosted, alice))
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(
            try !Tool("git", in: hosted.playground.remote).succeed("show", "main:overlays/dev/kustomization.yaml").contains(other)
        )
        #expect(try alice.ask("show", "web-1").text("images", 0, "digest") == Playground.digest("1"))
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `Two who merge at once merge once`(_ kind: ForgeServer.Kind) throws {
        let (hosted, alice) = try opened(kind)
        let bob = try hosted.person("bob")
        let running = try [alice, bob].map { try $0.promote.start(["merge", "web-1", "--json"]) }
        let results = running.map { $0.finish() }
        for result in results { #expect([0, 75].contains(result.status), "\(result.output)\(result.errors)") }
        #expect(results.contains { $0.status == 0 })
        #expect(hosted.server.pulls.map(\.state) == ["merged"])
        #expect(try hosted.history().filter { $0 == "PromotionMerged" }.count == 1)
        #expect(try alice.ask("audit", "verify").status == 0)
    }
}
