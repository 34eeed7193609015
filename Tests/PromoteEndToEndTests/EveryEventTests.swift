import ForgeServer
import Foundation
import PromoteTestSupport
import Testing

/// One history that has every type of event, made by commands, on a forge, and by hand.
///
/// `LEDGER_FIXTURE=folder` keeps it there: that is how the ledgers in Tests/Ledgers came about, each once.
@Suite struct EveryEventTests {
    private let hosted: Hosted
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person

    private static let types: Set<String> = [
        "ReleaseRegistered", "PromotionRequested", "PullRequestOpened", "PromotionApproved", "ApprovalRevoked",
        "PromotionRejected", "RejectionWithdrawn", "PromotionMerged", "PromotionClosed", "PromotionSuperseded",
        "VerificationRecorded", "HoldPlaced", "HoldLifted", "ReleaseYanked", "ViolationDetected", "ViolationAccepted",
        "FreezePlaced", "FreezeLifted", "ChangeApproved", "ChangeApprovalRevoked", "PolicyViolationDetected",
        "PolicyViolationAccepted", "EventSkipped", "BaselineRecorded",
    ]

    init() throws {
        hosted = try Hosted(.gitea) { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data((text + "  emergency: [carol@example.org]\n").utf8).write(to: file)
            let forge = seed.appending(path: "environments/forge.yaml")
            let attestors = "attestors: [ci@example.org, release-managers], "
            let settings = try String(contentsOf: forge, encoding: .utf8).replacing("spec: { ", with: "spec: { \(attestors)")
            try Data(settings.utf8).write(to: forge)
        }
        (ci, alice) = (try hosted.person("ci"), try hosted.person("alice"))
        (bob, carol) = (try hosted.person("bob"), try hosted.person("carol"))
    }

    /// - Parameter expected: the exit status.
    private func run(_ person: Person, _ command: String, expecting expected: Int32 = 0) throws {
        let result = try person.promote.run(command.split(separator: " ").map(String.init))
        try #require(result.status == expected, "\(command): \(result.status)\n\(result.output)\(result.errors)")
    }

    @Test func `Every type of event is written by some command, and all of them count`() throws {
        try register()
        try run(alice, "adopt --env prod")
        try promoteToProd()
        try decideAgainst()
        try operate()
        try goAround()
        try skip()
        let exported = try alice.promote.succeed("audit", "export")
        let written = try exported.split(separator: "\n").compactMap { line in
            let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (record?["event"] as? [String: Any])?["type"] as? String
        }
        #expect(Self.types.subtracting(written) == [])
        let verified = try alice.ask("audit", "verify")
        #expect(verified.status == 0, "\(verified.result.output)")
        #expect(hosted.server.violations == [])
        if let folder = ProcessInfo.processInfo.environment["LEDGER_FIXTURE"] { try keep(in: folder) }
    }

    // MARK: What happens

    /// Two releases by the command, and one as a program of before wrote it, with what a registry showed.
    private func register() throws {
        let apart = hosted.playground.scratch.url.appending(component: "apart.git").path
        try Tool("git", in: hosted.playground.remote).succeed("clone", "-q", "--mirror", hosted.playground.remote, apart)
        let other = try hosted.person("ci", clone: "ci-apart")
        try other.git.succeed("remote", "set-url", "origin", apart)
        let image = "registry.example/web:v1@\(Playground.digest("1"))"
        try run(other, "register \(image) --commit 1111111 --source https://code.example/web")
        let ledger = "refs/heads/promote/ledger/web"
        let text = try Tool("git", in: apart).succeed("show", "\(ledger):event.json")
        let event = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        var payload = try #require(event["payload"] as? [String: Any])
        payload["records"] = [
            [
                "created": "2026-01-02T03:04:05Z", "name": "registry.example/web", "platforms": ["linux/amd64", "linux/arm64"],
                "provenance": ["signed by a key of the policy"], "revision": "1111111", "source": "https://code.example/web",
                "version": "1.0.0",
            ]
        ]
        let bytes = try JSONSerialization.data(withJSONObject: payload, options: [.sortedKeys, .withoutEscapingSlashes])
        let raw = try RawEvent(
            "ReleaseRegistered", by: "ci@example.org", policy: try ci.git.succeed("rev-parse", "origin/main"),
            String(decoding: bytes, as: UTF8.self))
        let commit = try ci.commit(raw, to: ledger)
        try ci.git.succeed("push", "-q", "origin", "\(commit):\(ledger)")
        for digit in ["2", "3", "4"] {
            let name = "registry.example/web:v\(digit)@\(Playground.digest(Character(digit)))"
            try run(ci, "register \(name) --commit \(String(repeating: digit, count: 40)) --run https://ci.example/\(digit)")
        }
    }

    private func release(_ digit: Character) throws -> String {
        let shown = try alice.promote.succeed("audit", "export").split(separator: "\n").first {
            $0.contains("\"type\":\"ReleaseRegistered\"") && $0.contains(Playground.digest(digit))
        }
        return String(try #require(shown?.split(separator: "\"release\":\"").last?.prefix { $0 != "\"" }))
    }

    private func promoteToProd() throws {
        let release = try release("1")
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            try run(alice, "\(from) \(to) --release \(release)")
            try run(alice, "merge \(id)")
            try run(ci, "verify \(to) --result passed --evidence https://ci.example/tests")
        }
        try run(alice, "staging prod")
        // By the command, there and back; then by reviews, there and back.
        try run(bob, "approve web-3")
        try run(bob, "revoke web-3")
        try run(carol, "reject web-3 --reason too-early")
        try run(carol, "revoke web-3")
        hosted.server.approve(3, as: "bob")
        try run(alice, "sync")
        hosted.server.dismissReviews(3, of: "bob")
        try run(alice, "sync")
        hosted.server.approve(3, as: "bob")
        try run(carol, "approve web-3")
        try run(alice, "sync")
        try hosted.server.merge(3, as: "alice")
        try run(bob, "sync")
        for result in ["failed", "passed"] { try run(ci, "verify prod --result \(result)") }
    }

    private func decideAgainst() throws {
        try run(alice, "build dev --release \(try release("2"))")
        try run(alice, "build dev --release \(try release("3"))")
        try run(alice, "close web-5 --reason not-needed")
        try run(alice, "build dev --release \(try release("2"))")
        hosted.server.close(try #require(hosted.server.pulls.last?.number))
        try run(alice, "sync")
    }

    private func operate() throws {
        try run(bob, "hold prod --reason looking")
        try run(bob, "resume prod")
        try run(bob, "freeze staging --until 2099-01-01T00:00:00Z --reason holidays")
        try run(bob, "unfreeze staging")
        try run(bob, "yank \(try release("4")) --reason CVE-2026-1")
        try alice.change("overlays/prod/kustomization.yaml") { $0 + "commonAnnotations: { note: a-change }\n" }
        let change = try alice.git.succeed("rev-parse", "HEAD")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/a-change")
        for person in [bob, carol] {
            try person.git.succeed("fetch", "-q", "origin")
            try run(person, "approve --change \(change)")
        }
        try run(bob, "revoke --change \(change)")
        try run(bob, "approve --change \(change)")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        try run(ci, "sync")
        try alice.change("environments/teams.yaml") { "# Approved.\n" + $0 }
        try hosted.playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        try run(ci, "sync")
    }

    /// What Git lets people do.
    private func goAround() throws {
        let mallory = try hosted.person("mallory")
        try mallory.change("overlays/dev/kustomization.yaml", signed: false) {
            $0.replacing(Playground.digest("1"), with: Playground.digest("9"))
        }
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        try run(ci, "sync", expecting: 77)
        try run(alice, "accept dev --reason a-test")
        try mallory.change("environments/teams.yaml", signed: false) { $0 + "    - mallory@example.org\n" }
        try mallory.git.succeed("push", "-q", "origin", "HEAD:main")
        try run(ci, "sync", expecting: 77)
        try run(alice, "accept --policy --reason seen")
        try run(carol, "build dev --release \(try release("3")) --merge")
        try run(ci, "verify dev --result passed")
        // With Git, and told as programs do that find it where no forge is.
        let opened = try alice.ask("dev", "staging")
        let branch = try #require(opened.text("branch"))
        try carol.git.succeed("fetch", "-q", "origin")
        try carol.git.succeed("checkout", "-q", "-B", "work", "origin/main")
        let (tip, head) = (
            try carol.git.succeed("rev-parse", "HEAD"), try carol.git.succeed("rev-parse", "origin/\(branch)")
        )
        try carol.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "by hand", head)
        let merge = try carol.git.succeed("rev-parse", "HEAD")
        try carol.git.succeed("push", "-q", "origin", "HEAD:main")
        let number = try #require(opened.text("promotion")?.split(separator: "-").last)
        let raw = try RawEvent(
            "PromotionMerged", by: "ci@example.org", policy: tip,
            #"{"commit":"\#(merge)","environment":"staging","head":"\#(head)","merger":"carol@example.org","#
                + #""promotion":\#(number),"release":"\#(try release("3"))"}"#)
        try ci.git.succeed("fetch", "-q", "origin")
        let ledger = "refs/heads/promote/ledger/web"
        let commit = try ci.commit(raw, to: ledger)
        try ci.git.succeed("push", "-q", "origin", "\(commit):\(ledger)")
        try run(ci, "sync")
        try run(carol, "staging prod --emergency --reason all-is-down --merge")
        try run(bob, "rollback prod --reason it-was-worse")
        // Recorded by an attestor who could not close it.
        hosted.server.close(try #require(hosted.server.pulls.last?.number))
        try run(ci, "sync")
    }

    /// An event that is dated ahead, and an operator who goes on past it.
    private func skip() throws {
        let ledger = "refs/heads/promote/ledger/web"
        try bob.git.succeed("fetch", "-q", "origin")
        let raw = try RawEvent(
            "HoldLifted", by: "bob@example.org", policy: try bob.git.succeed("rev-parse", "origin/main"),
            #"{"environment":"prod"}"#, at: "2098-01-01T00:00:00Z")
        let commit = try bob.commit(raw, to: ledger)
        try bob.git.succeed("push", "-q", "origin", "\(commit):\(ledger)")
        try run(alice, "audit skip \(commit) --reason a-wrong-clock")
    }

    /// The remote as one file, and what it reads as today.
    private func keep(in folder: String) throws {
        let git = Tool("git", in: hosted.playground.remote)
        let bundle = folder + "/ledger.bundle"
        try git.succeed("bundle", "create", "-q", bundle, "--all")
        let reader = try KeptLedger(bundle)
        for (file, command) in KeptLedger.answers {
            try Data(try reader.answer(command).utf8).write(to: URL(filePath: folder).appending(component: file))
        }
    }
}
