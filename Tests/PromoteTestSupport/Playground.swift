public import Foundation

/// A configuration repository with a bare remote, and people with clones of it.
public struct Playground: Sendable {
    public let scratch: ScratchDirectory
    /// Of the bare remote.
    public let remote: String
    private let program: String

    public static let people = ["ci", "alice", "bob", "carol"]

    /// The example of this repository, with keys for `people` in allowed_signers. Somebody called mallory gets a key, too,
    /// and no line there.
    public init(changing change: (URL) throws -> Void = { _ in }) throws {
        scratch = try ScratchDirectory()
        remote = scratch.url.appending(component: "remote.git").path
        program = Self.builtProgram.path
        let tool = Tool("git", in: scratch.path)
        try tool.succeed("init", "-q", "--bare", "-b", "main", remote)
        let seed = scratch.url.appending(component: "seed")
        try FileManager.default.createDirectory(at: seed, withIntermediateDirectories: true)
        for folder in ["base", "environments", "overlays"] {
            try FileManager.default.copyItem(
                at: Self.repositoryRoot.appending(component: folder), to: seed.appending(component: folder))
        }
        var signers = ""
        for name in Self.people + ["mallory"] {
            let key = scratch.url.appending(component: "key-\(name)").path
            try Tool("ssh-keygen", in: scratch.path).succeed("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key)
            guard name != "mallory", let data = FileManager.default.contents(atPath: key + ".pub") else { continue }
            signers += "\(name)@example.org \(String(decoding: data, as: UTF8.self))"
        }
        try Data(signers.utf8).write(to: seed.appending(path: "environments/allowed_signers"))
        try change(seed)
        let git = Tool("git", in: seed.path)
        try git.succeed("init", "-q", "-b", "main")
        try Self.configure(git, "owner")
        try git.succeed("add", "-A")
        try git.succeed("commit", "-q", "-m", "Configuration")
        try git.succeed("push", "-q", remote, "main")
    }

    /// A clone of the remote, and somebody to work in it.
    ///
    /// - Parameters:
    ///   - name: before `@example.org`, and of the key.
    ///   - clone: where it goes, when one person has several.
    public func person(_ name: String, clone: String? = nil) throws -> Person {
        let directory = scratch.url.appending(component: "clone-\(clone ?? name)").path
        try Tool("git", in: scratch.path).succeed("clone", "-q", remote, directory)
        let key = scratch.url.appending(component: "key-\(name)").path
        let git = Tool("git", in: directory)
        try Self.configure(git, name)
        try git.succeed("config", "gpg.format", "ssh")
        try git.succeed("config", "user.signingkey", key)
        return Person(principal: "\(name)@example.org", directory: directory, keyFile: key, program: program, scratch: scratch)
    }

    /// Has `approvers` consent to the change that `person` has checked out, so that the policy lets it in.
    public func consent(to person: Person, by approvers: [String] = ["bob", "carol"]) throws {
        let head = try person.git.succeed("rev-parse", "HEAD")
        let branch = "change-\(head.prefix(8))"
        try person.git.succeed("push", "-q", "origin", "HEAD:refs/heads/\(branch)")
        for name in approvers {
            let approver = try self.person(name, clone: "\(name)-\(branch)")
            let answer = try approver.ask("approve", "--change", head)
            guard answer.status == 0 else { throw ToolResult.Failed(description: answer.result.output + answer.result.errors) }
        }
        try person.git.succeed("push", "-q", "origin", ":refs/heads/\(branch)")
    }

    private static func configure(_ git: Tool, _ name: String) throws {
        try git.succeed("config", "user.name", name)
        try git.succeed("config", "user.email", "\(name)@example.org")
    }

    /// Every ref of the remote with its commit: what a refused command must not change.
    public func remoteRefs() throws -> String {
        try Tool("git", in: remote).succeed("for-each-ref", "--format=%(refname) %(objectname)")
    }

    /// A digest made of one digit.
    public static func digest(_ digit: Character) -> String {
        "sha256:" + String(repeating: digit, count: 64)
    }

    /// This repository's top directory.
    public static let repositoryRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The program under test, which the package manager builds beside the tests.
    public static let builtProgram = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(component: "promote")
}
