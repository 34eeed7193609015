public import GitOpsTypes

/// Where a renderer reads files: a Git tree at a commit, a folder, memory; and files of other repositories, where it has them.
public protocol FileSource {
    /// What stands at `path`, symbolic links followed inside the source only.
    ///
    /// - Throws: when the place cannot be read; never to say that it is absent.
    func entry(at path: RepositoryPath) throws -> FileSourceEntry

    /// Where `path` really is, symbolic links on the way followed; `path` itself where there are none.
    func realPath(of path: RepositoryPath) throws -> RepositoryPath

    /// Whether a symbolic link stands at `path` itself, wherever it leads.
    func isLink(_ path: RepositoryPath) throws -> Bool

    /// Whether a symbolic link stands anywhere below `directory`; it is taken to where that cannot be told.
    func hasLinks(below directory: RepositoryPath) throws -> Bool

    /// What stands at `path`, by name: two sources that say the same here hold the same there. Nil where a source cannot tell
    /// without reading.
    func identity(of path: RepositoryPath) throws -> String?

    /// The names in a directory, in their order by bytes; nil where there is no directory.
    func names(in directory: RepositoryPath) throws -> [String]?

    /// A directory with all that is in it, by name, as `identity` tells what stands at one path; it begins with `treePrefix`.
    func treeIdentity(of directory: RepositoryPath) throws -> String?
}

extension FileSource {
    /// For sources without symbolic links.
    public func realPath(of path: RepositoryPath) throws -> RepositoryPath { path }

    public func isLink(_ path: RepositoryPath) throws -> Bool { false }

    /// Looks at what stands at each path; of very many it cannot be told.
    public func hasLinks(below directory: RepositoryPath) throws -> Bool {
        var folders = [directory]
        var count = 0
        while let folder = folders.popLast() {
            for name in try names(in: folder) ?? [] {
                count += 1
                guard count <= LinkSearch.maximumEntries, let path = folder.appending(name), try !isLink(path) else {
                    return true
                }
                if try names(in: path) != nil { folders.append(path) }
            }
        }
        return false
    }

    public func identity(of path: RepositoryPath) throws -> String? { nil }

    public func treeIdentity(of directory: RepositoryPath) throws -> String? { nil }

    /// How the identity of a directory with all that is in it begins, and that of nothing else.
    public static var treePrefix: String { "tree " }

    /// Whether there stands at `path` what `identity`, which was told of it once, says.
    public func has(_ identity: String, at path: RepositoryPath) throws -> Bool {
        try (identity.hasPrefix(Self.treePrefix) ? treeIdentity(of: path) : self.identity(of: path)) == identity
    }
}

extension FileSource {
    /// Whether no link is on the way to `path`: then what stands there stays the same as long as nothing changes at it, below it, or
    /// above it, where a link may come to stand for a folder.
    ///
    /// - Parameter entry: what stands there.
    /// - Throws: what the source throws.
    public func isDirect(_ path: RepositoryPath, being entry: FileSourceEntry) throws -> Bool {
        guard try realPath(of: path) == path else { return false }
        switch entry {
        case .file, .directory, .tooLarge: return true
        case .submodule(let top): return path.isInside(top)
        case .outside: return false
        case .missing: break
        }
        // One that leads to nothing yet may be on the way.
        var place = path
        while !place.isRoot {
            if try isLink(place) { return false }
            place = place.parent
        }
        return true
    }
}

public enum FileSourceEntry: Hashable, Sendable {
    case file([UInt8])
    case directory
    case missing
    /// A link that leads out of the source.
    case outside
    /// It is a submodule, or below one, whose top is given.
    case submodule(RepositoryPath)
    /// A file of so many bytes, more than any source hands out.
    case tooLarge(bytes: Int)

    /// The most bytes a file may have: a Kubernetes object has at most 1.5 MB, and bundles of them some tens.
    public static let maximumBytes = 64 << 20
}

/// Files in memory: for tests, and for rendering a change before it is committed.
public struct MemoryFiles: FileSource, Sendable {
    private var files: [RepositoryPath: [UInt8]]

    public init(_ files: [RepositoryPath: [UInt8]] = [:]) {
        self.files = files
    }

    public func entry(at path: RepositoryPath) -> FileSourceEntry {
        if let bytes = files[path] { return .file(bytes) }
        return path == .root || files.keys.contains { $0.isInside(path) } ? .directory : .missing
    }

    public func names(in directory: RepositoryPath) -> [String]? {
        guard entry(at: directory) == .directory else { return nil }
        return files.keys.children(of: directory)
    }
}

/// Another source with some of its files replaced: a change as it will be, without writing it anywhere.
public struct OverlaidFiles: FileSource {
    private let base: any FileSource
    private let replaced: [RepositoryPath: [UInt8]]

    public init(_ base: any FileSource, replacing replaced: [RepositoryPath: [UInt8]]) {
        self.base = base
        self.replaced = replaced
    }

    public func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        if let bytes = replaced[path] { return .file(bytes) }
        return try base.entry(at: path)
    }

    public func realPath(of path: RepositoryPath) throws -> RepositoryPath {
        replaced[path] == nil ? try base.realPath(of: path) : path
    }

    public func isLink(_ path: RepositoryPath) throws -> Bool { try replaced[path] == nil && base.isLink(path) }

    /// One that is replaced counts, too.
    public func hasLinks(below directory: RepositoryPath) throws -> Bool { try base.hasLinks(below: directory) }

    public func names(in directory: RepositoryPath) throws -> [String]? {
        let own = replaced.keys.children(of: directory)
        guard let names = try base.names(in: directory) else { return own.isEmpty ? nil : own }
        return Set(names + own).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// The search for links below a directory, where a source has nothing better.
private enum LinkSearch {
    /// So many files and folders are looked at.
    static let maximumEntries = 20_000
}

extension Collection<RepositoryPath> {
    /// The names directly in `directory` of which these are, or are below.
    fileprivate func children(of directory: RepositoryPath) -> [String] {
        let depth = directory.components.count
        let names = filter { $0 != directory && $0.isInside(directory) }.map { $0.components[depth] }
        return Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// Another source, with a note of what was asked of it.
public final class TracedFiles: FileSource {
    private let base: any FileSource
    /// Every path that was asked for, and what stands there.
    public private(set) var identities: [RepositoryPath: String] = [:]

    public init(_ base: any FileSource) {
        self.base = base
    }

    public func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        try note(path)
        return try base.entry(at: path)
    }

    public func realPath(of path: RepositoryPath) throws -> RepositoryPath {
        try note(path)
        return try base.realPath(of: path)
    }

    public func isLink(_ path: RepositoryPath) throws -> Bool {
        try note(path)
        return try base.isLink(path)
    }

    public func identity(of path: RepositoryPath) throws -> String? { try base.identity(of: path) }

    public func names(in directory: RepositoryPath) throws -> [String]? {
        identities[directory] = try base.treeIdentity(of: directory) ?? base.identity(of: directory) ?? ""
        return try base.names(in: directory)
    }

    public func treeIdentity(of directory: RepositoryPath) throws -> String? { try base.treeIdentity(of: directory) }

    private func note(_ path: RepositoryPath) throws {
        if identities[path] == nil { identities[path] = try base.identity(of: path) ?? "" }
    }
}
