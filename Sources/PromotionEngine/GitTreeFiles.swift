import GitOpsTypes
import GitStore
import Kustomize

/// The files of a Git tree, read from the object database. Symbolic links are followed inside the tree only.
struct GitTreeFiles: FileSource {
    let objects: GitObjects
    let tree: TreeID

    private static let maximumLinks = 40

    func entry(at path: RepositoryPath) throws -> FileSourceEntry {
        try entry(at: path, linksLeft: Self.maximumLinks)
    }

    private func entry(at path: RepositoryPath, linksLeft: Int) throws -> FileSourceEntry {
        switch try objects.entry(at: path, in: tree) {
        case .blob(let id): return .file(try objects.blob(id))
        case .tree: return .directory
        case .submodule: return .outside
        case .link(let id): return try follow(id, from: path.parent, rest: [], linksLeft: linksLeft)
        case nil: break
        }
        // A link may stand anywhere on the way.
        var directory = RepositoryPath.root
        for (index, name) in path.components.enumerated() {
            guard let next = directory.appending(name) else { return .missing }
            switch try objects.entry(at: next, in: tree) {
            case .tree: directory = next
            case .link(let id):
                return try follow(id, from: directory, rest: path.components[(index + 1)...], linksLeft: linksLeft)
            case .submodule: return .outside
            case .blob, nil: return .missing
            }
        }
        return .missing
    }

    private func follow(
        _ link: BlobID, from directory: RepositoryPath, rest: ArraySlice<String>, linksLeft: Int
    ) throws -> FileSourceEntry {
        let target = String(decoding: try objects.blob(link), as: UTF8.self)
        guard linksLeft > 0, let path = RepositoryPath(target, relativeTo: directory) else { return .outside }
        var whole = path
        for name in rest {
            guard let next = whole.appending(name) else { return .outside }
            whole = next
        }
        return try entry(at: whole, linksLeft: linksLeft - 1)
    }
}
