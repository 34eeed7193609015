public import GitOpsTypes
import Glibc
public import Kustomize
import SystemPackage

/// The files of a folder on disk. Symbolic links are followed inside the folder only.
///
/// Straight system calls: a render of a small overlay is over in milliseconds, and this is most of its work.
public struct FolderFiles: FileSource, Sendable {
    /// Without a slash at the end, so that the root of the disk is empty.
    private let root: String

    /// - Parameter root: the folder that nothing may lead out of.
    /// - Throws: `Errno` when it does not exist.
    public init(root: String) throws {
        let real = try Self.realPath(root)
        self.root = real == "/" ? "" : real
    }

    public func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        let real: String
        do {
            real = try Self.realPath(diskPath(path))
        } catch let error as Errno where error == .noSuchFileOrDirectory || error == .notDirectory {
            return .missing
        } catch let error as Errno where error == .tooManySymbolicLinkLevels {
            return .outside
        }
        guard isInside(real) else { return .outside }
        let file = try FileDescriptor.open(FilePath(real), .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            if status.st_mode & S_IFMT == S_IFDIR { return .directory }
            guard status.st_size <= FileSourceEntry.maximumBytes else { return .tooLarge(bytes: Int(status.st_size)) }
            // A pipe or a device has no end that could be waited for.
            guard status.st_mode & S_IFMT == S_IFREG else { return .outside }
            return .file(try Self.contents(of: file, expecting: Int(status.st_size)))
        }
    }

    public func realPath(of path: RepositoryPath) throws -> RepositoryPath {
        let real = try Self.realPath(diskPath(path))
        guard isInside(real), let inside = RepositoryPath(String(real.dropFirst(root.count).drop { $0 == "/" })) else {
            return path
        }
        return inside
    }

    public func isLink(_ path: RepositoryPath) -> Bool {
        var status = stat()
        return lstat(diskPath(path), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The folder around `directory` that its overlays may reach into, and the path of `directory` in it: the work tree it
    /// is in, or the whole disk where there is none.
    ///
    /// - Throws: `Errno` when `directory` is no directory.
    public static func around(_ directory: String) throws -> (files: FolderFiles, path: RepositoryPath) {
        let folder = try realPath(directory)
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw Errno.notDirectory }
        var root = FilePath(folder)
        while !root.components.isEmpty, access(root.appending(".git").string, F_OK) != 0 { root.removeLastComponent() }
        let files = try FolderFiles(root: root.string)
        guard let path = RepositoryPath(String(folder.dropFirst(files.root.count).drop { $0 == "/" })) else {
            throw Errno.invalidArgument
        }
        return (files, path)
    }

    /// Of `top` and every directory below it those that have one of the `names`, sorted by path. Neither links nor directories
    /// whose name begins with a dot are entered.
    ///
    /// - Throws: `Errno` when one cannot be listed.
    func directories(below top: RepositoryPath, having names: [String]) throws -> [RepositoryPath] {
        var result: [RepositoryPath] = []
        var pending = [top]
        while let parent = pending.popLast() {
            var isWanted = false
            for (name, isDirectory) in try Self.entries(of: diskPath(parent)) {
                isWanted = isWanted || names.contains(name)
                guard isDirectory, !name.hasPrefix("."), let path = parent.appending(name) else { continue }
                pending.append(path)
            }
            if isWanted { result.append(parent) }
        }
        return result.sorted { $0.description < $1.description }
    }

    public func names(in directory: RepositoryPath) throws -> [String]? {
        guard case .directory = try entry(at: directory) else { return nil }
        return try Self.entries(of: diskPath(directory)).map(\.name).filter { $0 != "." && $0 != ".." }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// What is in a folder, in no order; links are no directories.
    private static func entries(of folder: String) throws -> [(name: String, isDirectory: Bool)] {
        guard let handle = opendir(folder) else { throw Errno(rawValue: errno) }
        defer { closedir(handle) }
        var entries: [(name: String, isDirectory: Bool)] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            entries.append((name, entry.pointee.d_type == UInt8(DT_DIR)))
        }
        return entries
    }

    private func diskPath(_ path: RepositoryPath) -> String {
        path.isRoot ? (root.isEmpty ? "/" : root) : "\(root)/\(path)"
    }

    private func isInside(_ real: String) -> Bool { root.isEmpty || real == root || real.hasPrefix(root + "/") }

    private static func realPath(_ path: String) throws -> String {
        guard let resolved = Glibc.realpath(path, nil) else { throw Errno(rawValue: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func contents(of file: FileDescriptor, expecting size: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte more, so that the read that finds the end needs no second buffer.
        var chunk = max(size + 1, 4096)
        while true {
            let part = try Array<UInt8>(unsafeUninitializedCapacity: chunk) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if part.isEmpty { return bytes }
            bytes = bytes.isEmpty ? part : bytes + part
            chunk = max(4096, size + 1 - bytes.count)
        }
    }
}
