import CLibgit2
import Foundation
public import GitOpsTypes

/// Two commits, to be merged.
struct MergeKey: Hashable, Sendable {
    let ours: CommitID
    let theirs: CommitID
}

extension GitRepository {
    /// What Git makes of merging `theirs` into `ours`: not what libgit2 does, which finds other lines to be the same in files
    /// that repeat themselves. Nothing is written to the repository; `scratch` knows the objects.
    ///
    /// Both commits are in the repository, or in a push that is being judged.
    ///
    /// - Throws: `GitError`; `.configuration` where Git is older than 2.38.
    public func merge(ours: CommitID, theirs: CommitID) async throws -> TreeMerge {
        let key = MergeKey(ours: ours, theirs: theirs)
        if let known = knownMerges[key] { return known }
        let merge: TreeMerge
        if let plain = try scratch({ try $0.plainMerge(ours: ours, theirs: theirs) }) {
            merge = plain
        } else {
            merge = try await merger.merge(key, objectFolders: [path + "/objects"] + (incoming.map { [$0] } ?? []))
            if case .merged(let tree) = merge { _ = try scratch { try $0.write(tree) } }
        }
        knownMerges[key] = merge
        return merge
    }

    /// The Git that merges are made with, as it calls itself; nil where it is too old.
    public func mergingVersion() async throws -> String? { try await merger.version() }

    /// The OpenSSH that Git signs with, as it calls itself; nil where it is missing or too old.
    ///
    /// Source: git-config(1), gpg.ssh.program: `ssh-keygen -Y find-principals` is there since OpenSSH 8.2p1.
    public func signingVersion() async throws -> String? {
        let words: [Substring]
        do {
            words = try await ToolProcess(program: "ssh").run(["-V"]).standardError.split { " ,\n".contains($0) }
        } catch let error as GitError where error.code == .configuration {
            return nil
        }
        guard let version = words.first(where: { $0.hasPrefix("OpenSSH_") })?.dropFirst("OpenSSH_".count) else { return nil }
        let numbers = version.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, (numbers[0], numbers[1]) >= (8, 2) else { return nil }
        return String(version)
    }
}

/// Asks `git merge-tree`, in a repository made for it alone: neither the user's configuration nor attributes, drivers, grafts or
/// replaced objects have a say in what a merge makes, and what it writes goes with it.
///
/// Source: git-merge-tree(1), gitrepository-layout(5).
struct GitMerge: Sendable {
    private var process: ToolProcess

    init() {
        process = ToolProcess(program: "git")
        process.timeout = .seconds(120)
        process.inheritsEnvironment = false
    }

    /// The first that has `merge-tree --write-tree`.
    private static let oldest = (major: 2, minor: 38)

    func version() async throws -> String? {
        let output = try await process.run(["version"])
        let words = String(decoding: output.standardOutput, as: UTF8.self).firstLine.split(separator: " ")
        guard output.isSuccess, words.count >= 3 else { return nil }
        let numbers = words[2].split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, (numbers[0], numbers[1]) >= (Self.oldest.major, Self.oldest.minor) else { return nil }
        return String(words[2])
    }

    func merge(_ key: MergeKey, objectFolders: [String]) async throws -> TreeMerge {
        let folder = try ScratchRepository(withObjectsOf: objectFolders)
        defer { folder.remove() }
        var process = process
        process.environment = [
            "GIT_DIR": folder.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "HOME": folder.path,
            "XDG_CONFIG_HOME": folder.path, "LC_ALL": "C",
        ]
        let output = try await process.run([
            "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", key.ours.hex, key.theirs.hex,
        ])
        let fields = output.standardOutput.split(separator: 0)
        switch output.status {
        case 0:
            guard let first = fields.first, let tree = TreeID(String(decoding: first, as: UTF8.self)) else { break }
            return .merged(try folder.tree(tree))
        case 1 where !fields.isEmpty:
            return .conflict(paths: Set(fields.dropFirst().map { String(decoding: $0, as: UTF8.self) }).sorted())
        default: break
        }
        if try await version() == nil {
            throw GitError(
                .configuration, "merge \(key.theirs.short) into \(key.ours.short)",
                "this Git has no `merge-tree --write-tree`",
                hint: "install Git \(Self.oldest.major).\(Self.oldest.minor) or newer, and put it first in PATH")
        }
        throw GitError(
            .failed, "merge \(key.theirs.short) into \(key.ours.short)", output.standardError.lastLines.displayable)
    }
}

extension ScratchRepository {
    /// A tree with those of its objects that are here and not in the other repositories.
    fileprivate func tree(_ id: TreeID) throws(GitError) -> MergedTree {
        var backend: UnsafeMutablePointer<git_odb_backend>?
        let database = try GitHandle("read what was merged", git_odb_free) { git_odb_new(&$0) }
        try check(git_odb_backend_loose(&backend, path + "/objects", -1, 0, 0, 0), "read what was merged")
        try check(git_odb_add_backend(database.pointer, backend, 1), "read what was merged")
        var objects: [MadeObject] = []
        var seen: Set<TreeID> = []
        try collect(id, database, &objects, &seen)
        return MergedTree(id, .made(objects))
    }

    private func collect(
        _ id: TreeID, _ database: borrowing GitHandle, _ objects: inout [MadeObject], _ seen: inout Set<TreeID>
    ) throws(GitError) {
        guard seen.insert(id).inserted, let bytes = try Self.read(id.oid, database) else { return }
        let tree = try TreeObject(bytes, of: id)
        for item in tree.items {
            switch tree.entry(of: item) {
            case .tree(let child): try collect(child, database, &objects, &seen)
            case .blob(let blob), .link(let blob):
                if let bytes = try Self.read(blob.oid, database) { objects.append(MadeObject(kind: .blob, bytes: bytes)) }
            case .submodule: break
            }
        }
        objects.append(MadeObject(kind: .tree, bytes: bytes))
    }

    private static func read(_ oid: git_oid, _ database: borrowing GitHandle) throws(GitError) -> [UInt8]? {
        var oid = oid
        guard git_odb_exists(database.pointer, &oid) == 1 else { return nil }
        let object = try GitHandle("read what was merged", git_odb_object_free) { git_odb_read(&$0, database.pointer, &oid) }
        guard let data = git_odb_object_data(object.pointer) else { return [] }
        return Array(UnsafeRawBufferPointer(start: data, count: git_odb_object_size(object.pointer)))
    }
}
