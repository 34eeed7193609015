import FaultInjection
import Foundation
import PromoteTestSupport
import Testing

/// The process is killed with SIGKILL between any two steps of any command; running the command again finishes the work.
@Suite struct CrashTests {
    private static let one = "registry.example/web@" + Playground.digest("1")
    private static let two = "registry.example/web@" + Playground.digest("2")

    /// A whole promotion to production, and one that is given up: who types what.
    private static let scenario: [(person: String, command: [String])] = [
        ("ci", ["register", one]),
        ("alice", ["build", "dev"]),
        ("alice", ["merge", "web-1"]),
        ("ci", ["verify", "dev", "--result", "passed"]),
        ("alice", ["dev", "staging"]),
        ("alice", ["merge", "web-2"]),
        ("ci", ["verify", "staging", "--result", "passed"]),
        ("alice", ["staging", "prod"]),
        ("bob", ["approve", "web-3"]),
        ("carol", ["approve", "web-3"]),
        ("bob", ["revoke", "web-3"]),
        ("bob", ["approve", "web-3"]),
        ("carol", ["merge", "web-3"]),
        ("ci", ["register", two]),
        ("alice", ["build", "dev"]),
        ("alice", ["close", "web-4", "--reason", "not now"]),
    ]

    /// What git finds in the ledger after that, oldest first.
    private static let history = [
        "ReleaseRegistered", "PromotionRequested", "PullRequestOpened", "PromotionMerged", "VerificationRecorded",
        "PromotionRequested", "PullRequestOpened", "PromotionMerged", "VerificationRecorded", "PromotionRequested",
        "PullRequestOpened", "PromotionApproved", "PromotionApproved", "ApprovalRevoked", "PromotionApproved",
        "PromotionMerged", "ReleaseRegistered", "PromotionRequested", "PullRequestOpened", "PromotionClosed",
    ]

    @Test(arguments: FaultPoint.allCases.filter { !$0.isOnForge })
    func `A command that is killed is finished by the next run, once`(_ point: FaultPoint) throws {
        let playground = try Playground()
        var people: [String: Person] = [:]
        for name in Playground.people { people[name] = try playground.person(name) }
        var kills = 0
        for (name, command) in Self.scenario {
            let person = try #require(people[name])
            var armed = person.promote
            armed.environment["PROMOTE_FAULT"] = point.name
            let cut = try armed.run(command)
            if cut.status == 0 { continue }
            try #require(cut.status == 9, "\(command): \(cut.status) \(cut.errors)")
            kills += 1
            let again = try person.promote.run(command)
            try #require(again.status == 0, "\(command) after \(point): \(again.status) \(again.errors)")
        }
        #expect(kills > 0, "no command comes by \(point)")
        try expectFinished(playground, people)
    }

    /// Looks with git alone: at the ledger's commits and trees, at the branches, at what the environments say.
    private func expectFinished(_ playground: Playground, _ people: [String: Person]) throws {
        let git = Tool("git", in: playground.remote)
        let ledger = "refs/heads/promote/ledger/web"
        var types: [String] = []
        for commit in try git.succeed("rev-list", "--reverse", ledger).split(separator: "\n") {
            #expect(try git.succeed("rev-list", "--parents", "-1", String(commit)).split(separator: " ").count <= 2)
            let event = try git.succeed("show", "\(commit):event.json")
            types += event.split(separator: "\"type\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
        }
        #expect(types == Self.history)
        #expect(try git.succeed("for-each-ref", "--format=%(refname)") == "refs/heads/main\n\(ledger)")
        // Three merges, and nothing else, behind the first commit.
        #expect(try git.succeed("rev-list", "--count", "--first-parent", "main") == "4")
        for environment in ["dev", "staging", "prod"] {
            let overlay = try git.succeed("show", "main:overlays/\(environment)/kustomization.yaml")
            #expect(overlay.contains(Playground.digest("1")))
        }
        for person in people.values {
            try person.git.succeed("fsck", "--no-dangling", "--no-progress")
            let status = try person.ask("status")
            #expect(status.status == 0)
            #expect(status.text("applications", 0, "environments", 2, "state") == "merged")
            #expect(try person.ask("audit", "verify").status == 0)
        }
    }
}
