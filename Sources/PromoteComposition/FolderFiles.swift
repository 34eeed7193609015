import Foundation
public import GitOpsTypes
public import Kustomize

/// The files of a folder on disk. Symbolic links are followed inside the folder only.
public struct FolderFiles: FileSource {
    private let root: URL

    /// - Parameter root: the folder that nothing may lead out of.
    public init(root: String) {
        self.root = URL(filePath: root).resolvingSymlinksInPath()
    }

    public func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        let url = path.isRoot ? root : root.appending(path: path.description)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else { return .missing }
        let real = url.resolvingSymlinksInPath().path
        guard root.path == "/" || real == root.path || real.hasPrefix(root.path + "/") else { return .outside }
        return isDirectory.boolValue ? .directory : .file(Array(try Data(contentsOf: url)))
    }

    public func realPath(of path: RepositoryPath) throws -> RepositoryPath {
        let real = (path.isRoot ? root : root.appending(path: path.description)).resolvingSymlinksInPath().path
        let prefix = root.path == "/" ? "/" : root.path + "/"
        guard real.hasPrefix(prefix), let inside = RepositoryPath(String(real.dropFirst(prefix.count))) else { return path }
        return inside
    }

    /// The folder around `directory` that its overlays may reach into, and the path of `directory` in it: the work tree it
    /// is in, or the whole disk where there is none.
    ///
    /// - Throws: when `directory` does not exist.
    public static func around(_ directory: String) throws -> (files: FolderFiles, path: RepositoryPath) {
        let folder = URL(filePath: directory).resolvingSymlinksInPath()
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: directory])
        }
        var root = folder
        while root.path != "/", !FileManager.default.fileExists(atPath: root.appending(component: ".git").path) {
            root = root.deletingLastPathComponent()
        }
        let inside = folder.path.dropFirst(root.path == "/" ? 1 : root.path.count + 1)
        guard let path = RepositoryPath(inside) else {
            throw CocoaError(.fileReadInvalidFileName, userInfo: [NSFilePathErrorKey: directory])
        }
        return (FolderFiles(root: root.path), path)
    }
}
