import Foundation
import Synchronization

/// Repositories that were made once and are copied from then on: of each configuration the bare remote, and a fresh clone of it.
struct RepositoryTemplates: Sendable {
    /// Of this process.
    static let shared = RepositoryTemplates()

    struct Template: Sendable {
        /// The bare repository, with the configuration as its only commit.
        let remote: FolderImage
        let clone: FolderImage
        /// Where the clone says that the remote is.
        let address: String

        func writeClone(of remote: String, to directory: String, configuration: String) throws {
            let folder = URL(filePath: directory)
            try clone.replacing(address, with: remote, in: [".git/config", ".git/logs/"]).write(to: folder)
            let file = try FileHandle(forWritingTo: folder.appending(path: ".git/config"))
            try file.seekToEnd()
            try file.write(contentsOf: Data(configuration.utf8))
            try file.close()
        }
    }

    private final class Kept: Sendable {
        let templates = Mutex<[FolderImage: Template]>([:])
    }

    private let kept = Kept()

    /// - Parameter files: of the only commit.
    func template(for files: FolderImage) throws -> Template {
        if let template = kept.templates.withLock({ $0[files] }) { return template }
        let template = try Self.make(files)
        kept.templates.withLock { $0[files] = template }
        return template
    }

    private static func make(_ files: FolderImage) throws -> Template {
        let scratch = try ScratchDirectory()
        let (remote, seed) = (scratch.url.appending(component: "remote.git"), scratch.url.appending(component: "seed"))
        try files.write(to: seed)
        try Tool("git", in: scratch.path).succeed("init", "-q", "--template=", "--bare", "-b", "main", remote.path)
        for folder in ["hooks", "info"] {
            try FileManager.default.createDirectory(at: remote.appending(component: folder), withIntermediateDirectories: true)
        }
        let git = Tool("git", in: seed.path, environment: ["GIT_DIR": remote.path, "GIT_WORK_TREE": seed.path])
        try git.succeed("add", "-A")
        try git.succeed(
            "-c", "user.name=owner", "-c", "user.email=owner@example.org", "commit", "-q", "-m", "Configuration")
        let clone = scratch.url.appending(component: "clone")
        try Tool("git", in: scratch.path).succeed("clone", "-q", "--template=", remote.path, clone.path)
        for folder in ["hooks", "info"] {
            try FileManager.default.createDirectory(
                at: clone.appending(path: ".git/\(folder)"), withIntermediateDirectories: true)
        }
        return Template(
            remote: try FolderImage(of: remote).without(["index", "COMMIT_EDITMSG"]), clone: try FolderImage(of: clone),
            address: remote.path)
    }
}
