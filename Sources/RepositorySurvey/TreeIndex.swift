import GitOpsTypes
import Kustomize
import ManifestRendering

/// What is in a tree by its names, within bounds: nothing is read.
struct TreeIndex {
    /// How much of a tree is looked at.
    struct Limits {
        var files = 200_000
        var depth = 24
    }

    /// Every folder with the names in it that are folders, and that are none.
    private(set) var folders: [RepositoryPath: Folder] = [:]
    /// In their order by path.
    private(set) var files: [RepositoryPath] = []
    private(set) var guesses: [Guess] = []
    /// Files of YAML, in their order.
    private(set) var yaml: [RepositoryPath] = []
    /// The folders that have a kustomization, by whatever name its file goes.
    private(set) var kustomizations: [RepositoryPath] = []
    /// The folders that have a chart which no other chart has vendored.
    private(set) var charts: [RepositoryPath] = []
    private var chartFolders: Set<RepositoryPath> = []

    struct Folder {
        var folders: [String] = []
        var files: [String] = []
        var names: [String] { folders + files }
    }

    /// Of other programs, and never of applications.
    private static let passedOver: Set<String> = ["node_modules", "__pycache__"]

    /// - Throws: what the files throw.
    init(of source: any FileSource, limits: Limits = Limits()) throws {
        var pending: [RepositoryPath] = [.root]
        while let folder = pending.popLast() {
            guard files.count < limits.files else {
                guesses.append(
                    Guess(
                        about: "the rest of the tree",
                        because: "it has more than \(limits.files) files: what comes after \(folder) is not looked at"))
                break
            }
            pending += try read(folder, source, limits).reversed()
        }
        files.sort()
        yaml = files.filter { $0.name.hasSuffix(".yaml") || $0.name.hasSuffix(".yml") }
        kustomizations = Self.having(KustomizeRenderer.fileNames, files)
        charts = Self.own(Self.having([ChartReferences.definition], files))
        chartFolders = Set(charts)
    }

    private mutating func read(
        _ folder: RepositoryPath, _ source: any FileSource, _ limits: Limits
    ) throws -> [RepositoryPath] {
        var entry = Folder()
        var below: [RepositoryPath] = []
        for name in try (source.names(in: folder) ?? []).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            // What begins with a dot is of programs; what has a control character in its name cannot be configured.
            guard !name.hasPrefix("."), !Self.passedOver.contains(name), let path = folder.appending(name),
                try !source.isLink(path)
            else { continue }
            if !Self.isFile(name), try source.names(in: path) != nil {
                guard path.components.count < limits.depth else {
                    guesses.append(
                        Guess(about: "\(path) is left alone", because: "it is more than \(limits.depth) folders deep"))
                    continue
                }
                entry.folders.append(name)
                below.append(path)
            } else {
                entry.files.append(name)
                files.append(path)
            }
        }
        folders[folder] = entry
        return below
    }

    /// Whether a name is one of a file, as far as folders are not called so.
    private static func isFile(_ name: String) -> Bool {
        [".yaml", ".yml", ".json", ".md", ".go", ".tpl", ".tf", ".py", ".js", ".ts"].contains(where: name.hasSuffix)
    }

    /// Whether anything stands at a path.
    func has(_ path: RepositoryPath) -> Bool { folders[path] != nil || hasFile(path) }

    /// Found in a few steps, however many there are.
    private func hasFile(_ path: RepositoryPath) -> Bool {
        var (low, high) = (0, files.count)
        while low < high {
            let middle = (low + high) / 2
            if files[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low < files.count && files[low] == path
    }

    /// The folders that have a file by one of these names, in their order.
    private static func having(_ names: [String], _ files: [RepositoryPath]) -> [RepositoryPath] {
        files.filter { names.contains($0.name) }.map(\.parent).reduce(into: Set<RepositoryPath>()) { $0.insert($1) }.sorted()
    }

    /// Charts that no other chart has vendored.
    private static func own(_ charts: [RepositoryPath]) -> [RepositoryPath] {
        let all = Set(charts)
        return charts.filter { !($0.components.contains("charts") && $0.isBelow(all)) }
    }

    /// The chart that a path is of, or below.
    func chart(around path: RepositoryPath) -> RepositoryPath? { path.nearest(in: chartFolders) }
}

extension RepositoryPath {
    /// The innermost of folders that this is, or is in.
    func nearest(in folders: Set<RepositoryPath>) -> RepositoryPath? {
        var folder = self
        while true {
            if folders.contains(folder) { return folder }
            if folder.isRoot { return nil }
            folder = folder.parent
        }
    }

    /// Whether this is inside of one of the folders.
    func isBelow(_ folders: Set<RepositoryPath>) -> Bool { !isRoot && parent.nearest(in: folders) != nil }
}

extension Sequence<RepositoryPath> {
    /// Every folder that one of them is in.
    var ancestors: Set<RepositoryPath> {
        var found: Set<RepositoryPath> = []
        for path in self {
            var folder = path
            while !folder.isRoot {
                folder = folder.parent
                guard found.insert(folder).inserted else { break }
            }
        }
        return found
    }
}
