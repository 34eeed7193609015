import Foundation
import PromoteTestSupport
import Testing

/// A change to the configuration repository is judged by what it does to environments.
@Suite struct GateTests {
    private let playground: Playground
    private let ci: Person
    private let alice: Person
    private let bob: Person
    private let carol: Person

    /// A release that is verified in staging, and open into prod as web-3.
    init() throws {
        playground = try Playground()
        (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        (bob, carol) = (try playground.person("bob"), try playground.person("carol"))
        #expect(try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))").status == 0)
        for (from, to, id) in [("build", "dev", "web-1"), ("dev", "staging", "web-2")] {
            #expect(try alice.ask(from, to).text("promotion") == id)
            #expect(try alice.ask("merge", id).status == 0)
            #expect(try ci.ask("verify", to, "--result", "passed").status == 0)
        }
        #expect(try alice.ask("staging", "prod").text("promotion") == "web-3")
    }

    private func edit(_ person: Person, _ path: String, _ change: (String) -> String) throws {
        let file = URL(filePath: person.directory).appending(path: path)
        let old = try String(contentsOf: file, encoding: .utf8)
        let new = change(old)
        try #require(new != old, "\(path) is not changed")
        try Data(new.utf8).write(to: file)
    }

    /// A commit on top of main, made and signed by `person`.
    @discardableResult
    private func commit(_ person: Person, signed: Bool = true, _ change: () throws -> Void) throws -> String {
        try person.git.succeed("fetch", "-q", "origin")
        try person.git.succeed("checkout", "-q", "-B", "change", "origin/main")
        try change()
        try person.git.succeed("add", "-A")
        try person.git.succeed("commit", "-q", signed ? "-S" : "--no-gpg-sign", "-m", "A change")
        return try person.git.succeed("rev-parse", "HEAD")
    }

    private func entry(_ answer: JSONAnswer, _ environment: String) -> [String: Any] {
        let all = answer["environments"] as? [[String: Any]] ?? []
        return all.first { $0["name"] as? String == environment } ?? [:]
    }

    private func labelled(_ text: String) -> String {
        text.replacing("resources:", with: "commonAnnotations: {team: shop}\nresources:")
    }

    @Test func `A promotion passes once it is approved, and its own commit is what is judged`() throws {
        try alice.git.succeed("fetch", "-q", "origin")
        let waiting = try alice.ask("gate", "--head", "origin/promotion/web/prod/3")
        #expect(waiting.status == 75)
        #expect(waiting.text("verdict") == "pending")
        #expect(entry(waiting, "prod")["rule"] as? String == "approved")
        #expect(entry(waiting, "dev")["changed"] as? Bool == false)
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        let passing = try alice.ask("gate", "--head", "origin/promotion/web/prod/3")
        #expect(passing.status == 0)
        #expect(entry(passing, "prod")["permitted"] as? Bool == true)
    }

    @Test(arguments: ["merge", "squash", "rebase"])
    func `However approved content is merged, it passes; altered, it does not`(_ way: String) throws {
        for person in [bob, carol] { #expect(try person.ask("approve", "web-3").status == 0) }
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-B", "merged", "origin/main")
        switch way {
        case "merge": try alice.git.succeed("merge", "-q", "--no-ff", "-S", "-m", "m", "origin/promotion/web/prod/3")
        case "squash":
            try alice.git.succeed("merge", "-q", "--squash", "origin/promotion/web/prod/3")
            try alice.git.succeed("commit", "-q", "-S", "-m", "squashed")
        default: try alice.git.succeed("cherry-pick", "-S", "origin/promotion/web/prod/3")
        }
        #expect(try alice.ask("gate").status == 0)
        // One byte elsewhere.
        try edit(alice, "overlays/staging/kustomization.yaml") { $0 + "# x\n" }
        try alice.git.succeed("commit", "-q", "-a", "-S", "--amend", "--no-edit")
        let altered = try alice.ask("gate")
        #expect(altered.status == 77)
        #expect(entry(altered, "prod")["rule"] as? String == "scope")
        #expect((entry(altered, "prod")["detail"] as? String)?.contains("overlays/staging/kustomization.yaml") == true)
    }

    @Test func `A digest typed by hand, and a tag, are refused whoever approves`() throws {
        try commit(alice) {
            try edit(alice, "overlays/dev/kustomization.yaml") {
                $0.replacing(Playground.digest("1"), with: Playground.digest("9"))
            }
        }
        let typed = try alice.ask("gate")
        #expect(typed.status == 77)
        #expect(entry(typed, "dev")["rule"] as? String == "built-once")
        #expect(try bob.ask("approve", "--change", "origin/main").status != 0)
        try commit(alice) {
            try edit(alice, "overlays/dev/kustomization.yaml") { text in
                text.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.contains("digest:") ? "    newTag: latest" : String($0) }.joined(separator: "\n")
            }
        }
        let tagged = try alice.ask("gate")
        #expect(tagged.status == 77)
        #expect(entry(tagged, "dev")["rule"] as? String == "digest-exact")
    }

    @Test func `An edit to a base is judged for every environment that it reaches`() throws {
        let head = try commit(alice) { try edit(alice, "base/kustomization.yaml", labelled) }
        let answer = try alice.ask("gate")
        #expect(answer.status == 75)
        #expect(entry(answer, "dev")["permitted"] as? Bool == true)
        #expect(entry(answer, "prod")["permitted"] as? Bool == false)
        #expect(entry(answer, "prod")["rule"] as? String == "scope")
        // Whoever made it does not count; two others do.
        #expect(try alice.ask("approve", "--change", head).status == 0)
        #expect(try alice.ask("gate").status == 75)
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/change")
        for person in [bob, carol] {
            try person.git.succeed("fetch", "-q", "origin")
            #expect(try person.ask("approve", "--change", head).status == 0)
        }
        let passing = try alice.ask("gate")
        #expect(passing.status == 0)
        #expect((entry(passing, "prod")["detail"] as? String)?.contains("bob@example.org, carol@example.org") == true)
        // Taken back, it waits again; amended, it has none.
        #expect(try carol.ask("revoke", "--change", head).status == 0)
        #expect(try alice.ask("gate").status == 75)
        #expect(try carol.ask("approve", "--change", head).status == 0)
        try edit(alice, "base/kustomization.yaml") { $0.replacing("shop", with: "shops") }
        try alice.git.succeed("commit", "-q", "-a", "-S", "--amend", "--no-edit")
        let amended = try alice.ask("gate")
        #expect(amended.status == 75)
        #expect((entry(amended, "prod")["detail"] as? String)?.contains("0 of 2") == true)
        #expect(try alice.ask("audit", "verify").status == 0)
    }

    @Test func `Nobody lowers their own quorum, or adds their own key`() throws {
        try commit(alice) {
            try edit(alice, "environments/environments.yaml") { $0.replacing("required: 2", with: "required: 0") }
        }
        let lowered = try alice.ask("gate")
        #expect(lowered.status == 75)
        #expect(lowered.text("policy", "rule") == "policy-from-target")
        #expect(lowered.text("policy", "detail")?.contains("0 of 2 approvals for prod") == true)
        let mallory = try playground.person("mallory")
        try commit(mallory) {
            let key = try String(contentsOfFile: mallory.keyFile + ".pub", encoding: .utf8)
            try edit(mallory, "environments/allowed_signers") { $0 + "mallory@example.org \(key)" }
        }
        let added = try mallory.ask("gate")
        #expect(added.status == 77)
        #expect(added.text("policy", "detail")?.contains("is not signed with a key that allowed_signers lists") == true)
        #expect(try mallory.ask("approve", "--change", "HEAD").status == 77)
    }

    @Test func `A policy that cannot be read is refused`() throws {
        try commit(alice) { try edit(alice, "environments/environments.yaml") { $0 + "spec: twice\n" } }
        let answer = try alice.ask("gate")
        #expect(answer.status == 77)
        #expect(answer.text("policy", "detail")?.contains("could not be read") == true)
    }

    @Test func `An overlay that is replaced by a link or a submodule is seen`() throws {
        try commit(alice) {
            try alice.git.succeed("rm", "-q", "-r", "overlays/prod")
            try FileManager.default.createSymbolicLink(
                atPath: alice.directory + "/overlays/prod", withDestinationPath: "dev")
        }
        let linked = try alice.ask("gate")
        #expect(linked.status != 0)
        #expect(entry(linked, "prod")["changed"] as? Bool == true)
        try commit(alice) {
            try alice.git.succeed("rm", "-q", "-r", "overlays/prod")
            try alice.git.succeed(
                "update-index", "--add", "--cacheinfo", "160000,\(alice.git.succeed("rev-parse", "HEAD")),overlays/prod")
            try FileManager.default.createDirectory(atPath: alice.directory + "/overlays/prod", withIntermediateDirectories: true)
        }
        let nested = try alice.ask("gate")
        #expect(nested.status == 77)
        #expect(entry(nested, "prod")["rule"] as? String == "mergeable")
    }

    @Test func `What changes no environment needs nobody`() throws {
        try commit(alice, signed: false) { try Data("words\n".utf8).write(to: URL(filePath: alice.directory + "/README.md")) }
        let answer = try alice.ask("gate")
        #expect(answer.status == 0)
        #expect(answer.text("verdict") == "pass")
        let markdown = try alice.promote.succeed("gate", "--markdown")
        #expect(markdown.contains("promote: permitted"))
    }

    @Test func `Markdown shows what changes, folded, and nothing in it ends the fold`() throws {
        try commit(alice) {
            try edit(alice, "base/kustomization.yaml") { text in
                text.replacing("resources:", with: "commonAnnotations: {note: '```</details>|'}\nresources:")
            }
        }
        let result = try alice.promote.run("gate", "--markdown")
        #expect(result.status == 75)
        #expect(result.output.contains("| ⏳ | web | prod | scope |"))
        #expect(result.output.contains("<details><summary>web in prod</summary>"))
        let fences = result.output.split(separator: "\n").filter { $0.hasPrefix("```") }
        #expect(fences.count == 6)
    }
}
