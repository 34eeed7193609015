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

    /// The resources of all documents, lists of resources taken apart.
    func resources() throws(KustomizeError) -> [Resource] {
        var result: [Resource] = []
        // Items of a list come after everything else in the file, as in Kustomize.
        var pending = try nodes()
        var next = 0
        while next < pending.count {
            let node = pending[next]
            next += 1
            if node.map?.isEmpty == true { continue }
            guard let resource = Resource(node, origin: path) else {
                throw KustomizeError(
                    .invalid, "a manifest has no kind", in: path,
                    hint: "every document needs apiVersion, kind and metadata.name")
            }
            if resource.kind.kind.hasSuffix("List"), let items = node["items"] {
                guard let list = items.list else {
                    if items.isNull { continue }
                    throw KustomizeError(.invalid, "items of a \(resource.kind.kind) is no list", in: path)
                }
                pending += list
                continue
            }
            if node.hasNullItem {
                throw KustomizeError(.invalid, "a list in \(resource.id) has an empty item", in: path, hint: "remove the item")
            }
            guard !resource.name.isEmpty || resource.kind.kind.hasSuffix("List") else {
                throw KustomizeError(
                    .invalid, "a \(resource.kind.kind) has no metadata.name", in: path, hint: "give it a name")
            }
            result.append(resource)
        }
        return result
    }

    func node(_ node: YAMLNode) throws(KustomizeError) -> ManifestNode {
        switch node.content {
        case .scalar(let scalar):
            let kind = scalar.kind(tag: node.tag)
            if dialect == .yaml11, kind == .string, scalar.style == .plain, let value = Self.yaml11Bool(scalar.text) {
                return .bool(value)
            }
            let text = scalar.style == .folded ? FoldedText.printed(scalar.text) : scalar.text
            return .scalar(ManifestScalar(text: text, kind: kind))
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

extension ManifestNode {
    /// Whether a list somewhere below has an item that is null.
    fileprivate var hasNullItem: Bool {
        switch self {
        case .scalar: false
        case .list(let items): items.contains { $0.isNull || $0.hasNullItem }
        case .map(let map): map.entries.contains { $0.value.hasNullItem }
        }
    }
}
