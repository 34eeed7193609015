import GitOpsTypes
import Kustomize
import ManifestRendering
import YAMLEditing

/// The Applications that an ApplicationSet makes of what is in the repository, by its list and git generators.
///
/// Source: Argo CD, "Generators": lists, directories and files; other generators need a cluster or a server.
struct ApplicationSetExpansion {
    private let spec: ManifestNode?
    private let index: TreeIndex
    private let files: SurveyFiles

    /// As many as are worth looking at.
    private static let maximum = 2_000

    init(_ node: ManifestNode, index: TreeIndex, files: SurveyFiles) {
        spec = node["spec"]
        self.index = index
        self.files = files
    }

    func applications() -> [ManifestNode] {
        guard let template = spec?["template"] else { return [] }
        return (spec?["generators"]?.list ?? []).flatMap(parameters).prefix(Self.maximum).map { parameters in
            template.filled(with: parameters)
        }
    }

    private func parameters(_ generator: ManifestNode) -> [[String: String]] {
        if let list = generator["list"]?["elements"]?.list { return list.map { Self.flat($0) } }
        if let git = generator["git"] { return directories(git) + contents(git) }
        // What two generators have together: every pair of theirs.
        guard let parts = generator["matrix"]?["generators"]?.list, parts.count == 2 else { return [] }
        let (first, second) = (parameters(parts[0]), parameters(parts[1]))
        guard first.count * second.count <= Self.maximum else { return [] }
        return first.flatMap { one in second.map { one.merging($0) { $1 } } }
    }

    private func directories(_ git: ManifestNode) -> [[String: String]] {
        var (wanted, excluded): ([PartedGlob], [PartedGlob]) = ([], [])
        for item in git["directories"]?.list ?? [] {
            let pattern = PartedGlob(item["path"]?.text ?? "")
            if item["exclude"]?.scalar?.text == "true" { excluded.append(pattern) } else { wanted.append(pattern) }
        }
        guard !wanted.isEmpty else { return [] }
        return index.folders.keys.filter { folder in
            wanted.contains { $0.matches(folder.components) } && !excluded.contains { $0.matches(folder.components) }
        }.sorted().prefix(Self.maximum).map { Self.path(of: $0) }
    }

    private func contents(_ git: ManifestNode) -> [[String: String]] {
        let patterns = (git["files"]?.list ?? []).compactMap { $0["path"]?.text.map(PartedGlob.init) }
        guard !patterns.isEmpty else { return [] }
        return index.files.filter { path in patterns.contains { $0.matches(path.components) } }.prefix(Self.maximum).flatMap {
            path in
            files.documents(path).map { Self.flat($0).merging(Self.path(of: path.parent)) { $1 } }
        }
    }

    private static func path(of folder: RepositoryPath) -> [String: String] {
        var parameters = ["path": folder.description, "path.path": folder.description]
        parameters["path.basename"] = folder.name
        parameters["path.basenameNormalized"] = folder.name
        for (index, part) in folder.components.enumerated() {
            parameters["path[\(index)]"] = part
            parameters["index path.segments \(index)"] = part
        }
        return parameters
    }

    private static func flat(_ node: ManifestNode, below prefix: String = "") -> [String: String] {
        var result: [String: String] = [:]
        for entry in node.map?.entries ?? [] {
            let key = prefix.isEmpty ? entry.key : "\(prefix).\(entry.key)"
            if let text = entry.value.scalar?.text { result[key] = text }
            result.merge(flat(entry.value, below: key)) { $1 }
        }
        return result
    }
}

extension ManifestNode {
    /// The same with `{{name}}` and `{{.name}}` replaced by values.
    fileprivate func filled(with parameters: [String: String]) -> ManifestNode {
        switch self {
        case .scalar(let scalar): scalar.kind == .string ? .string(Self.filled(scalar.text, parameters)) : self
        case .list(let items): .list(items.map { $0.filled(with: parameters) })
        case .map(let map):
            .map(ManifestMap(map.entries.map { .init(key: $0.key, value: $0.value.filled(with: parameters)) }))
        }
    }

    private static func filled(_ text: String, _ parameters: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            let words = rest[start.upperBound..<end.lowerBound].split(separator: " ").map {
                $0.hasPrefix(".") ? $0.dropFirst() : $0
            }
            result += rest[..<start.lowerBound]
            result += parameters[words.joined(separator: " ")] ?? String(rest[start.lowerBound..<end.upperBound])
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}
