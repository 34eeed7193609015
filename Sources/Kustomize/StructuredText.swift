import CLibYAML
import GitOpsTypes
import YAMLEditing

/// JSON or YAML inside a text of a manifest, which replacements may lead into.
///
/// Source: behaviour of Kustomize 5.8.1: the first document of the text is read, changed and written anew, JSON with sorted keys,
/// compact unless the text had line breaks and indentation, YAML in the style that its values had.
struct StructuredText {
    /// Nil for a text of nothing but white space, which leads nowhere.
    private let document: YAMLNode
    private let file: YAMLFile
    private let text: String

    /// Nil for what is no YAML.
    init?(_ text: String) {
        // Any text is tried; most are no structure at all.
        guard let file = try? YAMLFile(Array(text.utf8)), let document = file.documents.first else { return nil }
        self.document = document
        self.file = file
        self.text = text
    }

    var isNull: Bool { document.isNull }
    /// In bytes, which is about the work of reading it.
    var size: Int { text.utf8.count }

    /// What is in it; nil for what no value of a manifest can be.
    func node() -> ManifestNode? {
        do { return try ManifestReader(file, path: .root).node(document) } catch { return nil }
    }

    /// What is written here that a text which is written anew would lose, or have in another form; nil for none.
    ///
    /// Kustomize keeps comments and anchors in texts of YAML.
    var obstacle: String? {
        guard !isJSON else { return nil }
        if hasComments { return "comments" }
        return document.hasReferences ? "anchors, aliases or merge keys" : nil
    }

    /// The text with `node` in its document's place; nil for JSON whose values would not be of their types.
    func written(with node: ManifestNode) -> String? {
        guard isJSON else {
            let emitter = YAMLEmitter(foldsLines: false)
            emitter.emit(node, like: document)
            return String(decoding: emitter.finish(), as: UTF8.self).trimmingWhitespace
        }
        guard node.agrees(with: document) else { return nil }
        let isIndented = text.utf8.contains(UInt8(ascii: "\n")) && text.contains("  ")
        return String(decoding: isIndented ? GoJSON.encodeIndented(node) : GoJSON.encode(node), as: UTF8.self)
    }

    private var isJSON: Bool {
        let first = text.utf8.first { $0 != UInt8(ascii: " ") && !(0x09...0x0D).contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    private var hasComments: Bool {
        var position = 0
        for range in document.scalarRanges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.lowerBound >= position {
            if file.bytes[position..<range.lowerBound].contains(UInt8(ascii: "#")) { return true }
            position = range.upperBound
        }
        return file.bytes[min(position, file.bytes.count)...].contains(UInt8(ascii: "#"))
    }
}

extension YAMLNode {
    fileprivate var scalarRanges: [Range<Int>] {
        switch content {
        case .scalar: [range]
        case .sequence(let items): items.flatMap(\.scalarRanges)
        case .mapping(let entries): entries.flatMap { $0.key.scalarRanges + $0.value.scalarRanges }
        }
    }

    fileprivate var hasReferences: Bool {
        if isAlias || anchor != nil { return true }
        switch content {
        case .scalar: return false
        case .sequence(let items): return items.contains(where: \.hasReferences)
        case .mapping(let entries):
            return entries.contains { $0.key.hasReferences || $0.key.scalar?.text == "<<" || $0.value.hasReferences }
        }
    }

    /// The value of `key` that counts: the last.
    fileprivate func value(_ key: String) -> YAMLEntry? {
        mapping?.last { $0.key.scalar?.text.hasSameBytes(as: key) == true }
    }
}

extension ManifestNode {
    /// Whether the scalars that took the place of others can be read as what those were.
    fileprivate func agrees(with original: YAMLNode?) -> Bool {
        switch self {
        case .scalar(let scalar):
            guard let old = original?.scalar, let original else { return true }
            let kind = old.kind(tag: original.tag)
            let new = ScalarKind(plain: scalar.text)
            return kind == .string || kind == new || kind == .float && new == .int
        case .list(let items):
            let originals = original?.sequence ?? []
            return items.indices.allSatisfy { items[$0].agrees(with: originals.indices.contains($0) ? originals[$0] : nil) }
        case .map(let map): return map.entries.allSatisfy { $0.value.agrees(with: original?.value($0.key)?.value) }
        }
    }
}

extension YAMLEmitter {
    /// Writes a value in the style that `original` had in its place.
    fileprivate func emit(_ node: ManifestNode, like original: YAMLNode?) {
        switch node {
        case .scalar(let scalar):
            if let old = original?.scalar, let original {
                emit(scalar.text, old.style, kind: old.kind(tag: original.tag))
            } else {
                emit(scalar.text, scalar.style == .quoted ? .doubleQuoted : .plain, kind: scalar.kind)
            }
        case .list(let items):
            let originals = original?.sequence
            list(items.isEmpty || originals != nil && original?.layout == .flow ? .flow : .block) {
                for (index, item) in items.enumerated() {
                    emit(item, like: originals.flatMap { $0.indices.contains(index) ? $0[index] : nil })
                }
            }
        case .map(let entries):
            let isFlow = entries.isEmpty || original?.mapping != nil && original?.layout == .flow
            map(isFlow ? .flow : .block) {
                for entry in entries.entries {
                    let old = original?.value(entry.key)
                    emit(entry.key, old?.key.scalar?.style ?? .plain, kind: .string)
                    emit(entry.value, like: old?.value)
                }
            }
        }
    }

    /// - Parameter kind: what the value was, which it has to be read as again.
    private func emit(_ text: String, _ style: YAMLScalar.Style, kind: ScalarKind) {
        let new = ScalarKind(plain: text)
        let tag = kind == .string || kind == new ? nil : kind.tag
        switch style {
        case .doubleQuoted: scalar(text, YAML_DOUBLE_QUOTED_SCALAR_STYLE, tag: tag)
        case .singleQuoted: scalar(text, YAML_SINGLE_QUOTED_SCALAR_STYLE, tag: tag)
        case .literal: scalar(text, YAML_LITERAL_SCALAR_STYLE, tag: tag)
        case .folded: scalar(text, YAML_FOLDED_SCALAR_STYLE, tag: tag)
        case .plain where text.utf8.contains(UInt8(ascii: "\n")): scalar(text, YAML_LITERAL_SCALAR_STYLE, tag: tag)
        case .plain:
            let isQuoted = kind == .string && new != .string
            scalar(text, isQuoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE, tag: tag)
        }
    }
}

extension ScalarKind {
    fileprivate var tag: String {
        let name =
            switch self {
            case .string: "str"
            case .int: "int"
            case .float: "float"
            case .bool: "bool"
            case .null: "null"
            case .timestamp: "timestamp"
            }
        return "tag:yaml.org,2002:\(name)"
    }
}
