import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

@Suite struct GitStoreTests {
    private let scratch: ScratchDirectory
    private let git: Tool
    private let repository: GitRepository

    init() throws {
        scratch = try ScratchDirectory()
        git = Tool("git", in: scratch.path)
        try git.succeed("init", "-q", "-b", "main")
        try git.succeed("config", "user.name", "a")
        try git.succeed("config", "user.email", "a@example.org")
        try scratch.write("one\n", to: "a/b/c.txt")
        try scratch.write("#!/bin/sh\n", to: "a/run")
        try git.succeed("add", "-A")
        try git.succeed("update-index", "--chmod=+x", "a/run")
        try git.succeed("commit", "-q", "-m", "first")
        repository = GitRepository(path: scratch.path + "/.git")
    }

    private func head() throws -> CommitID {
        try #require(CommitID(git.succeed("rev-parse", "HEAD")))
    }

    private func path(_ text: String) throws -> RepositoryPath {
        try #require(RepositoryPath(text))
    }

    private func identity() -> CommitIdentity {
        CommitIdentity(name: "Ann", email: "ann@example.org", time: Timestamp(seconds: 1_795_246_920))
    }

    @Test func `Files, directories and what is not there are read from the object database`() async throws {
        let head = try head()
        let (file, directory, run) = (try path("a/b/c.txt"), try path("a/b"), try path("a/missing/x"))
        try await repository.scratch { objects in
            let tree = try objects.tree(of: head)
            guard case .blob(let blob)? = try objects.entry(at: file, in: tree) else { return #expect(Bool(false), "no blob") }
            #expect(try objects.blob(blob) == Array("one\n".utf8))
            guard case .tree? = try objects.entry(at: directory, in: tree) else { return #expect(Bool(false), "no tree") }
            #expect(try objects.entry(at: run, in: tree) == nil)
            #expect(try objects.entries(of: directory, in: tree)?.map(\.name) == ["c.txt"])
        }
    }

    @Test func `A changed tree differs in the file alone, which keeps its mode`() async throws {
        let head = try head()
        let files = [try path("a/run"): Array("#!/bin/bash\n".utf8), try path("new/deep/file"): Array("x".utf8)]
        let tree = try await repository.durable { try $0.writeTree($0.tree(of: head), replacing: files) }
        let listing = try git.succeed("ls-tree", "-r", tree.hex)
        #expect(listing.contains("100755"))
        #expect(try git.succeed("diff-tree", "-r", "--name-only", "HEAD", tree.hex) == "a/run\nnew/deep/file")
    }

    @Test func `What is made in memory leaves no trace in the repository`() async throws {
        let head = try head()
        let before = try git.succeed("count-objects", "-v")
        let files = [try path("a/b/c.txt"): Array("two\n".utf8)]
        let factory = CommitFactory(repository: repository, signer: nil)
        let recipe = CommitRecipe(parents: [head], by: identity(), message: "second") {
            try $0.writeTree($0.tree(of: head), replacing: files)
        }
        let prepared = try await factory.prepare(recipe)
        #expect(try await repository.scratch { try $0.commit(prepared.id).message } == "second")
        #expect(try git.succeed("count-objects", "-v") == before)
        #expect(try git.run("cat-file", "-e", prepared.id.hex).status != 0)
        try await factory.keep([prepared])
        #expect(try git.succeed("show", "\(prepared.id):a/b/c.txt") == "two")
        #expect(try git.succeed("log", "-1", "--format=%an %ae %ct", prepared.id.hex) == "Ann ann@example.org 1795246920")
    }

    @Test func `A ref moves only from where it was expected`() async throws {
        let head = try head()
        try await repository.durable { objects in
            try objects.moveRef("refs/promote/x", from: nil, to: head, reason: "test")
            #expect(throws: GitError.self) { try objects.moveRef("refs/promote/x", from: nil, to: head, reason: "test") }
        }
        try git.succeed("commit", "-q", "--allow-empty", "-m", "second")
        let next = try self.head()
        try await repository.durable { objects in
            #expect { try objects.moveRef("refs/promote/x", from: next, to: head, reason: "test") } throws: {
                ($0 as? GitError)?.code == .refMoved
            }
            try objects.moveRef("refs/promote/x", from: head, to: next, reason: "test")
            #expect(try objects.commit(atRef: "refs/promote/x") == next)
            #expect(try objects.isCommit(next, atOrAfter: head))
            #expect(try !objects.isCommit(head, atOrAfter: next))
        }
    }

    @Test func `Every thread's counted step survives many writers`() async throws {
        let head = try head()
        try await repository.durable { try $0.moveRef("refs/promote/n", from: nil, to: head, reason: "start") }
        let (path, identity) = (scratch.path + "/.git", identity())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let repository = GitRepository(path: path)
                    var done = 0
                    while done < 10 {
                        done += try await repository.durable { objects in
                            guard let now = try objects.commit(atRef: "refs/promote/n") else { return 0 }
                            let content = try objects.commitContent(
                                CommitDraft(tree: objects.tree(of: now), parents: [now], by: identity, message: "step"))
                            let next = try objects.writeCommit(content, signature: nil)
                            do {
                                try objects.moveRef("refs/promote/n", from: now, to: next, reason: "step")
                                return 1
                            } catch let error as GitError where error.code == .refMoved {
                                return 0
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        // Four writers made ten steps each, from one first commit. Equal contents at the same parent would be the same commit,
        // which moves nothing: the count says that each step is there.
        #expect(try git.succeed("rev-list", "--count", "refs/promote/n") == "41")
    }

    @Test func `A commit is signed as git verifies, from memory as from disk`() async throws {
        try Tool("ssh-keygen", in: scratch.path).succeed("-q", "-t", "ed25519", "-N", "", "-f", "key")
        try git.succeed("config", "gpg.format", "ssh")
        try git.succeed("config", "user.signingkey", scratch.path + "/key")
        let configuration = GitConfiguration(nullSeparated: Array(try git.run("config", "--list", "-z").output.utf8))
        let signer = try #require(CommitSigner(configuration, homeDirectory: nil, directory: scratch.path))
        let head = try head()
        let factory = CommitFactory(repository: repository, signer: signer)
        let prepared = try await factory.prepare(
            CommitRecipe(parents: [head], by: identity(), message: "Signed\n\nÜber alles.\n") { try $0.tree(of: head) })
        try await factory.keep([prepared])
        let fromMemory = try await repository.scratch { try $0.signature(of: prepared.id)?.signed }
        let fromDisk = try await repository.durable { try $0.signature(of: prepared.id)?.signed }
        #expect(fromMemory == fromDisk)
        #expect(fromDisk != nil)
        let pub = try String(contentsOf: scratch.url.appending(component: "key.pub"), encoding: .utf8)
        try scratch.write("ann@example.org \(pub)", to: "signers")
        #expect(try git.run("-c", "gpg.ssh.allowedSignersFile=signers", "verify-commit", prepared.id.hex).status == 0)
        #expect(try await signer.publicKey()?.hasPrefix("ssh-ed25519 ") == true)
        #expect(try await repository.durable { try $0.signature(of: head) == nil })
    }

    @Test func `A push moves every ref or none, and only from where each was seen`() async throws {
        let remotePath = scratch.path + "/remote.git"
        try git.succeed("init", "-q", "--bare", remotePath)
        try git.succeed("remote", "add", "origin", remotePath)
        let remote = GitRemote(name: "origin", transport: GitProgram(directory: scratch.path), repository: repository)
        let first = try head()
        let (main, other) = (try #require(BranchName("main")), try #require(BranchName("x/other")))
        #expect(try await remote.push([RefUpdate(main, from: nil, to: first), RefUpdate(other, from: nil, to: first)]) == nil)
        #expect(try await remote.head(of: other) == first)
        try git.succeed("commit", "-q", "--allow-empty", "-m", "second")
        let second = try head()
        // One lease is stale: neither moves.
        let refused = try await remote.push([RefUpdate(main, from: first, to: second), RefUpdate(other, from: second, to: nil)])
        #expect(refused != nil)
        let server = Tool("git", in: remotePath)
        #expect(try server.succeed("rev-parse", "main", "x/other") == "\(first)\n\(first)")
        #expect(try await remote.push([RefUpdate(main, from: first, to: second), RefUpdate(other, from: first, to: nil)]) == nil)
        #expect(try server.succeed("for-each-ref", "--format=%(refname) %(objectname)") == "refs/heads/main \(second)")
        #expect(try await remote.head(of: other) == nil)
    }

    @Test func `What a hook says is told, and nothing is taken for done`() async throws {
        let remotePath = scratch.path + "/remote.git"
        try git.succeed("init", "-q", "--bare", remotePath)
        try git.succeed("remote", "add", "origin", remotePath)
        try scratch.write("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n", to: "remote.git/hooks/pre-receive")
        try Tool("chmod", in: scratch.path).succeed("+x", "remote.git/hooks/pre-receive")
        let remote = GitRemote(name: "origin", transport: GitProgram(directory: scratch.path), repository: repository)
        let main = try #require(BranchName("main"))
        #expect(try await remote.push([RefUpdate(main, from: nil, to: head())])?.contains("not on a Friday") == true)
        #expect(try await remote.head(of: main) == nil)
    }

    @Test func `A remote that cannot be reached is unavailable`() async throws {
        try git.succeed("remote", "add", "origin", scratch.path + "/nowhere.git")
        let remote = GitRemote(name: "origin", transport: GitProgram(directory: scratch.path), repository: repository)
        let main = try #require(BranchName("main"))
        await #expect { try await remote.fetch(branches: [main], prefixes: []) } throws: {
            ($0 as? GitError)?.code == .remoteUnavailable
        }
        await #expect { try await remote.push([RefUpdate(main, from: nil, to: self.head())]) } throws: {
            ($0 as? GitError)?.code == .remoteUnavailable
        }
    }
}
