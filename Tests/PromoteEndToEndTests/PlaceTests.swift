import Foundation
import PromoteTestSupport
import Testing

/// Directories of environments: apart from each other, and looked at whether promote ever wrote there or not.
@Suite struct PlaceTests {
    private static func application(_ name: String, _ overlay: String, image: String = "other") -> String {
        "apiVersion: promote/v1alpha1\nkind: Application\nmetadata: { name: \(name) }\n"
            + "spec: { images: [{ name: registry.example/\(image) }], overlay: \"\(overlay)\" }\n"
    }

    private static func overlay(_ image: String, _ resources: String = "d.yaml") -> String {
        "resources: [\(resources)]\nimages: [{ name: registry.example/\(image), digest: \(Playground.digest("0")) }]\n"
    }

    private static func write(_ text: String, to path: String, _ seed: URL) throws {
        let file = seed.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    // MARK: One in another

    private static let conflicts: [(String, String, String)] = [
        ("overlays/{environment}/part", "overlays/dev/part", "it is inside overlays/dev, which is an overlay of dev"),
        ("overlays/dev/x/{environment}", "overlays/dev/x/dev", "it is inside overlays/dev, which is an overlay of dev"),
        ("overlays/prod/{environment}", "overlays/prod/dev", "it is inside overlays/prod, which is an overlay of prod"),
    ]

    @Test(arguments: conflicts)
    func `A place inside another's is an error of the configuration, with what to do`(
        _ template: String, _ path: String, _ words: String
    ) throws {
        let playground = try Playground { seed in
            try Self.write(Self.application("other", template), to: "environments/other.yaml", seed)
        }
        let alice = try playground.person("alice")
        for arguments in [["status"], ["build", "dev", "--app", "web"], ["gate"], ["sync"]] {
            let answer = JSONAnswer(try alice.promote.run(arguments + ["--json"]))
            #expect(answer.status == 65, "\(arguments)")
            #expect(answer.message?.contains("\(path) is no place of its own: \(words)") == true, "\(answer.message ?? "")")
            let hint = answer.text("error", "hint") ?? ""
            #expect(hint.contains("give every environment folders of its own"), "\(hint)")
        }
        let doctor = try alice.promote.run("doctor")
        #expect(doctor.status == 65)
        #expect((doctor.output + doctor.errors).contains("is no place of its own"), "\(doctor.output)")
    }

    @Test func `One directory of two environments is an error of the configuration, and a change does not bring it`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        let shared =
            "---\n" + Self.application("one", "{environment}/prod") + "---\n" + Self.application("two", "dev/{environment}")
        let head = try alice.change("environments/environments.yaml") { $0 + shared }
        let judged = try alice.ask("gate", "--head", head)
        #expect(judged.status == 77)
        let detail = judged.text("policy", "detail") ?? ""
        #expect(detail.contains("dev/prod is no place of its own: it is an overlay of dev and of prod"), "\(detail)")
        // Where it landed all the same, nothing is decided until it is mended.
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.ask("status").status == 65)
        #expect(try alice.ask("sync").status == 65)
    }

    @Test func `A promotion waits for those of another application's environment that has what it edits`() throws {
        let playground = try Playground { seed in
            try Self.write(Self.application("b", "apps/b/{environment}", image: "b"), to: "environments/b.yaml", seed)
            let deployment =
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\n"
                + "spec: {template: {spec: {containers: [{name: b, image: registry.example/b}]}}}\n"
            for environment in ["dev", "staging"] {
                try Self.write(Self.overlay("b"), to: "apps/b/\(environment)/kustomization.yaml", seed)
                try Self.write(deployment, to: "apps/b/\(environment)/d.yaml", seed)
            }
            try Self.write("resources: [../../../overlays/dev]\n", to: "apps/b/prod/kustomization.yaml", seed)
        }
        let (ci, alice) = (try playground.person("ci"), try playground.person("alice"))
        #expect(
            try ci.ask("register", "registry.example/web:v1@\(Playground.digest("1"))", "--app", "web").status == 0)
        #expect(try alice.ask("build", "dev", "--app", "web").text("promotion") == "web-1")
        let before = try alice.promote.succeed("render", "b", "prod")
        let merge = try alice.ask("merge", "web-1")
        #expect(merge.status == 75)
        #expect(merge.message?.contains("0 of 2 approvals for prod") == true, "\(merge.message ?? "")")
        #expect(try alice.promote.succeed("render", "b", "prod") == before)
        // Their consent to it is enough.
        try alice.git.succeed("fetch", "-q", "origin")
        let head = try alice.git.succeed("rev-parse", "origin/promotion/web/dev/1")
        for name in ["bob", "carol"] {
            #expect(try playground.person(name).ask("approve", "--change", head).status == 0)
        }
        #expect(try alice.ask("merge", "web-1").status == 0)
        #expect(try alice.promote.succeed("render", "b", "prod") != before)
    }

    // MARK: Added

    @Test func `Those who approve an environment are told what it starts with`() throws {
        let playground = try Playground()
        let alice = try playground.person("alice")
        // There before the policy knows of it, when it is nobody's.
        let folder = URL(filePath: alice.directory + "/overlays/qa")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try alice.change("overlays/qa/kustomization.yaml") { _ in
            "resources: [../../base]\nnamespace: qa\nimages:\n- name: registry.example/web\n  digest: \(Playground.digest("9"))\n"
        }
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        let head = try alice.change("environments/qa.yaml") { _ in
            "apiVersion: promote/v1alpha1\nkind: Environment\nmetadata: {name: qa}\nspec: {promotesFrom: [dev]}\n"
        }
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/qa")
        for person in [alice, try playground.person("bob")] {
            try person.git.succeed("fetch", "-q", "origin")
            let gate = try person.ask("gate", "--head", head)
            #expect(gate.status == 75)
            let entries = gate["environments"] as? [[String: Any]] ?? []
            let added = try #require(entries.first { $0["name"] as? String == "qa" }, "\(gate.result.output)")
            #expect(added["permitted"] as? Bool == true)
            #expect((added["detail"] as? String)?.contains("registry.example/web@\(Playground.digest("9"))") == true)
        }
        // It lands with the policy, and is no violation.
        try playground.consent(to: alice)
        try alice.git.succeed("push", "-q", "origin", "HEAD:main")
        #expect(try alice.ask("sync").status == 0)
        #expect(try alice.ask("audit", "images").status == 77)
    }

    // MARK: Never promoted into

    @Test(arguments: [
        ("dev", "digest: \(Playground.digest("9"))", "unregistered", Playground.digest("9")),
        ("prod", "digest: \(Playground.digest("9"))", "unregistered", Playground.digest("9")),
        ("prod", "newTag: latest", "unpinned", "latest"),
    ])
    func `What an environment renders is audited that nothing was ever promoted into`(
        _ environment: String, _ line: String, _ kind: String, _ words: String
    ) throws {
        let playground = try Playground { seed in
            let file = seed.appending(path: "overlays/\(environment)/kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("digest: \(Playground.digest("0"))", with: line).utf8).write(to: file)
        }
        let ci = try playground.person("ci")
        let audit = try ci.ask("audit", "images")
        #expect(audit.status == 77)
        let findings = audit["findings"] as? [[String: Any]] ?? []
        let found = findings.filter { $0["kind"] as? String == kind }
        #expect(!found.isEmpty && found.allSatisfy { $0["environment"] as? String == environment }, "\(audit.result.output)")
        #expect(found.allSatisfy { $0["violation"] as? Bool == true })
        #expect((found.first?["detail"] as? String)?.contains(words) == true)
    }
}
