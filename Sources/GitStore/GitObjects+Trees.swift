import CLibgit2
public import GitOpsTypes

/// Trees, read as objects and never through libgit2, which takes any bytes for a tree.
extension GitObjects {
    /// What stands at `path` in `tree`; nil when nothing does. Links are not followed.
    ///
    /// - Throws: `GitError`; `.malformed` where a directory on the way is.
    public func entry(at path: RepositoryPath, in tree: TreeID) throws(GitError) -> TreeEntry? {
        guard let (object, item) = try find(path, in: tree) else { return path.isRoot ? .tree(tree) : nil }
        return object.entry(of: item)
    }

    /// Whether what stands at `path` is a file that can be run. Links are not followed.
    ///
    /// - Throws: `GitError`; `.malformed` where a directory on the way is.
    public func isExecutable(at path: RepositoryPath, in tree: TreeID) throws(GitError) -> Bool {
        try find(path, in: tree)?.1.mode == .executable
    }

    /// The names in a directory of `tree`, with what they are; nil when there is no such directory.
    ///
    /// - Throws: `GitError`; `.malformed` where a directory is, or has a name that is no text.
    public func entries(of directory: RepositoryPath, in tree: TreeID) throws(GitError) -> [(name: String, entry: TreeEntry)]? {
        guard case .tree(let id)? = try entry(at: directory, in: tree) else { return nil }
        let object = try treeObject(id)
        var result: [(name: String, entry: TreeEntry)] = []
        for item in object.items {
            guard let name = object.name(of: item) else { throw Self.unreadableName(in: directory) }
            result.append((name, object.entry(of: item)))
        }
        return result
    }

    /// The paths that differ between two trees.
    ///
    /// - Parameter limit: so many differences are looked at: a few small trees that are nested in each other have more than could be.
    /// - Throws: `GitError`; `.malformed` where a directory that differs is, a path that differs cannot be told, or there are more of
    ///   them.
    public func changedPaths(
        from old: TreeID, to new: TreeID, atMost limit: Int = 1_000_000
    ) throws(GitError) -> [RepositoryPath] {
        var count = 0
        var changed: [RepositoryPath] = []
        var pairs: [(path: RepositoryPath, old: TreeID?, new: TreeID?)] = [(.root, old, new)]
        while let (path, old, new) = pairs.popLast() {
            guard old != new else { continue }
            let (before, after) = (try old.map(treeObject), try new.map(treeObject))
            for difference in Self.differences(before, after) {
                count += 1
                guard count <= limit else { throw Self.tooManyDifferences(limit) }
                guard let name = difference.name, let place = path.appending(name) else { throw Self.unreadableName(in: path) }
                switch (difference.old, difference.new) {
                case (.tree(let old), .tree(let new)): pairs.append((place, old, new))
                case (.tree(let old), nil): pairs.append((place, old, nil))
                case (nil, .tree(let new)): pairs.append((place, nil, new))
                default: changed.append(place)
                }
            }
        }
        return changed.sorted()
    }

    private typealias Difference = (name: String?, old: TreeEntry?, new: TreeEntry?)

    /// The entries that differ; a file where a directory was is two of them.
    private static func differences(_ before: TreeObject?, _ after: TreeObject?) -> [Difference] {
        var result: [Difference] = []
        var (left, right) = (before?.items[...] ?? [], after?.items[...] ?? [])
        while true {
            let order: Int
            switch (before, left.first, after, right.first) {
            case (let before?, let old?, let after?, let new?): order = before.compare(old, with: after, new)
            case (_?, _?, _, _): order = -1
            case (_, _, _?, _?): order = 1
            default: return result
            }
            let old = order <= 0 ? left.popFirst() : nil
            let new = order >= 0 ? right.popFirst() : nil
            let (was, `is`) = (old.flatMap { before?.entry(of: $0) }, new.flatMap { after?.entry(of: $0) })
            // Of a submodule, the commit; of a file, whether it can be run.
            let isSame =
                if let before, let old, let after, let new {
                    old.mode == new.mode && (before.id(of: old) as BlobID) == after.id(of: new)
                } else { false }
            if isSame { continue }
            let name = old.flatMap { before?.name(of: $0) } ?? new.flatMap { after?.name(of: $0) }
            result.append((name, was, `is`))
        }
    }

    private static func tooManyDifferences(_ limit: Int) -> GitError {
        GitError(
            .malformed, "compare directories", "more than \(limit) files and directories differ",
            hint: "make several changes of it")
    }

    private static func unreadableName(in directory: RepositoryPath) -> GitError {
        GitError(
            .malformed, "read directory \(directory)", "a name in it is no UTF-8, or has a control character",
            hint: "rename that file: git mv")
    }

    /// The tree and the item in it that `path` names; nil for the root, and where nothing is.
    func find(_ path: RepositoryPath, in tree: TreeID) throws(GitError) -> (TreeObject, TreeObject.Item)? {
        var found: (TreeObject, TreeObject.Item)?
        var next: TreeID? = tree
        for name in path.components {
            guard let id = next else { return nil }
            let object = try treeObject(id)
            guard let item = object.item(named: name) else { return nil }
            found = (object, item)
            next = item.mode == .directory ? object.id(of: item) : nil
        }
        return found
    }

    /// A tree object, read and found to be well-formed.
    func treeObject(_ id: TreeID) throws(GitError) -> TreeObject {
        if let known = knownTrees[id] { return known }
        let bytes = try raw(id.oid, GIT_OBJECT_TREE, "read directory \(id.short)")
        let object = try TreeObject(bytes, of: id)
        if knownTreeBytes > Self.maximumKnownBytes {
            knownTrees.removeAll(keepingCapacity: true)
            knownTreeBytes = 0
        }
        knownTrees[id] = object
        // What an item costs besides.
        knownTreeBytes += bytes.count + 24 * object.items.count + 128
        return object
    }

    /// As much as libgit2 is let keep of what it reads.
    private static let maximumKnownBytes = 4 << 20

    /// The content of an object.
    func raw(_ oid: git_oid, _ type: git_object_t, _ operation: String) throws(GitError) -> [UInt8] {
        let database = try GitHandle("open the object database", git_odb_free) { git_repository_odb(&$0, repository.pointer) }
        var oid = oid
        let object = try GitHandle(operation, git_odb_object_free) { git_odb_read(&$0, database.pointer, &oid) }
        guard let data = git_odb_object_data(object.pointer), git_odb_object_type(object.pointer) == type else {
            throw GitError(.notFound, operation, "it is another kind of object")
        }
        return Array(UnsafeRawBufferPointer(start: data, count: git_odb_object_size(object.pointer)))
    }
}
