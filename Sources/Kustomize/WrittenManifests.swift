import GitOpsTypes
import YAMLEditing

// Manifests as `kubectl`, Helm and agents read them.
extension ManifestReader {
    /// Of manifests that are written out, and come to Kubernetes without Kustomize.
    init(written bytes: [UInt8], path: RepositoryPath) throws(KustomizeError) {
        try self.init(bytes, path: path, dialect: .kubernetes)
        try requireSeparators()
    }

    /// The resources of all documents in their order, whatever has items taken apart where it stands.
    ///
    /// Source: behaviour of kubectl 1.37: what has `items` is a list, whatever its kind; an item without a kind has the list's.
    func writtenResources() throws(KustomizeError) -> [Resource] {
        var result: [Resource] = []
        for document in file.documents where !document.isNull {
            var pending = [try node(document)]
            while let node = pending.popLast() {
                if node.map?.isEmpty == true { continue }
                guard let resource = Resource(node, origin: path) else {
                    throw refusal(
                        "a manifest has no kind", document,
                        hint: "every document needs apiVersion, kind and metadata.name; keep what is no manifest elsewhere")
                }
                if let items = node["items"]?.list {
                    pending += items.reversed().map { Self.item($0, of: resource.kind, node["apiVersion"]) }
                } else {
                    result.append(resource)
                }
            }
        }
        return result
    }

    /// An item of a list, which may leave it to the list what it is.
    private static func item(_ item: ManifestNode, of list: GroupVersionKind, _ version: ManifestNode?) -> ManifestNode {
        guard case .map(var map) = item, map["kind"] == nil else { return item }
        let kind = list.kind.hasSuffix("List") ? String(list.kind.dropLast("List".count)) : list.kind
        guard !kind.isEmpty else { return item }
        map["kind"] = .string(kind)
        map["apiVersion"] = version
        return .map(map)
    }

    /// A mapping in which what comes later replaces what is there, merged keys too, in the order in which it is printed.
    func kubernetesMap(_ entries: [YAMLEntry]) throws(KustomizeError) -> ManifestMap {
        var keys = KubernetesKeys()
        try collect(entries, into: &keys)
        keys.map.entries.sort { NaturalOrder.precedes($0.key, $1.key) }
        return keys.map
    }

    private func collect(_ entries: [YAMLEntry], into keys: inout KubernetesKeys) throws(KustomizeError) {
        for entry in entries {
            guard let key = entry.key.scalar else { throw refusal("a key must be a string", entry.key) }
            guard key.style == .plain && key.text == "<<" || entry.key.tag == "tag:yaml.org,2002:merge" else {
                let text = try text(ofKey: key, entry.key)
                // Nor could it be printed.
                guard text != "<<" else { throw refusal("a key is “<<”", entry.key, hint: "give it another name") }
                guard try keys.set(text, key.kubernetesKind(entry.key.tag), node(entry.value)) else {
                    throw refusal(
                        "there is another key “\(text)”, with quotes or without, and which of them counts is chance", entry.key,
                        hint: "keep one of them")
                }
                continue
            }
            // Of several, the first one counts.
            for source in (entry.value.sequence ?? [entry.value]).reversed() {
                guard let merged = source.mapping else { throw refusal("<< takes a mapping", source) }
                try collect(merged, into: &keys)
            }
        }
    }

    /// Refuses documents that agents would pass over: they take a stream apart by lines of `---`, read the first document of
    /// each part, and say nothing about others. Directives, which they do not read, go the same way.
    private func requireSeparators() throws(KustomizeError) {
        let bytes = file.bytes
        func refusal(_ message: String, _ offset: Int, _ hint: String) -> KustomizeError {
            KustomizeError(.invalid, message, in: path, at: SourcePosition(of: offset, in: bytes), hint: hint)
        }
        var documents = file.documents[...]
        // So many documents have begun since the last separator.
        var count = 0
        var line = 0
        while line < bytes.count {
            let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if bytes[line] == UInt8(ascii: "%") {
                throw refusal("directives are not read", line, "remove the line")
            }
            if bytes[line..<end].starts(with: "---".utf8) {
                guard line == 0 || bytes[(line + 3)..<end].isBlankOrComment else {
                    throw refusal("something stands on the line of a separator", line, "move it to the next line")
                }
                count = 0
            }
            while let document = documents.first, document.range.lowerBound <= end {
                documents = documents.dropFirst()
                count += 1
                guard count == 1 else {
                    throw refusal(
                        "a document begins without a line --- before it, and agents pass over it", document.range.lowerBound,
                        "separate documents by lines of ---")
                }
            }
            line = end + 1
        }
    }
}

/// The keys of a mapping as Go has them, where `1` and `"1"` are two until they are written as JSON.
private struct KubernetesKeys {
    var map = ManifestMap()
    private var places: [ByteText: (index: Int, kind: ScalarKind)] = [:]

    /// - Returns: false where a key of another kind has the same text.
    mutating func set(_ key: String, _ kind: ScalarKind, _ value: ManifestNode) -> Bool {
        guard let place = places[ByteText(key)] else {
            places[ByteText(key)] = (map.entries.count, kind)
            map.entries.append(.init(key: key, value: value))
            return true
        }
        map.entries[place.index].value = value
        return place.kind == kind
    }
}

extension YAMLScalar {
    fileprivate func kubernetesKind(_ tag: String?) -> ScalarKind {
        let kind = kind(tag: tag)
        if kind == .string, style == .plain, tag == nil, ManifestReader.yaml11Bool(text) != nil { return .bool }
        return kind == .timestamp ? .string : kind
    }
}

extension ArraySlice<UInt8> {
    /// Whether there is nothing, or a comment, behind a separator.
    fileprivate var isBlankOrComment: Bool {
        let first = first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
        return first == nil || first == UInt8(ascii: "#")
    }
}
