import Foundation
import PromoteTestSupport
import Testing

/// Consent to a change that is no promotion: of whom, to what, and by which name.
@Suite struct ChangeApprovalTests {
    private let playground: Playground
    private let alice: Person
    private let bob: Person
    private let mallory: Person
    private let ledger = "refs/heads/promote/ledger/_environments"

    init() throws {
        playground = try Playground { seed in
            let file = seed.appending(path: "environments/environments.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let changed = text.replacing("    required: 2\n", with: "    required: 1\n").replacing(
                "  promoters: [release-managers]\n", with: "  mergers: [release-managers]\n")
            try Data(changed.utf8).write(to: file)
        }
        (alice, bob) = (try playground.person("alice"), try playground.person("bob"))
        mallory = try playground.person("mallory")
    }

    /// A change of how often prod runs, by a person who has it pushed under the name of a branch.
    private func replicas(_ count: Int, by person: Person, signed: Bool = true, branch: String) throws -> String {
        let commit = try person.change("overlays/prod/kustomization.yaml", signed: signed) {
            $0.replacing("count: 6", with: "count: \(count)")
        }
        try person.git.succeed("push", "-q", "-f", "origin", "HEAD:refs/heads/\(branch)")
        return commit
    }

    private func prod(_ answer: JSONAnswer) -> [String: Any] {
        let all = answer["environments"] as? [[String: Any]] ?? []
        return all.first { $0["name"] as? String == "prod" } ?? [:]
    }

    // MARK: Four eyes

    @Test(arguments: ["nobody", "a stranger", "another's name"])
    func `Four eyes look at a change whose head is signed by who made it`(_ by: String) throws {
        let person = by == "a stranger" ? mallory : alice
        if by == "another's name" { try alice.git.succeed("config", "user.email", "carol@example.org") }
        let head = try replicas(7, by: person, signed: by != "nobody", branch: "seven")
        let judged = try person.ask("gate", "--head", head)
        #expect(judged.status == 77)
        let detail = prod(judged)["detail"] as? String ?? ""
        #expect(detail.contains("its head \(head) is not signed with a key that allowed_signers lists"), "\(detail)")
        try bob.git.succeed("fetch", "-q", "origin")
        let refs = try playground.remoteRefs()
        let consent = try bob.ask("approve", "--change", head)
        #expect(consent.status == 77)
        #expect(consent.message?.contains("four-eyes cannot be enforced") == true)
        #expect(try playground.remoteRefs() == refs)
        // Signed, it is one that others may look at, and its author may not.
        try alice.git.succeed("config", "user.email", "alice@example.org")
        let signed = try replicas(7, by: alice, branch: "seven")
        #expect(try alice.ask("gate", "--head", signed).status == 75)
        #expect(try alice.ask("approve", "--change", signed).status == 0)
        #expect(try alice.ask("gate", "--head", signed).status == 75)
        try bob.git.succeed("fetch", "-q", "origin")
        #expect(try bob.ask("approve", "--change", signed).status == 0)
        #expect(try alice.ask("gate", "--head", signed).status == 0)
    }

    @Test func `A request into an environment of four eyes is signed by who asks`() throws {
        let ci = try playground.person("ci")
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to) in [("build", "dev"), ("dev", "staging")] {
            #expect(try alice.ask(from, to, "--merge").status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        let refs = try playground.remoteRefs()
        var anonymous = alice
        anonymous.environment["PROMOTE_ACTOR"] = "zed@example.org"
        try alice.git.succeed("config", "--unset", "gpg.format")
        let refused = try anonymous.ask("staging", "prod")
        #expect(refused.status == 77)
        #expect(refused.refusedBy == "authorized")
        #expect(refused.message?.contains("prod asks for four eyes, and nothing proves that it is zed@example.org") == true)
        // A key of another's proves nothing either.
        try alice.git.succeed("config", "gpg.format", "ssh")
        #expect(try anonymous.ask("staging", "prod").refusedBy == "authorized")
        #expect(try playground.remoteRefs() == refs)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        #expect(try alice.ask("approve", "web-3").status != 0)
        #expect(try alice.ask("merge", "web-3").status == 75)
    }

    @Test func `What is in the branch already is approved by none, and does not come back by that`() throws {
        let old = try alice.git.succeed("rev-parse", "origin/main")
        let seven = try replicas(7, by: alice, branch: "seven")
        try bob.git.succeed("fetch", "-q", "origin")
        #expect(try bob.ask("approve", "--change", seven).status == 0)
        try alice.git.succeed("push", "-q", "origin", "\(seven):refs/heads/main")
        let six = try alice.change("overlays/prod/kustomization.yaml") { $0.replacing("count: 7", with: "count: 6") }
        try playground.consent(to: alice, by: ["bob"])
        try alice.git.succeed("push", "-q", "origin", "\(six):refs/heads/main")
        // Seven again: what was approved once was undone since.
        let again = try alice.change("overlays/prod/kustomization.yaml") { $0.replacing("count: 6", with: "count: 7") + "# x\n" }
        let judged = try alice.ask("gate", "--head", again)
        #expect(judged.status == 75, "\(judged.result.output)")
        #expect((prod(judged)["detail"] as? String)?.contains("0 of 1 approvals") == true)
        // And a hook does not take a word on it.
        try Tool(Playground.builtProgram.path, in: "/").succeed("hook", "install", "--bare", playground.remote)
        for head in [old, seven, six] {
            let event = try RawEvent(
                "ChangeApproved", by: bob.principal, policy: six,
                #"{"head":"\#(head)","results":[{"application":"web","environment":"prod","rendered":"\#(String(repeating: "a", count: 64))"}]}"#
            )
            let commit = try bob.commit(event, to: ledger)
            let push = try bob.git.run("push", "origin", "\(commit):\(ledger)")
            #expect(push.status != 0)
            #expect(
                push.errors.contains("\(head) is in main already, so that there is nothing to approve in it"), "\(push.errors)")
        }
    }

    // MARK: Names

    @Test(arguments: [7, 10, 39, 40])
    func `A tag or a branch that is called like the beginning of an id is not what is approved`(_ digits: Int) throws {
        let good = try replicas(7, by: alice, branch: "good")
        let evil = try replicas(0, by: mallory, branch: "evil")
        let name = String(good.prefix(digits))
        // Git itself makes no branch of forty digits, and takes one that is pushed.
        for ref in ["refs/tags/\(name)", "refs/heads/\(name)"] {
            try mallory.git.succeed("push", "-q", "origin", "\(evil):\(ref)")
        }
        try bob.git.succeed("fetch", "-q", "--tags", "origin")
        let answer = try bob.ask("approve", "--change", name)
        #expect(answer.status == 0, "\(answer.result.output)")
        try bob.git.succeed("fetch", "-q", "origin", ledger)
        let event = try bob.git.succeed("show", "FETCH_HEAD:event.json")
        #expect(event.contains("\"head\":\"\(good)\""), "\(event)")
        #expect(try alice.ask("gate", "--head", "refs/remotes/origin/good").status == 0)
        #expect(try mallory.ask("gate", "--head", "refs/remotes/origin/evil").status != 0)
    }

    @Test func `An approval takes no name of a commit, and is told its id in full`() throws {
        let good = try replicas(7, by: alice, branch: "good")
        let told = try alice.promote.run("gate", "--head", good)
        #expect(told.output.contains("promote approve --change \(good)`"), "\(told.output)")
        try mallory.git.succeed("fetch", "-q", "origin")
        try mallory.git.succeed("push", "-q", "origin", "\(good):refs/tags/v7", "\(good):refs/tags/decade0fff")
        try bob.git.succeed("fetch", "-q", "--tags", "origin")
        let refs = try playground.remoteRefs()
        for name in ["v7", "origin/good", "refs/tags/v7", "\(good.prefix(10))~0", "decade0fff", "\(good.prefix(6))", "HEAD"] {
            let answer = try bob.ask("approve", "--change", name)
            #expect([64, 77].contains(answer.status), "\(name): \(answer.result.output)")
            #expect(answer.text("error", "hint")?.isEmpty == false, "\(name)")
        }
        let hint = try bob.ask("approve", "--change", "v7")
        #expect(hint.refusedBy == "approved")
        #expect(hint.text("error", "hint")?.contains("promote approve --change \(good)") == true)
        #expect(try playground.remoteRefs() == refs)
    }
}
