import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// The same commands give the same answers and the same ledger wherever pull requests are, in the ledger itself included.
@Suite struct ForgeConformanceTests {
    private static let story: [(person: String, command: [String])] = [
        ("ci", ["register", "registry.example/web@\(Playground.digest("1"))"]),
        ("alice", ["build", "dev"]), ("alice", ["build", "dev"]), ("alice", ["merge", "web-1"]), ("alice", ["merge", "web-1"]),
        ("ci", ["verify", "dev", "--result", "passed"]),
        ("alice", ["dev", "staging"]), ("alice", ["merge", "web-2"]), ("ci", ["verify", "staging", "--result", "passed"]),
        ("alice", ["staging", "prod"]), ("alice", ["approve", "web-3"]), ("bob", ["approve", "web-3"]),
        ("alice", ["merge", "web-3"]), ("carol", ["approve", "web-3"]), ("bob", ["revoke", "web-3"]),
        ("alice", ["merge", "web-3"]), ("bob", ["approve", "web-3"]), ("ci", ["merge", "web-3"]), ("alice", ["merge", "web-3"]),
        ("ci", ["register", "registry.example/web@\(Playground.digest("2"))"]), ("alice", ["build", "dev"]),
        ("ci", ["register", "registry.example/web@\(Playground.digest("3"))"]), ("alice", ["build", "dev"]),
        ("alice", ["close", "web-5", "--reason", "not now"]), ("alice", ["sync"]), ("alice", ["audit", "verify"]),
        ("bob", ["rollback", "prod", "--reason", "nothing to go back to"]),
    ]

    /// What each command came to, and the ledger.
    private func tell(_ playground: Playground, _ people: [String: Person]) throws -> [String] {
        var told: [String] = []
        for (name, command) in Self.story {
            let answer = try #require(people[name]).promote.run(command + ["--json"])
            let json = JSONAnswer(answer)
            let checks = (json["checks"] as? [[String: Any]] ?? []).map { "\($0["rule"] ?? "") \($0["status"] ?? "")" }
            told.append(
                "\(name) \(command.joined(separator: " ")): \(answer.status) \(json.refusedBy ?? "") \(json.text("state") ?? "") \(checks)"
            )
        }
        let git = Tool("git", in: playground.remote)
        for commit in try git.succeed("rev-list", "--reverse", "promote/ledger/web").split(separator: "\n") {
            told.append(try git.succeed("log", "-1", "--format=%an %s", String(commit)))
        }
        told += try git.succeed("for-each-ref", "--format=%(refname)", "refs/heads/").split(separator: "\n").map(String.init)
        for environment in ["dev", "staging", "prod"] {
            told.append(try git.succeed("show", "main:overlays/\(environment)/kustomization.yaml"))
        }
        return told
    }

    @Test func `A story is told alike`() throws {
        let playground = try Playground()
        var people: [String: Person] = [:]
        for name in Playground.people { people[name] = try playground.person(name) }
        // Numbers of pull requests are the forge's own.
        let number = try Regex("#[0-9]+")
        func plain(_ told: [String]) -> [String] { told.map { $0.replacing(number, with: "#") } }
        let local = plain(try tell(playground, people))
        for kind in ForgeServer.Kind.allCases {
            let hosted = try Hosted(kind)
            for name in Playground.people { people[name] = try hosted.person(name) }
            let told = plain(try tell(hosted.playground, people))
            for (one, other) in zip(local, told) { #expect(one == other, "\(kind)") }
            #expect(local.count == told.count)
            #expect(hosted.server.violations == [])
        }
    }
}
