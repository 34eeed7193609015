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
    }

    private mutating func read(
        _ folder: RepositoryPath, _ source: any FileSource, _ limits: Limits
    ) throws -> [RepositoryPath] {
        var entry = Folder()
        var below: [RepositoryPath] = []
        for name in try source.names(in: folder) ?? [] {
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

    /// The names beside what stands at a path, of the same kind.
    func siblings(of path: RepositoryPath) -> [String] {
        guard let folder = folders[path.parent] else { return [] }
        return folder.folders.contains(path.name) ? folder.folders : folder.files
    }

    /// The folders that have a kustomization, by whatever name its file goes.
    var kustomizations: [RepositoryPath] {
        folders.filter { $0.value.files.contains(where: KustomizeRenderer.fileNames.contains) }.keys.sorted()
    }

    /// The folders that have a chart which no other chart has vendored.
    var charts: [RepositoryPath] {
        let all = Set(folders.filter { $0.value.files.contains(ChartReferences.definition) }.keys)
        return all.filter { chart in !all.contains { $0 != chart && chart.isInside($0) && chart.components.contains("charts") } }
            .sorted()
    }

    /// Whether a path is of a chart, or below one.
    func isInChart(_ path: RepositoryPath, _ charts: [RepositoryPath]) -> RepositoryPath? {
        charts.last { path.isInside($0) }
    }

    /// Files of YAML, in their order.
    var yaml: [RepositoryPath] { files.filter { $0.name.hasSuffix(".yaml") || $0.name.hasSuffix(".yml") } }
}
