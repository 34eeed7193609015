import GitOpsTypes
import Kustomize
import PromoteTestSupport

/// A tree as Git has them: files, links and submodules by their paths.
struct ChangingTree: FileSource {
    enum Node: Hashable {
        case file(String)
        case link(String)
        case submodule
    }

    private(set) var nodes: [RepositoryPath: Node] = [:]

    /// Puts something at a path; what is in the way, or below, is gone. Nil takes away what is there.
    mutating func set(_ path: RepositoryPath, _ node: Node?) {
        nodes = nodes.filter { !$0.key.isInside(path) && !path.isInside($0.key) }
        nodes[path] = node
    }

    /// The paths that differ, as `GitObjects.changedPaths` tells them.
    func changed(from earlier: ChangingTree) -> [RepositoryPath] {
        Set(nodes.keys).union(earlier.nodes.keys).filter { nodes[$0] != earlier.nodes[$0] }.sorted()
    }

    // MARK: Reading

    private enum Place {
        case file(String, RepositoryPath)
        case directory(RepositoryPath)
        case missing
        case outside
        case submodule(RepositoryPath)
    }

    private func place(_ path: RepositoryPath, links: Int = 10) -> Place {
        var place = RepositoryPath.root
        for (index, name) in path.components.enumerated() {
            guard let next = place.appending(name) else { return .missing }
            let rest = path.components[(index + 1)...]
            switch nodes[next] {
            case .file(let text)?: return rest.isEmpty ? .file(text, next) : .missing
            case .submodule?: return .submodule(next)
            case .link(let target)?:
                guard links > 0, let start = RepositoryPath(target, relativeTo: place),
                    let whole = RepositoryPath(rest.joined(separator: "/"), relativeTo: start)
                else { return .outside }
                return self.place(whole, links: links - 1)
            case nil:
                guard nodes.keys.contains(where: { $0.isInside(next) }) else { return .missing }
                place = next
            }
        }
        return .directory(place)
    }

    func entry(at path: RepositoryPath) -> FileSourceEntry {
        switch place(path) {
        case .file(let text, _): .file(Array(text.utf8))
        case .directory: .directory
        case .missing: .missing
        case .outside: .outside
        case .submodule(let top): .submodule(top)
        }
    }

    func realPath(of path: RepositoryPath) -> RepositoryPath {
        switch place(path) {
        case .file(_, let real), .directory(let real): real
        case .missing, .outside, .submodule: path
        }
    }

    func names(in directory: RepositoryPath) -> [String]? {
        guard case .directory(let real) = place(directory) else { return nil }
        let below = nodes.keys.filter { $0.isInside(real) && $0 != real }
        return Set(below.map { $0.components[real.components.count] }).sorted()
    }

    func isLink(_ path: RepositoryPath) -> Bool { if case .link? = nodes[path] { true } else { false } }
}

/// Makes trees and changes of them: few names, so that they meet, and every way that one thing comes to stand for another.
struct TreeGenerator {
    private var random: SeededGenerator
    private var version = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    static let folders = ["a", "b", "a/c", "base", "base/d", "link"]
    private static let leaves = ["x.yaml", "y.yaml", "kustomization.yaml", "kustomization.yml"]
    private static let words = [
        "x.yaml", "y.yaml", "c", "d/x.yaml", "../base", "../b", "../a/c", "../../base", "../link", "../link/x.yaml", "../base/d",
        "../a", "../nowhere/x.yaml", "k=../b/x.yaml", "../../b",
    ]

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &random)] }

    mutating func tree() -> ChangingTree {
        var tree = ChangingTree()
        for _ in 0..<12 { change(&tree) }
        return tree
    }

    mutating func change(_ tree: inout ChangingTree) {
        let folder = pick(Self.folders)
        let leaf = "\(folder)/\(pick(Self.leaves))"
        switch Int.random(in: 0..<12, using: &random) {
        case 0: set(&tree, pick([folder, leaf]), nil)
        case 1:
            set(
                &tree, pick([folder, leaf, "nowhere"]),
                .link(pick(["../b", "b", "base", "../base", "nowhere", "../../..", "x.yaml"])))
        case 2: set(&tree, pick([folder, leaf]), .submodule)
        case 3: set(&tree, folder, .file(manifest()))
        case 4: set(&tree, "nowhere/x.yaml", .file(manifest()))
        case 5...7: set(&tree, "\(folder)/\(pick(["x.yaml", "y.yaml"]))", .file(manifest()))
        default: set(&tree, "\(folder)/kustomization.yaml", .file(kustomization()))
        }
    }

    private func set(_ tree: inout ChangingTree, _ path: String, _ node: ChangingTree.Node?) {
        if let path = RepositoryPath(path) { tree.set(path, node) }
    }

    private mutating func manifest() -> String {
        version += 1
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n\(version)}\n"
    }

    private mutating func kustomization() -> String {
        let resources = (0..<Int.random(in: 0...2, using: &random)).map { _ in pick(Self.words) }
        let more = pick([
            "", "", "configMapGenerator: [{name: m, files: [\(pick(Self.words))]}]\n", "components: [\(pick(Self.words))]\n",
        ])
        return "namePrefix: p\(Int.random(in: 0...3, using: &random))-\nresources: [\(resources.joined(separator: ", "))]\n"
            + more
    }
}
