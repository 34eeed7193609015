import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import GitStore

/// Files in the repository that keep its refs from being moved.
@Suite struct RefObstacleTests {
    private let scratch: ScratchDirectory
    private let git: Tool
    private let repository: GitRepository
    private let remote: GitRemote
    private let main: BranchName

    init() throws {
        scratch = try ScratchDirectory()
        let there = Tool("git", in: scratch.path)
        try there.succeed("init", "-q", "-b", "main", "there")
        git = Tool("git", in: scratch.path + "/here")
        try there.succeed("clone", "-q", "there", "here")
        repository = GitRepository(path: scratch.path + "/here/.git")
        remote = GitRemote(name: "origin", transport: GitProgram(directory: scratch.path + "/here"), repository: repository)
        main = try #require(BranchName("main"))
        try commit()
    }

    private func commit() throws {
        try Tool("git", in: scratch.path + "/there").succeed(
            "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "x")
    }

    private func failure() async throws -> GitError? {
        do {
            try await remote.fetch(branches: [main], prefixes: [])
            return nil
        } catch let error as GitError {
            return error
        }
    }

    private func path(_ name: String) -> String { "here/.git/\(name)" }

    @Test(arguments: ["refs/promote/origin/heads/main.lock", "shallow.lock"])
    func `A lock that is in the way of a fetch is named, with its age and what to do`(_ lock: String) async throws {
        #expect(try await failure() == nil)
        try commit()
        try scratch.write("", to: path(lock))
        let file = scratch.path + "/" + path(lock)
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -7300)], ofItemAtPath: file)
        guard let error = try await failure() else {
            // Not every fetch takes every lock.
            return #expect(lock == "shallow.lock")
        }
        #expect(error.code == .locked)
        #expect(error.detail.contains(file) && error.detail.contains("2 hours"), "\(error.detail)")
        #expect(error.hint?.contains("rm '\(file)'") == true)
        try FileManager.default.removeItem(atPath: file)
        #expect(try await failure() == nil)
    }

    @Test(arguments: ["", "not a commit\n", "0123\n"])
    func `A ref that a power cut has damaged is named, and comes back once it is removed`(_ content: String) async throws {
        #expect(try await failure() == nil)
        try commit()
        let ref = "refs/promote/origin/heads/main"
        try scratch.write(content, to: path(ref))
        let error = try await failure()
        #expect(error?.detail.contains(scratch.path + "/" + path(ref)) == true, "\(String(describing: error))")
        try FileManager.default.removeItem(atPath: scratch.path + "/" + path(ref))
        #expect(try await failure() == nil)
    }

    @Test func `A lock that was left over is told from one that is held for an instant`() async throws {
        #expect(try await failure() == nil)
        let head = try #require(try await remote.head(of: main))
        let ref = "refs/promote/origin/seen/web"
        try scratch.write("", to: path(ref + ".lock"))
        func code() async throws -> GitError.Code? {
            do {
                try await repository.durable { try $0.moveRef(ref, from: nil, to: head, reason: "x") }
                return nil
            } catch let error as GitError { return error.code }
        }
        #expect(try await code() == .refMoved)
        let file = scratch.path + "/" + path(ref + ".lock")
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: file)
        #expect(try await code() == .locked)
    }
}
