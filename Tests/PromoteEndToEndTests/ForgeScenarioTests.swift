import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// From a build to production over pull requests of each dialect.
@Suite struct ForgeScenarioTests {
    @Test(arguments: ForgeServer.Kind.allCases)
    func `What changes nothing needs no pull request, and what somebody else did meanwhile is recorded`(
        _ kind: ForgeServer.Kind
    ) throws {
        // The overlay has the digest from before the ledger began.
        let hosted = try Hosted(kind) { seed in
            let file = seed.appending(path: "overlays/dev/kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
                .replacing(try Regex("sha256:[0-9a-f]{64}"), with: Playground.digest("1"))
            try Data(text.utf8).write(to: file)
        }
        let (ci, alice) = (try hosted.person("ci"), try hosted.person("alice"))
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        let adopted = try alice.ask("build", "dev")
        #expect(adopted.status == 0, "\(adopted.result.output)")
        #expect(hosted.server.pulls.isEmpty)
        #expect(adopted["pullRequest", "url"] == nil)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try ci.ask("verify", "dev", "--result", "passed").status == 0)
        let opened = try alice.ask("dev", "staging")
        #expect(opened["pullRequest", "number"] as? Int == 1)
        #expect(try alice.ask("merge", "web-2").status == 0)
        #expect(try alice.ask("audit", "verify").status == 0)
        #expect(hosted.server.violations == [])
    }

    @Test func `The pull request tells what comes, folded, with a link to the commits between`() throws {
        let hosted = try Hosted(.github)
        let (ci, alice) = (try hosted.person("ci"), try hosted.person("alice"))
        for (digit, commit) in [("1", "aaaaaaaaaaaa"), ("2", "bbbbbbbbbbbb")] {
            let image = "registry.example/web@\(Playground.digest(Character(digit)))"
            #expect(try ci.ask("register", image, "--commit", commit, "--source", "https://code.example/acme/web").status == 0)
            #expect(try alice.ask("build", "dev").status == 0)
            let id = digit == "1" ? "web-1" : "web-2"
            if digit == "1" { #expect(try alice.ask("merge", id).status == 0) }
        }
        let body = try #require(hosted.server.pulls.last?.body)
        #expect(body.contains("](https://code.example/acme/web/compare/aaaaaaaaaaaa...bbbbbbbbbbbb)"))
        #expect(body.contains("<details><summary>What it renders to</summary>"))
        #expect(body.contains(Playground.digest("2")))
        #expect(body.contains("| built-once | pass |"))
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A release goes to production over pull requests that people review`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, _, _) = try hosted.chainToProd()
        let shown = try alice.ask("show", "web-3")
        #expect(shown["pullRequest", "number"] as? Int == 3)
        #expect(shown.text("pullRequest", "url")?.hasPrefix("https://forge.example/acme/config/") == true)
        #expect(shown.text("state") == "open")
        let pull = try #require(server.pulls.last)
        #expect(pull.branch == "promotion/web/prod/3")
        #expect(pull.title.contains("Promote web to prod"))
        #expect(pull.body.contains("promote approve web-3"))
        #expect(server.statuses(of: pull.head) == ["promote/gate pending"])

        var merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 75, "\(merge.result.output)")
        #expect(merge.refusedBy == "approved")
        server.approve(3, as: "bob")
        merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 75)
        #expect(merge.message?.contains("bob@example.org") == true, "\(merge.message ?? "")")
        server.approve(3, as: "carol")
        #expect(try alice.ask("show", "web-3").check("approved")?.status == "pass")
        merge = try alice.ask("merge", "web-3")
        #expect(merge.status == 0, "\(merge.result.output)")
        #expect(merge.text("state") == "merged")
        #expect(server.pulls.map(\.state) == ["merged", "merged", "merged"])
        #expect(server.statuses(of: pull.head).last?.hasSuffix("success") == true)
        let refs = try hosted.playground.remoteRefs()
        #expect(!refs.contains("refs/heads/promotion/"))
        #expect(try alice.promote.succeed("status").contains("verified"))
        #expect(try hosted.history().filter { $0 == "PullRequestOpened" }.count == 3)
        #expect(try hosted.history().filter { $0 == "PromotionMerged" }.count == 3)
        #expect(try alice.ask("audit", "verify").status == 0)
        // Doing again what is done adds nothing.
        let before = try hosted.playground.remoteRefs()
        #expect(try alice.ask("merge", "web-3").status == 0)
        #expect(try alice.ask("staging", "prod").status == 0)
        #expect(try alice.ask("sync").status == 0)
        #expect(try hosted.playground.remoteRefs() == before)
        #expect(server.violations == [])
    }
}
