import GitOpsTypes
import Kustomize
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
        let patterns = git["directories"]?.list ?? []
        func matches(_ folder: RepositoryPath, excluded: Bool) -> Bool {
            patterns.contains { pattern in
                (pattern["exclude"]?.scalar?.text == "true") == excluded
                    && PathPattern(pattern["path"]?.text ?? "").matches(folder.components)
            }
        }
        return index.folders.keys.sorted().filter { matches($0, excluded: false) && !matches($0, excluded: true) }
            .prefix(Self.maximum).map { Self.path(of: $0) }
    }

    private func contents(_ git: ManifestNode) -> [[String: String]] {
        let patterns = (git["files"]?.list ?? []).compactMap { $0["path"]?.text.map(PathPattern.init) }
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

/// A path with `*` for anything within a part, and `**` for any parts.
private struct PathPattern {
    private let parts: [[Character]]

    init(_ text: String) { parts = text.split(separator: "/").map(Array.init) }

    func matches(_ path: [String]) -> Bool { Self.matches(parts[...], path.map(Array.init)[...]) }

    private static func matches(_ pattern: ArraySlice<[Character]>, _ path: ArraySlice<[Character]>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == ["*", "*"] {
            return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst()))
        }
        guard let name = path.first, isMatch(first[...], name[...]) else { return false }
        return matches(pattern.dropFirst(), path.dropFirst())
    }

    private static func isMatch(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return isMatch(pattern.dropFirst(), name) || (!name.isEmpty && isMatch(pattern, name.dropFirst()))
        }
        return name.first == first && isMatch(pattern.dropFirst(), name.dropFirst())
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
