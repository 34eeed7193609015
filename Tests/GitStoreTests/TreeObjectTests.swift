import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

/// Trees that `git fsck` calls broken are not read.
@Suite struct TreeObjectTests {
    private typealias Raw = (mode: String, name: [UInt8])

    private func tree(_ entries: [Raw], id: UInt8 = 7) throws(GitError) -> TreeObject {
        let bytes = entries.flatMap { entry -> [UInt8] in
            Array(entry.mode.utf8) + [0x20] + entry.name + [0] + [UInt8](repeating: id, count: TreeID.byteCount)
        }
        return try Self.read(bytes)
    }

    private static func read(_ bytes: [UInt8]) throws(GitError) -> TreeObject {
        let id = [UInt8](repeating: 1, count: TreeID.byteCount).withUnsafeBytes { TreeID(bytes: $0) }
        return try TreeObject(bytes, of: id)
    }

    private func file(_ name: String) -> Raw { ("100644", Array(name.utf8)) }
    private func folder(_ name: String) -> Raw { ("40000", Array(name.utf8)) }

    @Test func `A tree as Git writes it has its entries by their exact names`() throws {
        let tree = try tree(
            [
                ("100644", Array("a-b".utf8)), folder("a"), file("a.yaml"), ("100755", Array("run".utf8)),
                ("120000", Array("there".utf8)), ("160000", Array("vendor".utf8)),
            ].sorted { TreeObject.compare($0.name[...], $0.mode == "40000", $1.name[...], $1.mode == "40000") < 0 })
        #expect(tree.item(named: "a")?.mode == .directory)
        #expect(tree.item(named: "a.yaml")?.mode == .file)
        #expect(tree.item(named: "a-b")?.mode == .file)
        #expect(tree.item(named: "run")?.mode == .executable)
        #expect(tree.item(named: "b") == nil)
    }

    @Test(arguments: [
        ["f", "f"], ["b", "a"], ["a/b"], ["/a"], [""], ["."], [".."], [".git"], [".GIT"], ["git~1"], [".git "], [".git."],
        [".g\u{200C}it"], ["cafe\u{301}", "caf\u{E9}"], ["K", "\u{212A}"],
    ]) func `Broken names and broken order are refused`(_ names: [String]) {
        #expect { try tree(names.map(file)) } throws: { ($0 as? GitError)?.code == .malformed }
    }

    @Test func `A file and a directory of one name are refused wherever they stand`() {
        #expect(throws: GitError.self) { try tree([file("foo"), folder("foo")]) }
        #expect(throws: GitError.self) { try tree([file("foo"), file("foo-bar"), folder("foo")]) }
        #expect(throws: GitError.self) { try tree([file("foo"), file("foo.bar"), folder("foo")]) }
    }

    @Test(arguments: ["040000", "100600", "100666", "0", "", "644", "170000"])
    func `Modes that Git does not write are refused`(_ mode: String) {
        #expect(throws: GitError.self) { try tree([(mode, Array("f".utf8))]) }
    }

    @Test func `Cut off bytes and names of no object are refused`() {
        #expect(throws: GitError.self) { try Self.read(Array("100644 f".utf8)) }
        #expect(throws: GitError.self) { try Self.read(Array("100644 f\0short".utf8)) }
        #expect(throws: GitError.self) { try tree([file("f")], id: 0) }
    }

    @Test func `A name that is no text does not keep others from being read`() throws {
        let tree = try tree([file("a"), ("100644", [0x66, 0xFF])])
        #expect(tree.item(named: "a") != nil)
        #expect(tree.name(of: tree.items[1]) == nil)
    }

    /// Twelve trees of ten entries each, which stand for a million million files.
    @Test func `Trees that are nested in each other over and over are no list of paths`() throws {
        let scratch = try ScratchDirectory()
        try Tool("git", in: scratch.path).succeed("init", "-q", "--template=")
        let objects = try GitObjects(path: scratch.path + "/.git", inMemory: true)
        let empty = try objects.writeDirectory([:])
        var tree = try objects.writeDirectory(["f": .blob(objects.writeBlob([1]))])
        for _ in 0..<12 {
            let entries = (0..<10).map { ("d\($0)", TreeEntry.tree(tree)) }
            tree = try objects.writeDirectory(Dictionary(entries, uniquingKeysWith: { $1 }))
        }
        for (old, new) in [(empty, tree), (tree, empty)] {
            #expect { try objects.changedPaths(from: old, to: new, atMost: 1_000) } throws: {
                ($0 as? GitError)?.code == .malformed
            }
        }
        #expect(try objects.changedPaths(from: tree, to: tree, atMost: 0).isEmpty)
        let small = try objects.writeDirectory(["a": .blob(objects.writeBlob([1])), "b": .blob(objects.writeBlob([2]))])
        #expect(try objects.changedPaths(from: empty, to: small, atMost: 2).map(\.description) == ["a", "b"])
        #expect(throws: GitError.self) { try objects.changedPaths(from: empty, to: small, atMost: 1) }
    }
}
