import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering

/// The files of a Git tree, read from the object database, and those of other repositories that are kept beside them. Symbolic links
/// are followed inside a tree only.
struct GitTreeFiles: FileSource {
    let objects: GitObjects
    let tree: TreeID
    /// Whether it is a tree of a branch with desired state, or made of one: what it builds on may be fetched without being asked for.
    var isTrusted = true
    /// What fetches other repositories; nil where none is fetched.
    var repositories: (any RepositoryFetching)?

    private static let maximumLinks = 40

    /// What is in a tree, links followed.
    enum Place {
        case file(BlobID, at: RepositoryPath)
        case directory(RepositoryPath)
        case missing
        case outside
        /// A submodule, or below one, whose top and commit are given.
        case submodule(RepositoryPath, CommitID)
    }

    /// The tree that a path is in.
    ///
    /// - Throws: `RendererUnavailable` for another repository that is not here.
    private func tree(of path: RepositoryPath) throws -> TreeID {
        guard let repository = path.repository else { return tree }
        if let files = try objects.files(of: repository) { return files }
        try repositories?.fetch(repository)
        if let files = try objects.files(of: repository) { return files }
        throw RendererUnavailable(
            "the remote base \(repository) is not in this clone",
            hint: "fetch it, where its address is one to connect to: promote fetch-base '\(repository)'")
    }

    /// Where `path` leads, links followed.
    func place(_ path: RepositoryPath) throws -> Place { try place(path, linksLeft: Self.maximumLinks) }

    /// Whether a link stands at `path` itself.
    func isLink(_ path: RepositoryPath) throws -> Bool {
        if case .link? = try objects.entry(at: path, in: tree(of: path)) { true } else { false }
    }

    func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        switch try place(path, linksLeft: Self.maximumLinks) {
        case .file(let id, _):
            let size = try objects.size(of: id)
            return size <= FileSourceEntry.maximumBytes ? .file(try objects.blob(id)) : .tooLarge(bytes: size)
        case .directory: return .directory
        case .missing: return .missing
        case .outside: return .outside
        case .submodule(let top, _): return .submodule(top)
        }
    }

    func realPath(of path: RepositoryPath) throws -> RepositoryPath {
        switch try place(path, linksLeft: Self.maximumLinks) {
        case .file(_, let real), .directory(let real): real
        case .missing, .outside, .submodule: path
        }
    }

    func identity(of path: RepositoryPath) throws -> String? {
        switch try place(path, linksLeft: Self.maximumLinks) {
        case .file(let id, let real): real == path ? id.description : "\(id) at \(real)"
        // Nothing is ever read of a directory but its entries, by name.
        case .directory(let real): real == path ? "directory" : "directory \(real)"
        case .missing: "nothing"
        case .outside: "outside"
        case .submodule(let top, let commit): "submodule \(top) \(commit)"
        }
    }

    func names(in directory: RepositoryPath) throws -> [String]? {
        guard case .directory(let real) = try place(directory) else { return nil }
        return try objects.entries(of: real, in: tree(of: real))?.map(\.name).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    func treeIdentity(of directory: RepositoryPath) throws -> String? {
        guard case .directory(let real) = try place(directory),
            case .tree(let id)? = try objects.entry(at: real, in: tree(of: real))
        else {
            return nil
        }
        return Self.treePrefix + (real == directory ? id.description : "\(id) at \(real)")
    }

    /// Each tree is looked at once, wherever else it stands: a few of them can be nested to more folders than could be counted.
    func hasLinks(below directory: RepositoryPath) throws -> Bool {
        guard case .tree(let top)? = try objects.entry(at: directory, in: tree(of: directory)) else { return false }
        var seen: Set<TreeID> = [top]
        var trees = [top]
        while let tree = trees.popLast() {
            for (_, entry) in try objects.entries(of: .root, in: tree) ?? [] {
                switch entry {
                case .link: return true
                case .tree(let id): if seen.insert(id).inserted { trees.append(id) }
                case .blob, .submodule: continue
                }
            }
        }
        return false
    }

    private func place(_ path: RepositoryPath, linksLeft: Int) throws -> Place {
        let tree = try tree(of: path)
        switch try objects.entry(at: path, in: tree) {
        case .blob(let id): return .file(id, at: path)
        case .tree: return .directory(path)
        case .submodule(let commit): return .submodule(path, commit)
        case .link(let id): return try follow(id, from: path.parent, rest: [], linksLeft: linksLeft)
        case nil: break
        }
        // A link may stand anywhere on the way.
        var directory = path.repository.map(RepositoryPath.root(of:)) ?? .root
        for (index, name) in path.components.enumerated() {
            guard let next = directory.appending(name) else { return .missing }
            switch try objects.entry(at: next, in: tree) {
            case .tree: directory = next
            case .link(let id):
                return try follow(id, from: directory, rest: path.components[(index + 1)...], linksLeft: linksLeft)
            case .submodule(let commit): return .submodule(next, commit)
            case .blob, nil: return .missing
            }
        }
        return .missing
    }

    private func follow(
        _ link: BlobID, from directory: RepositoryPath, rest: ArraySlice<String>, linksLeft: Int
    ) throws -> Place {
        let target = String(decoding: try objects.blob(link), as: UTF8.self)
        guard linksLeft > 0, let path = RepositoryPath(target, relativeTo: directory) else { return .outside }
        var whole = path
        for name in rest {
            guard let next = whole.appending(name) else { return .outside }
            whole = next
        }
        return try place(whole, linksLeft: linksLeft - 1)
    }
}
