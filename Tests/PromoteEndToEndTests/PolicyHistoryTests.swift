import Foundation
import PromoteTestSupport
import Testing

/// Which policy counts from which commit of the target branch on, for clones of before and for fresh ones alike.
@Suite struct PolicyHistoryTests {
    private let playground: Playground
    private let (ci, alice, mallory): (Person, Person, Person)

    /// dev and staging run the first build.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        mallory = try playground.person("mallory")
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))", "--commit", commit).status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
    }

    private let commit = String(repeating: "c", count: 40)

    private func update(_ person: Person) throws {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "work", "origin/main")
    }

    /// Edits a file of `environments/` and commits it.
    private func change(_ person: Person, _ name: String, _ old: String, _ new: String) throws {
        let file = URL(filePath: person.directory + "/environments/" + name)
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: file)
        try person.git.succeed("commit", "-q", "-a", "-S", "-m", "Change \(name)")
    }

    private func push(_ person: Person) throws { try person.git.succeed("push", "-q", "origin", "HEAD:main") }

    private func makeApprover() throws {
        try update(mallory)
        try change(mallory, "teams.yaml", "- carol@example.org", "- carol@example.org\n    - mallory@example.org")
    }

    /// What all clones say that anything runs, those of before and a fresh one.
    private func releases(_ line: Int = #line) throws -> [String?] {
        let fresh = try playground.person("alice", clone: "fresh-\(line)")
        let answers = try [ci, alice, fresh].map { person in
            let answer = try person.ask("status")
            return (0..<3).map { answer.text("applications", 0, "environments", $0, "release") }
        }
        #expect(Set(answers).count == 1, "\(answers)")
        return answers[0]
    }

    private func violations(_ person: Person) throws -> Int {
        (try person.ask("status")["policyViolations"] as? [[String: Any]] ?? []).count
    }

    @Test func `A change that its approvers have not seen does not count, is told, and is told no more once accepted`() throws {
        try makeApprover()
        try push(mallory)
        #expect(try violations(alice) == 1)
        #expect(try alice.promote.run("status").output.contains("does not count"))
        #expect(try alice.promote.run("doctor").output.contains("does not count"))
        #expect(try ci.ask("sync").status == 77)
        #expect(try ci.ask("sync").status == 0)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        #expect(try mallory.ask("approve", "web-3").status == 77)
        #expect(try mallory.ask("accept", "--policy", "--reason", "fine").status == 77)
        #expect(try alice.ask("accept", "--policy", "--reason", "looked at it").status == 0)
        #expect(try violations(try playground.person("bob")) == 0)
        #expect(try mallory.ask("approve", "web-3").status == 77)
    }

    @Test func `What is approved afterwards counts from the next commit on`() throws {
        try update(alice)
        try change(alice, "environments.yaml", "required: 2", "required: 1")
        try push(alice)
        let head = try alice.git.succeed("rev-parse", "HEAD")
        for name in ["bob", "carol"] {
            let answer = try playground.person(name).ask("approve", "--change", head)
            #expect(answer.status == 0, "\(answer.result.output)")
        }
        #expect(try violations(alice) == 1)
        try alice.git.succeed("commit", "-q", "-S", "--allow-empty", "-m", "Anything")
        try push(alice)
        #expect(try violations(alice) == 0)
        #expect(try alice.ask("staging", "prod").status == 0)
        #expect(try alice.ask("show", "web-3").check("approved")?.detail.contains("of 1 approvals") == true)
    }

    @Test func `What is approved before counts at once, and the same approval counts once`() throws {
        try update(alice)
        try change(alice, "environments.yaml", "required: 2", "required: 1")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try violations(alice) == 0)
        // Taken back, which the one approver who is asked now consents to, and done again without.
        let first = try alice.git.succeed("rev-parse", "HEAD")
        try alice.git.succeed("revert", "--no-edit", "-S", "HEAD")
        try playground.consent(to: alice, by: ["bob"])
        try push(alice)
        #expect(try violations(alice) == 0)
        try alice.git.succeed("cherry-pick", "-S", first)
        try push(alice)
        #expect(try violations(alice) == 1)
    }

    // MARK: On top of what does not count

    /// What alice wants, in another file than anybody else changes, consented to by bob and carol.
    private func changeOnTop() throws -> (gate: JSONAnswer, head: String) {
        try update(alice)
        try change(alice, "application.yaml", "builders: [ci@example.org]", "builders: [ci@example.org, bob@example.org]")
        let head = try alice.git.succeed("rev-parse", "HEAD")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/wish")
        for name in ["bob", "carol"] { _ = try playground.person(name, clone: "\(name)-wish").ask("approve", "--change", head) }
        return (try alice.ask("gate", "--head", head), head)
    }

    @Test func `Who made what does not count is an author of what keeps it`() throws {
        let carol = try playground.person("carol")
        try change(carol, "environments.yaml", "required: 2", "required: 1")
        let first = try carol.git.succeed("rev-parse", "HEAD")
        try push(carol)
        let (gate, head) = try changeOnTop()
        #expect(gate.status == 75)
        let policy = gate["policy"] as? [String: Any]
        let detail = policy?["detail"] as? String ?? ""
        #expect(detail.contains("1 of 2 approvals") && detail.contains("on top of what \(first) made of it"), "\(detail)")
        try push(alice)
        #expect(try violations(try playground.person("ci", clone: "fresh")) == 2)
        // With what counts put back, which asks for nobody's consent, what alice wanted is what is consented to.
        try alice.git.succeed("checkout", "-q", "\(first)~1", "--", "environments")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Put the policy back")
        try push(alice)
        try alice.git.succeed("checkout", "-q", head, "--", "environments/application.yaml")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Without that of carol")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        #expect(try alice.ask("show", "web-3").check("approved")?.detail.contains("of 2 approvals") == true)
        #expect(try playground.person("bob").ask("register", "registry.example/web:v2@\(Playground.digest("2"))").status == 0)
    }

    @Test func `What nobody is known to have made does not come in with what is kept of it`() throws {
        try makeApprover()
        let hers = try mallory.git.succeed("rev-parse", "HEAD")
        try push(mallory)
        let (gate, head) = try changeOnTop()
        #expect(gate.status == 77)
        let detail = (gate["policy"] as? [String: Any])?["detail"] as? String ?? ""
        #expect(
            detail.contains("on top of what \(hers) made of it") && detail.contains("four-eyes cannot be enforced"), "\(detail)")
        try push(alice)
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
        #expect(try mallory.ask("approve", "web-3").status == 77)
        // What counts is put back without anyone's consent, and what alice wanted comes on top of that.
        try update(alice)
        try alice.git.succeed("checkout", "-q", "\(hers)~1", "--", "environments")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Put the policy back")
        #expect(try alice.ask("gate", "--head", "HEAD").status == 0)
        try push(alice)
        try alice.git.succeed("checkout", "-q", head, "--", "environments/application.yaml")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Without hers")
        try playground.consent(to: alice)
        #expect(try alice.ask("gate", "--head", "HEAD").status == 0)
    }

    @Test func `Nobody's own consent counts for what a merge that leaves it out makes part of the branch`() throws {
        let carol = try playground.person("carol")
        try change(carol, "environments.yaml", "required: 2", "required: 1")
        let hers = try carol.git.succeed("rev-parse", "HEAD")
        try carol.git.succeed("push", "-q", "origin", "HEAD:refs/heads/wish-of-carol")
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "work", hers)
        try change(alice, "application.yaml", "builders: [ci@example.org]", "builders: [ci@example.org, bob@example.org]")
        let head = try alice.git.succeed("rev-parse", "HEAD")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/wish")
        for name in ["bob", "carol"] { _ = try playground.person(name, clone: "\(name)-wish").ask("approve", "--change", head) }
        #expect(try alice.ask("gate", "--head", head).status == 75)
        try update(mallory)
        try mallory.git.succeed("merge", "-q", "-s", "ours", "-m", "Merge", hers)
        try push(mallory)
        #expect(try alice.ask("gate", "--head", head).status == 75)
        // Nor does it once hers was on the branch and was taken back there.
        try update(alice)
        try alice.git.succeed("checkout", "-q", head, "--", "environments")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Squashed")
        #expect(try alice.ask("gate", "--head", "HEAD").status != 0)
        try push(alice)
        #expect(try violations(try playground.person("ci", clone: "fresh")) == 1)
    }

    // MARK: Histories that leave the configuration out

    @Test(arguments: ["of nothing", "of nothing, which comes first", "of a former tip"])
    func `A policy is not replaced by taking it away and merging another beginning`(_ beginning: String) throws {
        let adopted = try alice.git.succeed("rev-list", "--max-parents=0", "origin/main")
        try update(alice)
        try change(alice, "application.yaml", "builders: [ci@example.org]", "builders: [ci@example.org, bob@example.org]")
        try playground.consent(to: alice)
        try push(alice)
        let before = try releases(1)
        try update(mallory)
        let tree = try mallory.git.succeed("rev-parse", "HEAD^{tree}")
        try mallory.git.succeed("rm", "-rq", "environments")
        try mallory.git.succeed("commit", "-q", "-m", "Gone")
        let gone = try mallory.git.succeed("rev-parse", "HEAD")
        let other =
            beginning != "of a former tip"
            ? try mallory.git.succeed("commit-tree", "-m", "another", tree)
            : try mallory.git.succeed("commit-tree", "-p", adopted, "-m", "another", "\(adopted)^{tree}")
        let parents = beginning == "of nothing, which comes first" ? [other, gone] : [gone, other]
        let merge = try mallory.git.succeed(
            "commit-tree", "-p", parents[0], "-p", parents[1], "-m", "Merge", "\(other)^{tree}")
        try mallory.git.succeed("push", "-q", "origin", "\(merge):refs/heads/main")
        let fresh = try playground.person("ci", clone: "fresh")
        if beginning != "of a former tip" {
            #expect(try fresh.ask("status").refusedBy == "policy-from-target")
        } else {
            #expect(try releases(2) == before)
            #expect(try violations(fresh) > 0)
            #expect(try fresh.ask("audit", "verify").status == 0)
        }
    }

    @Test(arguments: ["that has the same", "that gets it with the merge"])
    func `Another beginning replaces no policy by joining what has the same configuration`(_ beginning: String) throws {
        try makeApprover()
        let hers = try mallory.git.succeed("rev-parse", "HEAD")
        let tree = try mallory.git.succeed("rev-parse", "HEAD^{tree}")
        let empty = try mallory.git.succeed("mktree", input: "")
        let (first, second): (String, String)
        if beginning == "that has the same" {
            (first, second) = (try mallory.git.succeed("commit-tree", "-m", "another", tree), hers)
        } else {
            first = try mallory.git.succeed("commit-tree", "-m", "another", empty)
            second = try mallory.git.succeed("commit-tree", "-p", "origin/main", "-m", "gone", empty)
        }
        let merge = try mallory.git.succeed("commit-tree", "-p", first, "-p", second, "-m", "Merge", tree)
        try mallory.git.succeed("push", "-q", "origin", "\(merge):refs/heads/main")
        for person in [alice, try playground.person("bob", clone: "fresh")] {
            #expect(try person.ask("status").refusedBy == "policy-from-target")
        }
    }

    @Test func `A policy that was replaced judges no event by a commit that was merged and left out`() throws {
        try update(alice)
        try change(alice, "application.yaml", "builders: [ci@example.org]", "builders: [bob@example.org]")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try ci.ask("register", "registry.example/web:v2@\(Playground.digest("2"))").status == 77)
        try update(ci)
        try ci.git.succeed("revert", "--no-edit", "-S", "HEAD")
        let old = try ci.git.succeed("rev-parse", "HEAD")
        let merge = try ci.git.succeed("commit-tree", "-S", "-p", "HEAD~1", "-p", old, "-m", "Merge", "HEAD~1^{tree}")
        try ci.git.succeed("push", "-q", "origin", "\(merge):refs/heads/main")
        let digest = Playground.digest("2")
        let hash = try Tool("sha256sum", in: "/").succeed(input: "registry.example/web@\(digest)").prefix(12)
        let event = try RawEvent(
            "ReleaseRegistered", by: ci.principal, policy: old,
            #"{"build":{},"images":[{"digest":"\#(digest)","name":"registry.example/web"}],"release":"web-\#(hash)"}"#)
        let commit = try ci.commit(event, to: "refs/heads/promote/ledger/web")
        #expect(try ci.git.run("push", "-q", "origin", "\(commit):refs/heads/promote/ledger/web").status == 0)
        for person in [alice, try playground.person("bob", clone: "fresh")] {
            let known = (try person.ask("releases")["releases"] as? [[String: Any]] ?? []).compactMap { $0["release"] as? String }
            #expect(known.count == 1)
        }
    }

    @Test func `A key is not revoked alone on top of what does not count`() throws {
        try makeApprover()
        try push(mallory)
        try update(alice)
        let key = try String(contentsOfFile: playground.scratch.url.appending(component: "key-ci.pub").path, encoding: .utf8)
        try Data(key.utf8).write(to: URL(filePath: alice.directory + "/environments/revoked_keys"))
        try alice.git.succeed("add", "environments")
        try alice.git.succeed("commit", "-q", "-S", "-m", "Revoke the key of ci")
        #expect(try alice.ask("gate", "--head", "HEAD").status == 77)
        try push(alice)
        #expect(try violations(alice) == 2)
    }

    @Test func `A policy that was there for a moment gives its author nothing`() throws {
        try update(mallory)
        try change(mallory, "application.yaml", "builders: [ci@example.org]", "builders: [mallory@example.org]")
        let moment = try mallory.git.succeed("rev-parse", "HEAD")
        try mallory.git.succeed("revert", "--no-edit", "-S", "HEAD")
        try push(mallory)
        let before = try releases()
        let answer = try mallory.ask("register", "registry.example/web:v2@\(Playground.digest("2"))")
        #expect(answer.status == 77)
        #expect(try releases() == before)
        #expect(try violations(alice) == 1)
        // The commit's name in an event is judged by the policy that counted there.
        #expect(try mallory.git.succeed("cat-file", "-t", moment) == "commit")
    }

    @Test func `A merge the other way round takes nothing away, for clones of before and fresh ones`() throws {
        try mallory.git.succeed("commit", "-q", "-S", "--allow-empty", "-m", "Started long ago")
        let before = try releases(1)
        try update(alice)
        try change(alice, "environments.yaml", "required: 2", "required: 1")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try ci.ask("verify", "staging", "--result", "passed").status == 0)
        try mallory.git.succeed("-c", "pull.rebase=false", "pull", "-q", "--no-edit", "origin", "main")
        try push(mallory)
        #expect(try releases(2) == before)
        #expect(try violations(alice) == 0)
        #expect(try ci.ask("sync").status == 0)
        #expect(try alice.ask("staging", "prod").status == 0)
        #expect(try alice.ask("show", "web-3").check("approved")?.detail.contains("of 1 approvals") == true)
    }

    @Test(arguments: [false, true])
    func `A first parent without history takes nothing away`(_ hasHook: Bool) throws {
        let before = try releases(1)
        if hasHook { #expect(try alice.promote.run("hook", "install", "--bare", playground.remote).status == 0) }
        try update(mallory)
        let empty = try mallory.git.succeed("mktree", input: "")
        let orphan = try mallory.git.succeed("commit-tree", "-m", "orphan", empty)
        let merge = try mallory.git.succeed("commit-tree", "-p", orphan, "-p", "HEAD", "-m", "Merge", "HEAD^{tree}")
        let pushed = try mallory.git.run("push", "-q", "origin", "\(merge):refs/heads/main")
        #expect((pushed.status == 0) == !hasHook)
        if hasHook { #expect(pushed.errors.contains("first parents")) }
        #expect(try releases(2) == before)
    }

    @Test func `Two histories with policies of their own are refused by every command`() throws {
        try update(mallory)
        let orphan = try mallory.git.succeed("commit-tree", "-m", "orphan", "HEAD^{tree}")
        try makeApprover()
        let tree = try mallory.git.succeed("rev-parse", "HEAD^{tree}")
        let evil = try mallory.git.succeed("commit-tree", "-p", orphan, "-m", "evil", tree)
        let merge = try mallory.git.succeed("commit-tree", "-p", evil, "-p", "origin/main", "-m", "Merge", tree)
        try mallory.git.succeed("push", "-q", "origin", "\(merge):refs/heads/main")
        for person in [alice, try playground.person("bob")] {
            let answer = try person.ask("status")
            #expect(answer.status == 77)
            #expect(answer.refusedBy == "policy-from-target")
        }
    }

    @Test func `A hook judges every commit of a push`() throws {
        #expect(try alice.promote.run("hook", "install", "--bare", playground.remote).status == 0)
        try makeApprover()
        try mallory.git.succeed("revert", "--no-edit", "-S", "HEAD")
        let pushed = try mallory.git.run("push", "-q", "origin", "HEAD:main")
        #expect(pushed.status != 0)
        #expect(pushed.errors.contains("policy-from-target"))
        try mallory.git.succeed("reset", "-q", "--hard", "origin/main")
        try mallory.git.succeed("commit", "-q", "--allow-empty", "-m", "one")
        try mallory.git.succeed("commit", "-q", "--allow-empty", "-m", "two")
        try push(mallory)
    }

    @Test func `An environment is retired with its overlay in one commit, and its history stays`() throws {
        let before = try releases(1)
        try update(alice)
        let file = URL(filePath: alice.directory + "/environments/environments.yaml")
        let documents = try String(contentsOf: file, encoding: .utf8).split(separator: "---\n")
        let kept = [documents[0], documents[2].replacing("promotesFrom: [staging]", with: "promotesFrom: [dev]")[...]]
        try Data(kept.map(String.init).joined(separator: "---\n").utf8).write(to: file)
        try alice.git.succeed("rm", "-rq", "overlays/staging")
        try alice.git.succeed("commit", "-q", "-a", "-S", "-m", "Retire staging")
        #expect(try alice.ask("gate", "--head", "HEAD").text("verdict") == "pending")
        try playground.consent(to: alice)
        try push(alice)
        #expect(try ci.ask("sync").status == 0)
        for person in [ci, try playground.person("alice", clone: "fresh")] {
            let status = try person.ask("status")
            #expect(status.text("applications", 0, "environments", 0, "release") == before[0])
            #expect(try person.promote.run("audit", "verify").status == 0)
        }
        #expect(try alice.ask("dev", "prod").text("promotion") == "web-3")
    }
}
