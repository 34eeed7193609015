import Foundation
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
        /// As `kubectl`, Helm and agents read manifests: YAML 1.1, the last of several equal keys counts, and so does a key that
        /// is merged behind it.
        ///
        /// Source: behaviour of kubectl 1.31 to 1.37 (`kubectl annotate --local`), whose reader is Go's second yaml.
        case kubernetes
    }

    init(_ bytes: [UInt8], path: RepositoryPath, dialect: Dialect = .yaml12) throws(KustomizeError) {
        self.path = path
        self.dialect = dialect
        do {
            file = try YAMLFile(bytes, repeatedKeys: dialect == .kubernetes ? .areKept : .areRefused)
        } catch {
            throw KustomizeError(.invalid, error.message, in: path, at: error.position)
        }
    }

    /// Of a file that was read before.
    init(_ file: YAMLFile, path: RepositoryPath, dialect: Dialect = .yaml12) {
        self.file = file
        self.path = path
        self.dialect = dialect
    }

    func nodes() throws(KustomizeError) -> [ManifestNode] {
        try requirePlainLines()
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
            guard var resource = Resource(node, origin: path) else {
                throw KustomizeError(
                    .invalid, "a manifest has no kind", in: path,
                    hint: "every document needs apiVersion, kind and metadata.name")
            }
            // The input of a function, with no objects in it.
            if resource.kind.kind == "ResourceList", pending.count == 1, node["items"] == nil, node["functionConfig"] != nil {
                continue
            }
            if resource.kind.kind.hasSuffix("List"), let items = node["items"] {
                guard let list = items.list else {
                    if items.isNull { continue }
                    throw KustomizeError(.invalid, "items of a \(resource.kind.kind) is no list", in: path)
                }
                pending += list
                continue
            }
            guard !resource.name.isEmpty || resource.kind.kind.hasSuffix("List") else {
                throw KustomizeError(
                    .invalid, "a \(resource.kind.kind) has no metadata.name", in: path, hint: "give it a name")
            }
            guard resource.takeOverNotes() else {
                throw KustomizeError(
                    .invalid, "\(resource.id) has notes of Kustomize that do not go together", in: path,
                    hint: "take away the annotations that begin with internal.config.kubernetes.io/")
            }
            result.append(resource)
        }
        return result
    }

    /// Refuses what Kustomize, which takes files apart by lines, does not read: directives, and a document that begins on the
    /// line of its separator.
    private func requirePlainLines() throws(KustomizeError) {
        func refusal(_ message: String, _ offset: Int, _ hint: String) -> KustomizeError {
            KustomizeError(.invalid, message, in: path, at: SourcePosition(of: offset, in: file.bytes), hint: hint)
        }
        let bytes = file.bytes
        if bytes.first == UInt8(ascii: "%") { throw refusal("directives are not read", 0, "remove the line") }
        var line = bytes.startIndex
        while let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")), end + 1 < bytes.count {
            line = end + 1
            if bytes[line] == UInt8(ascii: "%") { throw refusal("directives are not read", line, "remove the line") }
            guard bytes[line] == UInt8(ascii: "-"), bytes[line...].starts(with: "---".utf8) else { continue }
            let rest = bytes[(line + 3)...].prefix { $0 != UInt8(ascii: "\n") }
            if let first = rest.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }),
                first != UInt8(ascii: "#")
            {
                throw refusal("a document begins on the line of its separator", line, "begin it on the next line")
            }
        }
    }

    func node(_ node: YAMLNode) throws(KustomizeError) -> ManifestNode {
        switch node.content {
        case .scalar(let scalar):
            let kind = scalar.kind(tag: node.tag)
            if dialect != .yaml12, kind == .string, scalar.style == .plain, node.tag == nil,
                let value = Self.yaml11Bool(scalar.text)
            {
                return .bool(value)
            }
            let value = try value(of: scalar, kind, node)
            return .scalar(dialect == .kubernetes ? value.canonical : value)
        case .sequence(let items):
            var list: [ManifestNode] = []
            list.reserveCapacity(items.count)
            for item in items { list.append(try self.node(item)) }
            return .list(list)
        case .mapping(let entries):
            guard dialect != .kubernetes else { return .map(try kubernetesMap(entries)) }
            var map = try map(entries)
            if node.layout == .flow {
                map.isFlow = true
                map.markEmptyValues()
            }
            return .map(map)
        }
    }

    private func value(of scalar: YAMLScalar, _ kind: ScalarKind, _ node: YAMLNode) throws(KustomizeError) -> ManifestScalar {
        var result = ManifestScalar(text: scalar.text, kind: kind)
        switch scalar.style {
        case .plain: break
        // Operations of JSON 6902 have lost it when Kustomize comes to carry them out.
        case .folded: result.style = dialect == .yaml12 ? .folded : .quoted
        case .singleQuoted, .literal: result.style = .quoted
        case .doubleQuoted:
            result.style = .quoted
            // JSON escapes the slash where it likes; the readers of Kustomize and Kubernetes refuse it.
            if file.bytes[node.range].hasEscapedSlash, dialect != .kubernetes || !file.bytes.isJSON {
                throw refusal("the escape \\/ is not read", node, hint: "write / instead")
            }
        }
        if kind == .float, scalar.text.utf8.last.map({ $0 | 0x20 == UInt8(ascii: "f") || $0 | 0x20 == UInt8(ascii: "n") }) == true
        {
            throw refusal("“\(scalar.text)” is no number that Kubernetes takes", node, hint: "put it in quotes if it is a text")
        }
        if dialect != .yaml12, kind == .timestamp { result.kind = .string }
        guard let tag = node.tag else { return result }
        let plain = ScalarKind(plain: scalar.text)
        switch tag {
        case "tag:yaml.org,2002:binary":
            guard let bytes = Data(base64Encoded: scalar.text, options: .ignoreUnknownCharacters),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw refusal("a !!binary value is not the base64 of a text", node) }
            result = ManifestScalar(text: text, kind: .string)
        case "tag:yaml.org,2002:null" where plain == .null: result = ManifestScalar(text: "null", kind: .null)
        default:
            guard [.int, .float, .bool, .null, .timestamp].contains(kind) else { break }
            guard kind == plain || kind == .float && plain == .int else {
                throw refusal("“\(scalar.text)” is not what its tag !!\(tag.split(separator: ":").last ?? "") says", node)
            }
        }
        return result
    }

    func refusal(_ message: String, _ node: YAMLNode, hint: String? = nil) -> KustomizeError {
        KustomizeError(.invalid, message, in: path, at: file.position(of: node), hint: hint)
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
            if key.style == .plain && key.text == "<<" || entry.key.tag == "tag:yaml.org,2002:merge" {
                merged += entry.value.sequence ?? [entry.value]
                continue
            }
            map.entries.append(.init(key: try text(ofKey: key, entry.key), value: try node(entry.value)))
        }
        // Explicit keys win over merged ones, earlier merges over later ones (YAML 1.1 merge key).
        var keys = merged.isEmpty ? [] : Set(map.entries.map { ByteText($0.key) })
        for source in merged {
            guard let entries = source.mapping else {
                throw KustomizeError(.invalid, "<< takes a mapping", in: path, at: file.position(of: source))
            }
            for entry in try self.map(entries).entries where keys.insert(ByteText(entry.key)).inserted {
                map.entries.append(entry)
            }
        }
        return map
    }
}

extension ManifestReader {
    func text(ofKey key: YAMLScalar, _ node: YAMLNode) throws(KustomizeError) -> String {
        let kind = key.kind(tag: node.tag)
        guard dialect != .yaml12 else {
            guard kind == .string else { throw refusal("the key “\(key.text)” is no string", node, hint: "quote it") }
            return key.text
        }
        if key.style == .plain, let value = Self.yaml11Bool(key.text) { return value ? "true" : "false" }
        switch kind {
        case .string, .timestamp: return key.text
        case .bool: return key.text.lowercased()
        case .int, .float: return ManifestNumber(key.text).printed
        case .null: throw refusal("a key is null", node, hint: "quote it")
        }
    }
}

extension [UInt8] {
    /// Whether readers of Kubernetes take it for JSON, by how it begins.
    fileprivate var isJSON: Bool {
        let blanks = " \t\r\n".utf8
        return first { !blanks.contains($0) } == UInt8(ascii: "{")
    }
}

extension ArraySlice<UInt8> {
    /// Whether a text in double quotes, as the file has it, has `\/`.
    fileprivate var hasEscapedSlash: Bool {
        var index = startIndex
        while let backslash = self[index...].firstIndex(of: UInt8(ascii: "\\")), backslash + 1 < endIndex {
            if self[backslash + 1] == UInt8(ascii: "/") { return true }
            index = backslash + 2
        }
        return false
    }
}

extension ManifestMap {
    /// Marks values that are empty: Kustomize writes them as an empty text where the mapping is in flow style, `{key: }`.
    fileprivate mutating func markEmptyValues() {
        for index in entries.indices {
            guard case .scalar(var scalar) = entries[index].value, scalar.kind == .null, scalar.text.isEmpty else { continue }
            scalar.style = .quoted
            entries[index].value = .scalar(scalar)
        }
    }
}
