import Foundation
import PromoteTestSupport
import Testing

@Suite struct RaceTests {
    @Test func `Of two clones that promote the same at the same moment, one opens it and both know its number`() throws {
        for round in 0..<3 {
            let playground = try Playground()
            let ci = try playground.person("ci")
            _ = try ci.ask("register", "registry.example/web@\(Playground.digest("1"))")
            let people = try [playground.person("alice"), playground.person("bob")]
            let running = try people.map { try $0.promote.start(["build", "dev", "--json"]) }
            let results = running.map { $0.finish() }
            #expect(results.contains { $0.status == 0 })
            for result in results {
                #expect(result.status == 0 || result.status == 75, "round \(round): \(result.errors)")
                #expect(result.output.contains("web-1"))
                #expect(!result.output.contains("web-2"))
            }
            let events = try ci.ask("history")["events"] as? [[String: Any]] ?? []
            #expect(events.filter { $0["type"] as? String == "PromotionRequested" }.count == 1)
        }
    }

    @Test func `Many writers at once lose nothing and do nothing twice`() throws {
        let playground = try Playground()
        let people = try (0..<6).map { try playground.person("ci", clone: "ci-\($0)") }
        let digits = Array("123456")
        let running = try zip(people, digits).map { person, digit in
            try person.promote.start(["register", "registry.example/web@\(Playground.digest(digit))"])
        }
        #expect(running.map { $0.finish().status }.allSatisfy { $0 == 0 || $0 == 75 })
        for (person, digit) in zip(people, digits) {
            #expect(try person.promote.run("register", "registry.example/web@\(Playground.digest(digit))").status == 0)
        }
        let events = try people[0].ask("history")["events"] as? [[String: Any]] ?? []
        #expect(events.count == 6)
        #expect(events.allSatisfy { $0["rejection"] == nil || "\($0["rejection"] ?? "")" == "<null>" })
    }

    private static let applications = ["one", "two", "three", "four"]

    /// Four applications, each with a promotion into staging that waits for two approvals.
    private func stormyPlayground() throws -> Playground {
        let playground = try Playground { seed in
            func write(_ text: String, to path: String) throws {
                let file = seed.appending(path: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            let environments = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: environments, encoding: .utf8)
            let changed = text.replacing(
                "  promotesFrom: [dev]\n", with: "  promotesFrom: [dev]\n  approvals: { required: 2, from: [release-managers] }\n"
            )
            try Data(changed.utf8).write(to: environments)
            for name in Self.applications {
                let image = "registry.example/\(name)"
                try write(
                    """
                    apiVersion: promote/v1alpha1
                    kind: Application
                    metadata: {name: \(name)}
                    spec: {images: [{name: \(image)}], overlay: "apps/{application}/{environment}", builders: [ci@example.org]}

                    """, to: "environments/\(name).yaml")
                try write(
                    """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: \(name)}
                    spec: {template: {spec: {containers: [{name: main, image: \(image)}]}}}

                    """, to: "apps/\(name)/base/app.yaml")
                try write("resources: [app.yaml]\n", to: "apps/\(name)/base/kustomization.yaml")
                for environment in ["dev", "staging", "prod"] {
                    try write(
                        "resources: [../base]\nimages:\n- name: \(image)\n  digest: \(Playground.digest("0"))\n",
                        to: "apps/\(name)/\(environment)/kustomization.yaml")
                }
            }
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        for name in Self.applications {
            try ci.promote.succeed("register", "registry.example/\(name)@\(Playground.digest("1"))", "--app", name)
            try alice.promote.succeed("build", "dev", "--app", name)
            try alice.promote.succeed("merge", "\(name)-1")
            try ci.promote.succeed("verify", "dev", "--app", name, "--result", "passed")
            try alice.promote.succeed("dev", "staging", "--app", name)
        }
        return playground
    }

    @Test func `In a storm of sixty-four processes nothing is lost, nothing happens twice, and every refusal is true`() throws {
        let playground = try stormyPlayground()
        var running: [(command: [String], tool: RunningTool)] = []
        var people: [String: Person] = [:]
        for name in ["ci", "alice", "bob", "carol"] { people[name] = try playground.person(name, clone: "\(name)-in-the-storm") }
        for name in Self.applications {
            func image(_ digit: Character) -> String { "registry.example/\(name)@\(Playground.digest(digit))" }
            let storm: [(String, [String])] = [
                ("bob", ["approve", "\(name)-2"]), ("carol", ["approve", "\(name)-2"]), ("alice", ["approve", "\(name)-2"]),
                ("bob", ["approve", "\(name)-2"]), ("alice", ["merge", "\(name)-2"]), ("bob", ["merge", "\(name)-2"]),
                ("carol", ["merge", "\(name)-2"]), ("ci", ["register", image("2"), "--app", name]),
                ("ci", ["register", image("2"), "--app", name]), ("ci", ["register", image("3"), "--app", name]),
                ("alice", ["build", "dev", "--app", name]), ("bob", ["build", "dev", "--app", name]),
                ("ci", ["verify", "dev", "--app", name, "--result", "passed"]),
                ("ci", ["verify", "staging", "--app", name, "--result", "passed"]),
                ("alice", ["dev", "staging", "--app", name]), ("carol", ["merge", "\(name)-3"]),
            ]
            for (who, command) in storm {
                running.append((command, try #require(people[who]).promote.start(command + ["--json"])))
            }
        }
        #expect(running.count == 64)
        for (command, tool) in running {
            let answer = JSONAnswer(tool.finish())
            #expect([0, 64, 75, 77].contains(answer.status), "\(command): \(answer.status) \(answer.message ?? "")")
            // 64 is for a promotion that does not exist yet: web-3 is asked for before anybody opens it.
            if answer.status == 64 { #expect(command == ["merge", command[1]] && command[1].hasSuffix("-3"), "\(command)") }
            if answer.status != 0 { #expect(answer.message?.isEmpty == false, "\(command): \(answer.result.output)") }
        }
        try expectOrder(in: playground)
    }

    /// Looks with git alone.
    private func expectOrder(in playground: Playground) throws {
        let git = Tool("git", in: playground.remote)
        var merges = 0
        for name in Self.applications {
            let ledger = "refs/heads/promote/ledger/\(name)"
            var events: [[String: Any]] = []
            for line in try git.succeed("rev-list", "--parents", "--reverse", ledger).split(separator: "\n") {
                let commits = line.split(separator: " ")
                #expect(commits.count <= 2)
                let data = Data(try git.succeed("show", "\(commits[0]):event.json").utf8)
                events.append(try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any]))
            }
            func all(_ type: String) -> [[String: Any]] {
                events.filter { $0["type"] as? String == type }.compactMap { $0["payload"] as? [String: Any] }
            }
            #expect(Set(events.compactMap { $0["id"] as? String }).count == events.count)
            let releases = all("ReleaseRegistered").compactMap { $0["release"] as? String }
            #expect(Set(releases).count == releases.count)
            #expect(releases.count == 3)
            let numbers = all("PromotionRequested").compactMap { $0["promotion"] as? Int }
            #expect(numbers == Array(1...numbers.count))
            let merged = all("PromotionMerged").compactMap { $0["promotion"] as? Int }
            #expect(Set(merged).count == merged.count)
            merges += merged.count
            let approvers = zip(events, events.map { $0["type"] as? String }).filter { $0.1 == "PromotionApproved" }
                .compactMap { $0.0["actor"] as? String }
            #expect(Set(approvers).count == approvers.count)
        }
        // The seed's commit, and a merge for each that a ledger tells of.
        #expect(try git.succeed("rev-list", "--count", "--first-parent", "main") == "\(1 + merges)")
        let auditor = try playground.person("carol", clone: "auditor")
        #expect(try auditor.ask("audit", "verify").status == 0)
    }
}
