import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// Credentials, costs, and what `doctor` and `gate --pull-request` tell of a forge.
@Suite struct ForgeSetupTests {
    @Test(arguments: ForgeServer.Kind.allCases)
    func `A token is in no output, argument, ledger or file`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let (_, alice, _, _) = try hosted.chainToProd()
        hosted.server.fail(ForgeServer.Fault("GET", "", .answer(status: 500, headers: [])))
        let secret = Hosted.token(of: "alice")
        var wrong = alice
        wrong.environment["PROMOTE_TOKEN"] = secret + "-wrong"
        for (person, command) in [
            (alice, ["show", "web-3"]), (alice, ["merge", "web-3"]), (alice, ["doctor"]), (alice, ["sync", "--json"]),
            (wrong, ["sync"]), (wrong, ["doctor", "--json"]), (wrong, ["merge", "web-3", "--json"]),
        ] {
            let result = try person.promote.run(command)
            #expect(!(result.output + result.errors).contains(secret), "\(command)")
        }
        let grep = try Tool("grep", in: hosted.playground.scratch.path).run("-rlaF", secret, ".")
        #expect(grep.output == "")
        for commit in try Tool("git", in: hosted.playground.remote).succeed("rev-list", "--all").split(separator: "\n") {
            let show = try Tool("git", in: hosted.playground.remote).run("cat-file", "-p", String(commit))
            #expect(!show.output.contains(secret))
        }
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A wrong token is refused with what to do, and a token of Git's helper is found`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let (ci, alice) = (try hosted.person("ci"), try hosted.person("alice"))
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        var person = alice
        person.environment["PROMOTE_TOKEN"] = "nobody's"
        let refused = try person.ask("build", "dev")
        #expect(refused.status == 69)
        #expect(refused.text("error", "hint")?.contains("promote doctor") == true)
        person.environment["PROMOTE_TOKEN"] = nil
        let helper = "!f() { echo username=alice; echo password=\(Hosted.token(of: "alice")); }; f"
        try person.git.succeed("config", "credential.helper", helper)
        if kind != .gitea { #expect(try person.ask("build", "dev").status == 0) }
        // Each forge's own variable, too.
        let name = ["github": "GITHUB_TOKEN", "gitlab": "GITLAB_TOKEN", "gitea": "GITEA_TOKEN"][kind.rawValue] ?? ""
        person.environment[name] = Hosted.token(of: "alice")
        #expect(try person.ask("build", "dev").status == 0)
        #expect(hosted.server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A pass of sync that finds nothing costs one request and writes nothing`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let (_, alice, _, _) = try hosted.chainToProd()
        // What changed in this very second may change again in it, and is looked at once more.
        repeat {
            _ = hosted.server.takeRequests()
            #expect(try alice.ask("sync").status == 0)
        } while hosted.server.takeRequests().count > 1
        let before = try hosted.playground.remoteRefs()
        #expect((try alice.ask("sync")["steps"] as? [Any])?.isEmpty == true)
        #expect(hosted.server.takeRequests().count == 1)
        // GitHub counts no request that is answered so.
        #expect((hosted.server.unchangedAnswers > 0) == (kind == .github))
        #expect(try hosted.playground.remoteRefs() == before)
        hosted.server.approve(3, as: "bob")
        #expect(try alice.ask("sync").text("steps", 0, "action") == "reviewed")
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `doctor tells what the forge does not enforce, and a clock that is wrong`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let alice = try hosted.person("alice")
        hosted.server.rules.clockError = 600
        let answer = try alice.ask("doctor")
        let findings = (answer["findings"] as? [[String: Any]] ?? []).map { "\($0["topic"] ?? "") \($0["status"] ?? "")" }
        #expect(findings.contains("identity good"), "\(findings)")
        #expect(findings.contains("account good"), "\(findings)")
        #expect(findings.contains("clock problem"), "\(findings)")
        let protection = kind == .github ? "warning" : "problem"
        #expect(findings.contains("protection of main \(protection)"), "\(findings)")
        #expect(answer.status == 65)
        #expect(!findings.contains { $0.hasPrefix("permissions") }, "\(findings)")
        hosted.server.rules.readers = ["alice"]
        // Who may know is told that there is no protection, and not that it is not known.
        hosted.server.rules.showsProtection = true
        let told = (try alice.ask("doctor")["findings"] as? [[String: Any]] ?? []).map {
            "\($0["topic"] ?? "") \($0["status"] ?? "")"
        }
        #expect(told.contains("protection of main problem"), "\(told)")
        let again = (try alice.ask("doctor")["findings"] as? [[String: Any]] ?? []).map { "\($0["detail"] ?? "")" }
        #expect(again.contains { $0.hasPrefix("alice@example.org may merge by the policy, and alice may not write") })
        #expect(hosted.server.violations == [])
    }

    @Test(arguments: ForgeServer.Kind.allCases)
    func `A pull request by hand is judged, and told so on it, in place`(_ kind: ForgeServer.Kind) throws {
        let hosted = try Hosted(kind)
        let server = hosted.server
        let (_, alice, bob, _) = try hosted.chainToProd()
        try bob.git.succeed("fetch", "-q", "origin")
        try bob.git.succeed("checkout", "-q", "-b", "by-hand", "origin/main")
        let file = URL(filePath: bob.directory).appending(path: "overlays/prod/kustomization.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data((text + "\nnamePrefix: hand-\n").utf8).write(to: file)
        try bob.git.succeed("commit", "-qam", "by hand")
        try bob.git.succeed("push", "-q", "origin", "by-hand")
        let number = try #require(server.open(from: "by-hand", into: "main", as: "bob"))
        for _ in 0..<2 {
            let judged = try alice.ask("gate", "--pull-request", "\(number)")
            #expect([75, 77].contains(judged.status), "\(judged.result.output)\(judged.result.errors)")
        }
        let pull = try #require(server.pulls.last)
        #expect(pull.comments.count == 1)
        #expect(pull.comments.first?.contains("prod") == true)
        #expect(server.statuses(of: pull.head).count == 1)
        #expect(try alice.ask("gate", "--pull-request", "99").status == 69)
        #expect(server.violations == [])
    }

    @Test func `A GitHub App gets a token of its own, and attaches its report to the commit`() throws {
        let hosted = try Hosted(.github)
        let key = hosted.playground.scratch.path + "/app.pem"
        try Tool("openssl", in: hosted.playground.scratch.path).succeed("genrsa", "-traditional", "-out", key, "2048")
        hosted.server.add(token: "signed by the app", of: "app")
        hosted.server.add(token: "ghs_of-the-app", of: "promote[bot]")
        #expect(try hosted.person("ci").ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        var alice = try hosted.person("alice")
        alice.environment["PROMOTE_TOKEN"] = nil
        alice.environment["PROMOTE_GITHUB_APP_ID"] = "12345"
        alice.environment["PROMOTE_GITHUB_APP_KEY"] = key
        let opened = try alice.ask("build", "dev")
        #expect(opened.status == 0, "\(opened.result.output)")
        for _ in 0..<2 { #expect(try alice.ask("gate", "--pull-request", "1").status == 0) }
        #expect(hosted.server.reports.count == 1)
        #expect(hosted.server.reports.first?.contains("web") == true)
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(hosted.server.violations == [])
        alice.environment["PROMOTE_GITHUB_APP_KEY"] = "/nowhere"
        let refused = try alice.ask("sync")
        #expect(refused.status == 69)
        #expect(refused.message?.contains("PROMOTE_GITHUB_APP_KEY") == true)
    }

    @Test func `A forge that is reached in the clear is this machine only`() throws {
        let playground = try Playground { seed in
            let text = """
                apiVersion: promote/v1alpha1
                kind: Forge
                metadata: { name: origin }
                spec: { type: gitea, api: "http://git.example.org/api/v1", repository: acme/config }

                """
            try Data(text.utf8).write(to: seed.appending(path: "environments/forge.yaml"))
        }
        let alice = try playground.person("alice")
        #expect(try alice.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 77)
        let answer = try alice.ask("sync")
        #expect(answer.status == 65)
        #expect(answer.message?.contains("in the clear") == true)
    }
}
