import Foundation
import GitOpsTypes

/// A bare repository for a while, without the user's configuration, which may know the objects of others.
///
/// Source: gitrepository-layout(5).
struct ScratchRepository {
    let path: String

    init(withObjectsOf objectFolders: [String] = []) throws(GitError) {
        let template = FileManager.default.temporaryDirectory.path + "/promote-git-XXXXXX"
        var name = Array(template.utf8CString)
        guard mkdtemp(&name) != nil else { throw Self.failure(String(cString: strerror(errno))) }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do {
            // A line of this file is a path as it is, unless it begins with a quote.
            guard objectFolders.allSatisfy({ $0.hasPrefix("/") && !$0.contains("\n") }) else {
                throw Self.failure("a path of the repository has a line break")
            }
            for folder in ["refs", "objects/info"] {
                try FileManager.default.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
            }
            try Data("ref: refs/heads/none\n".utf8).write(to: URL(filePath: "\(path)/HEAD"))
            try Data(objectFolders.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: "\(path)/objects/info/alternates"))
        } catch {
            remove()
            throw (error as? GitError) ?? Self.failure("\(error)")
        }
    }

    private static func failure(_ what: String) -> GitError {
        GitError(
            .failed, "make a repository for a while", what,
            hint: "see that the folder for temporary files (TMPDIR) can be written")
    }

    /// Best effort: the folder is in the place for what may be deleted.
    func remove() {
        do { try FileManager.default.removeItem(atPath: path) } catch {}
    }
}
