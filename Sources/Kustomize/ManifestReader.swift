import GitOpsTypes
import YAMLEditing

/// Turns YAML documents into manifest nodes: merge keys expanded, keys as strings.
struct ManifestReader {
    let file: YAMLFile
    let path: RepositoryPath
    private let dialect: Dialect

    /// How plain scalars are read. Kustomize reads manifests as YAML 1.2 and JSON 6902 patches as YAML 1.1, where `y` and `on`
    /// are booleans.
    enum Dialect {
        case yaml12
        case yaml11
    }

    init(_ bytes: [UInt8], path: RepositoryPath, dialect: Dialect = .yaml12) throws(KustomizeError) {
        self.path = path
        self.dialect = dialect
        do {
            file = try YAMLFile(bytes)
        } catch {
            throw KustomizeError(.invalid, error.message, in: path, at: error.position)
        }
    }

    func nodes() throws(KustomizeError) -> [ManifestNode] {
        var result: [ManifestNode] = []
        for document in file.documents where !document.isNull { result.append(try node(document)) }
        return result
    }

    func node(_ node: YAMLNode) throws(KustomizeError) -> ManifestNode {
        switch node.content {
        case .scalar(let scalar):
            let kind = scalar.kind(tag: node.tag)
            if dialect == .yaml11, kind == .string, scalar.style == .plain, let value = Self.yaml11Bool(scalar.text) {
                return .bool(value)
            }
            return .scalar(ManifestScalar(text: scalar.text, kind: kind))
        case .sequence(let items):
            var list: [ManifestNode] = []
            list.reserveCapacity(items.count)
            for item in items { list.append(try self.node(item)) }
            return .list(list)
        case .mapping(let entries): return .map(try map(entries))
        }
    }

    /// What a YAML 1.1 reader takes a plain scalar for, that a YAML 1.2 reader takes for a string.
    static func yaml11Bool(_ text: String) -> Bool? {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": true
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    private func map(_ entries: [YAMLEntry]) throws(KustomizeError) -> ManifestMap {
        var map = ManifestMap()
        map.entries.reserveCapacity(entries.count)
        var merged: [YAMLNode] = []
        for entry in entries {
            guard let key = entry.key.scalar else {
                throw KustomizeError(.invalid, "a key must be a string", in: path, at: file.position(of: entry.key))
            }
            if key.style == .plain, key.text == "<<" {
                merged += entry.value.sequence ?? [entry.value]
                continue
            }
            guard key.kind(tag: entry.key.tag) == .string else {
                throw KustomizeError(
                    .invalid, "the key “\(key.text)” is no string", in: path, at: file.position(of: entry.key), hint: "quote it")
            }
            map.entries.append(.init(key: key.text, value: try node(entry.value)))
        }
        // Explicit keys win over merged ones, earlier merges over later ones (YAML 1.1 merge key).
        for source in merged {
            guard let entries = source.mapping else {
                throw KustomizeError(.invalid, "<< takes a mapping", in: path, at: file.position(of: source))
            }
            for entry in try self.map(entries).entries where map[entry.key] == nil { map.entries.append(entry) }
        }
        return map
    }
}
