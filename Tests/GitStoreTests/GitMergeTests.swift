import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

/// What a merge makes is what Git makes of it, whatever the user's set-up says.
@Suite struct GitMergeTests {
    private let scratch: ScratchDirectory
    private let git: Tool
    private let repository: GitRepository

    init() throws {
        scratch = try ScratchDirectory()
        git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q", "-b", "main")
        try git.succeed("config", "user.name", "a")
        try git.succeed("config", "user.email", "a@example.org")
        repository = GitRepository(path: scratch.path + "/.git")
    }

    @discardableResult
    private func commit(_ files: [String: String?], on branch: String, from start: String? = nil) throws -> CommitID {
        if let start { try git.succeed("checkout", "-q", "-B", branch, start) }
        for (path, text) in files {
            if let text { try scratch.write(text, to: path) } else { try git.succeed("rm", "-q", path) }
        }
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", "--allow-empty", "-m", "x")
        return try #require(CommitID(git.succeed("rev-parse", "HEAD")))
    }

    private func objectCount() throws -> String { try git.succeed("count-objects", "-v") }

    /// What a merge makes, written for good; nil for a conflict.
    private func merged(_ ours: CommitID, _ theirs: CommitID) async throws -> String? {
        guard case .merged(let tree) = try await repository.merge(ours: ours, theirs: theirs) else { return nil }
        return try await repository.durable { try $0.write(tree).hex }
    }

    private static func configMap(_ name: String, _ value: String) -> String {
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \(name)\ndata:\n  a: x\n  level: \(value)\n  z: x\n"
    }

    @Test func `Where files repeat themselves, lines are found where Git finds them`() async throws {
        let names = ["alpha", "beta", "gamma"]
        var disagreements = 0
        for swapped in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [2, 0, 1], [1, 2, 0]] {
            for edited in names {
                let maps = names.map { Self.configMap($0, "info") }
                let base = try commit(["all.yaml": maps.joined()], on: "main", from: nil)
                let ours = try commit(["all.yaml": swapped.map { maps[$0] }.joined()], on: "ours", from: base.hex)
                let changed = names.map { Self.configMap($0, $0 == edited ? "debug" : "info") }
                let theirs = try commit(["all.yaml": changed.joined()], on: "theirs", from: base.hex)
                let expected = try git.run("merge-tree", "--write-tree", "--no-messages", ours.hex, theirs.hex)
                let made = try await merged(ours, theirs)
                if expected.status == 0 { #expect(made == expected.output.trimmingCharacters(in: .whitespacesAndNewlines)) }
                #expect((made == nil) == (expected.status == 1))
                disagreements += 1
                try git.succeed("checkout", "-q", "main")
            }
        }
        #expect(disagreements == 15)
    }

    @Test func `Any two sides merge as Git merges them`() async throws {
        var random = SeededGenerator(seed: 15)
        let paths = ["a/one.yaml", "a/two.yaml", "b/one.yaml", "b/two.yaml", "c.yaml"]
        let text = (0..<12).map { "line \($0 % 4)\n" }
        try commit([:], on: "main")
        for _ in 0..<40 {
            let base = try commit(Dictionary(uniqueKeysWithValues: paths.map { ($0, text.joined()) }), on: "main", from: "main")
            func side(_ name: String) throws -> CommitID {
                try git.succeed("checkout", "-q", "-B", name, base.hex)
                for path in paths {
                    switch Int.random(in: 0..<8, using: &random) {
                    case 0:
                        var lines = text
                        lines[Int.random(in: 0..<lines.count, using: &random)] = "\(name)\n"
                        try scratch.write(lines.joined(), to: path)
                    case 1: try git.succeed("rm", "-q", path)
                    case 2: try git.succeed("mv", path, path + ".moved")
                    case 3: try scratch.write("new of \(name)\n", to: path + ".new")
                    default: break
                    }
                }
                return try commit([:], on: name)
            }
            let (ours, theirs) = (try side("ours"), try side("theirs"))
            let expected = try git.run("merge-tree", "--write-tree", "--no-messages", ours.hex, theirs.hex)
            let made = try await merged(ours, theirs)
            #expect(made == (expected.status == 0 ? expected.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil))
            try git.succeed("checkout", "-q", "-f", "main")
        }
    }

    @Test func `A merge leaves nothing behind until it is written`() async throws {
        let base = try commit(["f": "1\n2\n3\n4\n5\n6\n7\n"], on: "main")
        let ours = try commit(["f": "one\n2\n3\n4\n5\n6\n7\n"], on: "ours", from: base.hex)
        let theirs = try commit(["f": "1\n2\n3\n4\n5\n6\nseven\n"], on: "theirs", from: base.hex)
        let before = try objectCount()
        guard case .merged(let tree) = try await repository.merge(ours: ours, theirs: theirs) else {
            Issue.record("there is no conflict")
            return
        }
        #expect(try objectCount() == before)
        let path = try #require(RepositoryPath("f"))
        try await repository.scratch { objects in
            guard case .blob(let blob)? = try objects.entry(at: path, in: tree.id) else { return #expect(Bool(false), "no blob") }
            #expect(try objects.blob(blob) == Array("one\n2\n3\n4\n5\n6\nseven\n".utf8))
        }
        _ = try await repository.durable { try $0.write(tree) }
        #expect(try git.succeed("show", "\(tree.id):f") == "one\n2\n3\n4\n5\n6\nseven")
    }

    @Test func `Drivers, attributes and settings of the user have no say`() async throws {
        let base = try commit(["f.yaml": "a\n", ".gitattributes": "*.yaml merge=mine\n"], on: "main")
        let ours = try commit(["f.yaml": "ours\n"], on: "ours", from: base.hex)
        let theirs = try commit(["f.yaml": "theirs\n"], on: "theirs", from: base.hex)
        try git.succeed("config", "merge.mine.driver", "touch \(scratch.path)/ran; true")
        try git.succeed("config", "merge.renames", "false")
        try git.succeed("config", "merge.conflictStyle", "diff3")
        try scratch.write("*.yaml merge=union\n", to: ".git/info/attributes")
        #expect(try await repository.merge(ours: ours, theirs: theirs) == .conflict(paths: ["f.yaml"]))
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/ran"))
    }

    @Test func `Replaced objects and grafts have no say`() async throws {
        let base = try commit(["f": "1\n2\n3\n4\n5\n6\n7\n"], on: "main")
        let ours = try commit(["f": "one\n2\n3\n4\n5\n6\n7\n"], on: "ours", from: base.hex)
        let theirs = try commit(["f": "1\n2\n3\n4\n5\n6\nseven\n"], on: "theirs", from: base.hex)
        let evil = try commit(["f": "evil\n"], on: "evil", from: base.hex)
        try git.succeed("replace", theirs.hex, evil.hex)
        try git.succeed("replace", base.hex, evil.hex)
        guard case .merged(let tree) = try await repository.merge(ours: ours, theirs: theirs) else {
            Issue.record("there is no conflict")
            return
        }
        _ = try await repository.durable { try $0.write(tree) }
        #expect(try git.succeed("show", "\(tree.id):f") == "one\n2\n3\n4\n5\n6\nseven")
    }

    @Test func `What was renamed on one side and changed on the other keeps both`() async throws {
        let text = (0..<20).map { "line \($0)\n" }.joined()
        let base = try commit(["old.yaml": text, "other": "x"], on: "main")
        let ours = try commit(["old.yaml": nil, "new.yaml": text], on: "ours", from: base.hex)
        let theirs = try commit(["old.yaml": text + "more\n"], on: "theirs", from: base.hex)
        let made = try #require(try await merged(ours, theirs))
        #expect(try git.succeed("ls-tree", "--name-only", made) == "new.yaml\nother")
        #expect(try git.succeed("show", "\(made):new.yaml").hasSuffix("more"))
    }

    @Test func `Two histories without a common commit are not merged`() async throws {
        let one = try commit(["f": "1\n"], on: "main")
        try git.succeed("checkout", "-q", "--orphan", "other")
        let other = try commit(["g": "1\n"], on: "other")
        #expect(try await repository.merge(ours: one, theirs: other) == .unrelated)
    }

    @Test func `Other files on each side merge without asking Git`() async throws {
        let base = try commit(["a/one": "1\n", "b/two": "2\n", "c": "3\n"], on: "main")
        let ours = try commit(["a/one": "ours\n", "c": "same\n"], on: "ours", from: base.hex)
        let theirs = try commit(["b/two": "theirs\n", "c": "same\n"], on: "theirs", from: base.hex)
        let plain = try await repository.scratch { try $0.plainMerge(ours: ours, theirs: theirs) }
        guard case .merged(let tree)? = plain else {
            Issue.record("there is nothing to merge within a file")
            return
        }
        #expect(try git.succeed("merge-tree", "--write-tree", ours.hex, theirs.hex) == tree.id.hex)
        #expect(try await merged(ours, theirs) == tree.id.hex)
    }
}
