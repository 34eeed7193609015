import Foundation
import GitOpsTypes
import GitStore
import PromotionEngine

/// A repository as Git finds it from a directory. A process asks once: each question is a program that is started.
public struct FoundRepository: Sendable {
    /// Where Git looked from.
    let directory: String
    /// With the objects, refs and configuration, shared by all of its work trees.
    let commonDirectory: String
    /// Git's effective configuration there.
    let configuration: GitConfiguration

    /// - Throws: `EngineError.usage` where there is no such directory; `GitError.notARepository`.
    public init(at directory: String) async throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw EngineError.usage("there is no directory “\(directory.displayable)”", hint: nil)
        }
        let git = GitProgram(directory: directory)
        async let reading = git.configuration()
        commonDirectory = try await git.commonDirectory()
        configuration = try await reading
        self.directory = directory
    }

    /// Whether the work tree has a folder, committed or not; a bare repository has none.
    func isCheckedOut(_ folder: RepositoryPath) async throws -> Bool {
        let root: String
        do {
            root = try await GitProgram(directory: directory).workTree()
        } catch let error as GitError where error.code == .notARepository {
            return false
        }
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(root)/\(folder)", isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
