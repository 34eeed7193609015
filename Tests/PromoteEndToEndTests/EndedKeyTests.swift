import Foundation
import PromoteTestSupport
import Testing

/// A key that was lost, and the policy of before in which it still counted.
@Suite struct EndedKeyTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let ledger = "refs/heads/promote/ledger/web"
    /// The tip of main before the key was taken away.
    private let before: String

    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(try ci.ask("register", "registry.example/web@\(Playground.digest("1"))").status == 0)
        before = try ci.git.succeed("rev-parse", "HEAD")
    }

    private func end(_ way: String) throws {
        let key = try String(contentsOfFile: ci.keyFile + ".pub", encoding: .utf8)
        if way == "revoked" {
            try alice.change("environments/revoked_keys") { $0 + key }
        } else {
            let past = try Tool("date", in: "/").succeed("-u", "-d", "-1 minute", "+%Y%m%d%H%M%SZ")
            try alice.change("environments/allowed_signers") {
                $0.replacing("ci@example.org ", with: "ci@example.org valid-before=\"\(past)\" ")
            }
            try playground.consent(to: alice)
        }
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
    }

    /// A registration as the thief makes it, who says that it was decided by the policy of a commit.
    private func registration(_ digit: Character, policy: String) throws -> RawEvent {
        let image = #"{"digest":"\#(Playground.digest(digit))","name":"registry.example/web"}"#
        return try RawEvent(
            "ReleaseRegistered", by: "ci@example.org", policy: policy,
            #"{"build":{},"images":[\#(image)],"release":"\#(release(digit))"}"#)
    }

    private func release(_ digit: Character) throws -> String {
        let hash = try Tool("sha256sum", in: "/").succeed(input: "registry.example/web@\(Playground.digest(digit))")
        return "web-\(hash.prefix(12))"
    }

    private func installHook() throws {
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
    }

    private func refused(_ commit: String, saying words: String) throws {
        let refs = try playground.remoteRefs()
        let push = try ci.git.run("push", "origin", "\(commit):\(ledger)")
        #expect(push.status != 0)
        #expect(push.errors.contains(words), "\(push.errors)")
        #expect(try playground.remoteRefs() == refs)
    }

    @Test(arguments: ["revoked", "expired"])
    func `The hook takes nothing by a key that has ended, whatever policy it names`(_ way: String) throws {
        try end(way)
        try installHook()
        let tip = try alice.git.succeed("rev-parse", "HEAD")
        try refused(
            try ci.commit(try registration("9", policy: before), to: ledger),
            saying: "which the policy of \(tip) revokes, or which has expired")
        try refused(try ci.commit(try registration("9", policy: tip), to: ledger), saying: "would count for no reader")
    }

    @Test(arguments: ["revoked", "expired"])
    func `Without a hook no reader promotes what a key registered that has ended`(_ way: String) throws {
        try end(way)
        let theirs = try ci.commit(try registration("9", policy: before), to: ledger)
        try ci.git.succeed("push", "-q", "origin", "\(theirs):\(ledger)")
        let refs = try playground.remoteRefs()
        for person in [alice, try playground.person("bob")] {
            // What it registered rightly before is to be registered again, too.
            for digit in ["1", "9"] as [Character] {
                let answer = try person.ask("build", "dev", "--release", try release(digit))
                #expect(answer.status == 77)
                #expect(answer.refusedBy == "built-once", "\(answer.result.output)")
                let detail = answer.check("built-once")?.detail ?? ""
                #expect(detail.contains(way == "revoked" ? "revoked_keys" : "expired at"), "\(detail)")
                #expect(detail.contains("`promote register registry.example/web@\(Playground.digest(digit))"), "\(detail)")
            }
        }
        #expect(try playground.remoteRefs() == refs)
    }

    @Test func `An event names the policy of now, or of minutes ago`() throws {
        // What main was until an hour ago is nobody's mistake any more.
        var git = alice.git
        git.environment["GIT_COMMITTER_DATE"] = try Tool("date", in: "/").succeed("-d", "-1 hour", "+%s +0000")
        try git.succeed("commit", "-q", "--allow-empty", "-S", "-m", "Words")
        try git.succeed("push", "-q", "origin", "HEAD:main")
        try installHook()
        let tip = try git.succeed("rev-parse", "HEAD")
        try refused(
            try ci.commit(try registration("2", policy: before), to: ledger),
            saying: "names the policy of \(before), and main is at \(tip): what counts is the policy of now")
        let honest = try ci.commit(try registration("2", policy: tip), to: ledger)
        try ci.git.succeed("push", "-q", "origin", "\(honest):\(ledger)")
        // The last push of a moment ago is within what clones may be behind.
        try alice.git.succeed("commit", "-q", "--allow-empty", "-S", "-m", "More words")
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let late = try ci.commit(try registration("3", policy: tip), to: ledger)
        try ci.git.succeed("push", "-q", "origin", "\(late):\(ledger)")
    }
}
