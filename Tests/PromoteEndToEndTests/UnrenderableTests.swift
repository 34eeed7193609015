import Foundation
import PromoteTestSupport
import Testing

/// What cannot be rendered is judged by its bytes, and never taken for unchanged.
@Suite struct UnrenderableTests {
    private let playground: Playground
    private let alice: Person
    private let bob: Person
    private let carol: Person

    /// prod builds on something elsewhere, which agents fetch and promote does not.
    init() throws {
        playground = try Playground { seed in
            let file = seed.appending(path: "overlays/prod/kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let changed = text.replacing(
                "  - ../../base\n", with: "  - ../../base\n  - https://git.example.org/acme/extra//base?ref=v1\n")
            try #require(changed != text)
            try Data(changed.utf8).write(to: file)
        }
        (alice, bob, carol) = (
            try playground.person("alice"), try playground.person("bob"), try playground.person("carol")
        )
    }

    private func commit(_ change: (Tool, URL) throws -> Void) throws -> String {
        try alice.git.succeed("fetch", "-q", "origin")
        try alice.git.succeed("checkout", "-q", "-f", "-B", "change", "origin/main")
        try change(alice.git, URL(filePath: alice.directory))
        try alice.git.succeed("add", "-A")
        try alice.git.succeed("commit", "-q", "-S", "-m", "A change")
        return try alice.git.succeed("rev-parse", "HEAD")
    }

    private func append(_ text: String, to path: String) throws -> String {
        try commit { _, folder in
            let file = folder.appending(path: path)
            let old = FileManager.default.contents(atPath: file.path) ?? Data()
            try (old + Data(text.utf8)).write(to: file)
        }
    }

    private func gate(_ head: String, _ name: String = "prod") throws -> (status: String, detail: String) {
        let answer = try alice.ask("gate", "--head", head)
        let all = answer["environments"] as? [[String: Any]] ?? []
        let entry = all.first { $0["name"] as? String == name } ?? [:]
        return (entry["status"] as? String ?? "\(answer.status)", entry["detail"] as? String ?? "")
    }

    @Test(arguments: [
        "overlays/prod/kustomization.yaml", "overlays/prod/notes.txt", "overlays/prod/resources.yaml", "base/deployment.yaml",
    ]) func `A change of anything that it reads or holds asks for approval of exactly that`(_ path: String) throws {
        let head = try append("# changed\n", to: path)
        let found = try gate(head)
        #expect(found.status == "pending")
        #expect(found.detail.contains("cannot be rendered"))
        for person in [bob, carol] {
            try person.git.succeed("fetch", "-q", alice.directory, head)
            #expect(try person.ask("approve", "--change", head).status == 0)
        }
        #expect(try gate(head).status == "pass")
        let event = try bob.git.succeed("show", "refs/promote/origin/heads/promote/ledger/_environments:event.json")
        #expect(event.contains("\"rendered\":\"bytes:"))
        // Of anything else it is no approval.
        #expect(try gate(try append("# changed again\n", to: path)).status == "pending")
    }

    /// What is read besides what fields of a kustomization name: the files of before, and the one that changes.
    struct Further: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var before: [String: String] = [:]
        var link: String?
        let changed: String
        let text: String
    }

    private static let values = ["shared/x.yaml": "a: 1\n"]

    @Test(arguments: [
        Further(
            testDescription: "the program of a function",
            before: [
                "tools/p.sh": "echo one\n",
                "overlays/prod/gen.yaml": "kind: P\nfunction: |\n  exec:\n    path: ../../tools/p.sh\n",
            ], changed: "tools/p.sh", text: "echo two\n"),
        Further(
            testDescription: "what a large file names",
            before: values.merging([
                "overlays/prod/gen.yaml": "file: ../../shared/x.yaml\n" + String(repeating: "# more words\n", count: 100_000)
            ]) { $1 }, changed: "shared/x.yaml", text: "b: 2\n"),
        Further(
            testDescription: "what a file names that is no YAML",
            before: values.merging(["overlays/prod/gen.yaml": "a: b\na: b\nfile: ../../shared/x.yaml\n"]) { $1 },
            changed: "shared/x.yaml", text: "b: 2\n"),
        Further(
            testDescription: "attributes of what a link leads to", before: values, link: "../../shared/x.yaml",
            changed: "shared/.gitattributes", text: "x.yaml text eol=crlf\n"),
        Further(
            testDescription: "what Flux leaves out", changed: ".sourceignore", text: "/overlays/prod/resources.yaml\n"),
    ])
    func `Whatever else it could read is asked for, too`(_ further: Further) throws {
        let prepared = try commit { _, folder in
            for (path, text) in further.before {
                let file = folder.appending(path: path)
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            if let link = further.link {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path + "/overlays/prod/link.yaml", withDestinationPath: link)
            }
            try add("generators: [gen.yaml]\n", in: folder)
        }
        try alice.git.succeed("push", "-q", "origin", "\(prepared):refs/heads/main")
        #expect(try gate(try append(further.text, to: further.changed)).status == "pending")
    }

    private func add(_ text: String, in folder: URL) throws {
        let file = folder.appending(path: "overlays/prod/kustomization.yaml")
        try Data((try String(contentsOf: file, encoding: .utf8) + text).utf8).write(to: file)
    }

    @Test func `Whether a file can be run, and which commit a submodule is at, belongs to it`() throws {
        func module(at digit: String) throws -> String {
            let id = String(repeating: digit, count: 40)
            try alice.git.succeed("update-index", "--add", "--cacheinfo", "160000,\(id),modules/s")
            try alice.git.succeed("commit", "-q", "-S", "-m", "A submodule")
            return try alice.git.succeed("rev-parse", "HEAD")
        }
        let prepared = try commit { _, folder in
            try Data("echo\n".utf8).write(to: folder.appending(path: "overlays/prod/p.sh"))
            try add("crds: [p.sh, ../../modules/s/crd.yaml]\n", in: folder)
        }
        try alice.git.succeed("push", "-q", "origin", "\(prepared):refs/heads/main")
        let added = try module(at: "1")
        #expect(try gate(added).status == "pending")
        try alice.git.succeed("push", "-q", "origin", "\(added):refs/heads/main")
        try alice.git.succeed("fetch", "-q", "origin")
        #expect(try gate(try module(at: "2")).status == "pending")

        try alice.git.succeed("checkout", "-q", "-f", "-B", "change", "origin/main")
        try alice.git.succeed("update-index", "--chmod=+x", "overlays/prod/p.sh")
        try alice.git.succeed("commit", "-q", "-S", "-m", "A program")
        #expect(try gate(try alice.git.succeed("rev-parse", "HEAD")).status == "pending")
    }

    @Test func `A change of anything else is none`() throws {
        #expect(try gate(try append("x\n", to: "README.md")).status == "pass")
        #expect(try gate(try append("# x\n", to: "overlays/dev/kustomization.yaml")).status == "pass")
    }

    @Test func `A link that leads nowhere or out of the repository is refused`() throws {
        for target in ["gone.yaml", "/etc/hostname", "../../../outside"] {
            let head = try commit { _, folder in
                try FileManager.default.createSymbolicLink(
                    atPath: folder.path + "/overlays/prod/link.yaml", withDestinationPath: target)
            }
            let found = try gate(head)
            #expect(found.status == "fail")
            #expect(found.detail.contains("overlays/prod/link.yaml"))
        }
    }

    @Test func `What a link leads to belongs to it`() throws {
        let head = try commit { _, folder in
            try FileManager.default.createDirectory(at: folder.appending(path: "shared"), withIntermediateDirectories: true)
            try Data("a: 1\n".utf8).write(to: folder.appending(path: "shared/values.yaml"))
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/overlays/prod/link.yaml", withDestinationPath: "../../shared/values.yaml")
            let file = folder.appending(path: "overlays/prod/kustomization.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("  - ../../base\n", with: "  - ../../base\n  - link.yaml\n").utf8).write(to: file)
        }
        try alice.git.succeed("push", "-q", "origin", "\(head):refs/heads/main")
        #expect(try gate(try append("b: 2\n", to: "shared/values.yaml")).status == "pending")
    }

    @Test(arguments: [("prod", "0 of 2"), ("dev", "0 of 1")])
    func `A chart elsewhere makes its first overlay ask, too, also where what is rendered asks for no approval`(
        _ environment: String, _ count: String
    ) throws {
        let head = try commit { git, folder in
            try git.succeed("rm", "-q", "-r", "overlays/\(environment)")
            try Data("x".utf8).write(to: folder.appending(path: "x"))
        }
        try alice.git.succeed("push", "-q", "origin", "\(head):refs/heads/main")
        let first = try commit { _, folder in
            let overlay = folder.appending(path: "overlays/\(environment)")
            try FileManager.default.createDirectory(at: overlay, withIntermediateDirectories: true)
            try Data("helmCharts:\n- {name: c, repo: \"https://charts.example\", version: 1.0.0}\n".utf8)
                .write(to: overlay.appending(path: "kustomization.yaml"))
        }
        let found = try gate(first, environment)
        #expect(found.status == "pending", "\(found)")
        #expect(found.detail.contains("\(count) approvals"), "\(found)")
    }
}
