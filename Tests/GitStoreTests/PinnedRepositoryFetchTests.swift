import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

/// Other repositories, fetched at a commit and kept without their history.
@Suite struct PinnedRepositoryFetchTests {
    private let scratch: ScratchDirectory
    private let clone: Tool
    private let other: Tool

    init() throws {
        scratch = try ScratchDirectory()
        let git = Tool("git", in: scratch.path)
        for name in ["clone", "other"] {
            try git.succeed("init", "-q", "--template=", name)
            let tool = Tool("git", in: "\(scratch.path)/\(name)")
            for (key, value) in [("user.name", "a"), ("user.email", "a@example.org")] { try tool.succeed("config", key, value) }
            try Data("one".utf8).write(to: scratch.url.appending(path: "\(name)/file"))
            try tool.succeed("add", "-A")
            for subject in ["first", "second"] { try tool.succeed("commit", "-q", "--allow-empty", "-m", subject) }
        }
        clone = Tool("git", in: scratch.path + "/clone")
        other = Tool("git", in: scratch.path + "/other")
    }

    private var address: String { "file://\(scratch.path)/other" }

    private func pinned(_ name: String = "HEAD") throws -> PinnedRepository {
        PinnedRepository(address: address, commit: try #require(CommitID(other.succeed("rev-parse", name))))
    }

    private func fetch(
        _ repository: PinnedRepository, permitting protocols: String? = "file", atMost bytes: Int? = nil
    ) async throws {
        if let protocols { try clone.succeed("config", PinnedRepositoryFetch.protocolsKey, protocols) }
        let configuration = GitConfiguration(nullSeparated: Array(try clone.succeed("config", "--list", "-z").utf8))
        var fetch = PinnedRepositoryFetch(
            into: clone.directory + "/.git", configuration: configuration, patience: TransportPatience())
        if let bytes { fetch.trafficLimit = bytes }
        try await fetch.fetch(repository)
    }

    private func files(_ repository: PinnedRepository) throws -> TreeID? {
        try GitObjects(path: clone.directory + "/.git", inMemory: true).files(of: repository)
    }

    @Test func `A commit is kept with its files and without its history, through a garbage collection`() async throws {
        let repository = try pinned()
        #expect(try files(repository) == nil)
        try await fetch(repository)
        try clone.succeed("-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now")
        let kept = try #require(try files(repository))
        #expect(try other.succeed("rev-parse", "HEAD^{tree}") == kept.hex)
        #expect(try clone.succeed("fsck", "--full", "--strict", "--no-dangling").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: clone.directory + "/.git/shallow"))
        // Nothing of it is a branch of the clone, and the other repository is needed no more.
        #expect(try clone.succeed("branch", "-a", "--format=%(refname:short)").split(separator: "\n").count == 1)
        try FileManager.default.removeItem(atPath: other.directory)
        try await fetch(repository)
    }

    @Test func `Nothing is fetched over what is not permitted, whatever the address`() async throws {
        let commit = try pinned().commit
        for address in [address, "ext::sh -c touch% \(scratch.path)/touched", "http://127.0.0.1:9/a/b", "git://127.0.0.1:9/a/b"] {
            await #expect { try await fetch(PinnedRepository(address: address, commit: commit), permitting: nil) } throws: {
                ($0 as? GitError)?.code == .configuration
            }
        }
        let helper = PinnedRepository(address: "ext::sh -c touch% \(scratch.path)/touched", commit: commit)
        await #expect { try await fetch(helper, permitting: "ext https") } throws: { ($0 as? GitError)?.code == .configuration }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/touched"))
    }

    @Test func `An address that the configuration puts in another's place is permitted by it`() async throws {
        let repository = PinnedRepository(address: "https://git.example/org/other", commit: try pinned().commit)
        try clone.succeed("config", "url.\(scratch.path)/.insteadOf", "https://git.example/org/")
        try await fetch(repository, permitting: nil)
        #expect(try files(repository) != nil)
        // Kept for that address alone.
        #expect(try files(pinned()) == nil)
    }

    @Test func `A commit that is not there, a tag and a directory are no commit`() async throws {
        try other.succeed("tag", "-a", "-m", "x", "v1")
        for name in ["v1", "HEAD^{tree}"] {
            let repository = try pinned(name)
            await #expect(throws: GitError.self) { try await fetch(repository) }
            #expect(try files(repository) == nil)
        }
        let missing = PinnedRepository(address: address, commit: try #require(CommitID(String(repeating: "1", count: 40))))
        await #expect { try await fetch(missing) } throws: { ($0 as? GitError)?.code == .remoteUnavailable }
    }

    @Test func `What is kept under a commit's name and is another one's is refused`() async throws {
        let (first, second) = (try pinned("HEAD~"), try pinned())
        try await fetch(second)
        let ref = try KeptRepository.ref(of: second)
        try clone.succeed("update-ref", try KeptRepository.ref(of: first), ref)
        #expect { try files(first) } throws: { ($0 as? GitError)?.code == .malformed }
        // A commit that says it is, with other files beside it.
        let tree = try clone.succeed("rev-parse", "HEAD^{tree}")
        let record = try clone.succeed("rev-parse", "\(ref):commit")
        let forged = try clone.succeed(["mktree"], input: "100644 blob \(record)\tcommit\n040000 tree \(tree)\tfiles\n")
        try Data("two".utf8).write(to: scratch.url.appending(path: "clone/file"))
        try clone.succeed("commit", "-q", "-a", "-m", "other files")
        let other = try clone.succeed("rev-parse", "HEAD^{tree}")
        let wrong = try clone.succeed(["mktree"], input: "100644 blob \(record)\tcommit\n040000 tree \(other)\tfiles\n")
        for (tree, isGood) in [(forged, true), (wrong, false)] {
            try clone.succeed("update-ref", ref, try clone.succeed("commit-tree", "-m", "x", tree))
            if isGood { #expect(try files(second) != nil) } else { #expect(throws: GitError.self) { try files(second) } }
        }
    }

    /// It is had from a host that sends it, and does not hang up.
    @Test func `What is too large is given up, and nothing of it is kept`() async throws {
        var random = SystemRandomNumberGenerator()
        let content = (0..<(1 << 19)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        try Data(content).write(to: scratch.url.appending(path: "other/large"))
        try other.succeed("add", "-A")
        try other.succeed("commit", "-q", "-m", "large")
        let host = scratch.path + "/host"
        try Tool("mkfifo", in: scratch.path).succeed("never")
        try Data("#!/bin/sh\nfor last; do :; done\neval \"$last\"\nexec cat \(scratch.path)/never\n".utf8).write(
            to: URL(filePath: host))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: host)
        try clone.succeed("config", "core.sshCommand", host)
        try clone.succeed("config", "ssh.variant", "simple")
        let repository = PinnedRepository(
            address: "ssh://host.example\(other.directory)", commit: try pinned().commit)
        await #expect { try await fetch(repository, permitting: nil, atMost: 1 << 20) } throws: {
            ($0 as? GitError)?.detail.contains("reads and writes more than 1 MiB") == true
        }
        #expect(try files(repository) == nil)
    }
}
