public import Foundation

/// A configuration repository with a bare remote, and people with clones of it.
public struct Playground: Sendable {
    public let scratch: ScratchDirectory
    /// Of the bare remote.
    public let remote: String
    private let program: String
    private let template: RepositoryTemplates.Template

    public static let people = ["ci", "alice", "bob", "carol"]

    /// The example of this repository, with keys for `people` in allowed_signers. Somebody called mallory gets a key, too,
    /// and no line there.
    public init(changing change: (URL) throws -> Void = { _ in }) throws {
        scratch = try ScratchDirectory()
        remote = scratch.url.appending(component: "remote.git").path
        program = Self.builtProgram.path
        try SigningKeys.shared.get().write(to: scratch.url)
        let seed = scratch.url.appending(component: "seed")
        try Self.example.get().write(to: seed)
        var signers = ""
        for name in Self.people {
            let key = try Data(contentsOf: scratch.url.appending(component: "key-\(name).pub"))
            signers += "\(name)@example.org \(String(decoding: key, as: UTF8.self))"
        }
        try Data(signers.utf8).write(to: seed.appending(path: "environments/allowed_signers"))
        try change(seed)
        template = try RepositoryTemplates.shared.template(for: FolderImage(of: seed))
        try template.remote.write(to: URL(filePath: remote))
    }

    /// The files of the example.
    private static let example = Result {
        let scratch = try ScratchDirectory()
        for folder in ["base", "environments", "overlays"] {
            try FileManager.default.copyItem(
                at: Self.repositoryRoot.appending(component: folder), to: scratch.url.appending(component: folder))
        }
        return try FolderImage(of: scratch.url)
    }

    /// A clone of the remote, and somebody to work in it.
    ///
    /// - Parameters:
    ///   - name: before `@example.org`, and of the key.
    ///   - clone: where it goes, when one person has several.
    public func person(_ name: String, clone: String? = nil) throws -> Person {
        let directory = scratch.url.appending(component: "clone-\(clone ?? name)").path
        let key = scratch.url.appending(component: "key-\(name)").path
        let settings = [
            ("user", "name", name), ("user", "email", "\(name)@example.org"), ("gpg", "format", "ssh"),
            ("user", "signingkey", key),
        ]
        if try isUntouched {
            let configuration = settings.map { "[\($0)]\n\t\($1) = \"\($2)\"\n" }.joined()
            try template.writeClone(of: remote, to: directory, configuration: configuration)
        } else {
            let options = settings.flatMap { ["-c", "\($0).\($1)=\($2)"] }
            try Tool("git", in: scratch.path).succeed(["clone", "-q", "--template="] + options + [remote, directory])
            try FileManager.default.createDirectory(atPath: directory + "/.git/hooks", withIntermediateDirectories: true)
        }
        return Person(principal: "\(name)@example.org", directory: directory, keyFile: key, program: program, scratch: scratch)
    }

    /// Whether a clone of the remote is what one of the template was.
    private var isUntouched: Bool {
        get throws {
            let refs: Set = ["HEAD", "config", "packed-refs", "refs"]
            return try FolderImage(of: URL(filePath: remote), only: refs) == template.remote.only(refs)
        }
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
