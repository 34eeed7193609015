import GitOpsTypes
public import YAMLEditing

/// A value of a manifest: what YAML means, with the order of keys kept and scalars in their source text until they are
/// printed, because transformers compare and copy text.
public indirect enum ManifestNode: Hashable, Sendable {
    case scalar(ManifestScalar)
    case list([ManifestNode])
    case map(ManifestMap)

    public static func string(_ text: String) -> ManifestNode { .scalar(ManifestScalar(text: text, kind: .string)) }
    public static func bool(_ value: Bool) -> ManifestNode {
        .scalar(ManifestScalar(text: value ? "true" : "false", kind: .bool))
    }
    public static func integer(_ value: Int) -> ManifestNode { .scalar(ManifestScalar(text: String(value), kind: .int)) }
    public static let null = ManifestNode.scalar(ManifestScalar(text: "null", kind: .null))

    public var map: ManifestMap? { if case .map(let map) = self { map } else { nil } }
    public var list: [ManifestNode]? { if case .list(let list) = self { list } else { nil } }
    public var scalar: ManifestScalar? { if case .scalar(let scalar) = self { scalar } else { nil } }
    public var isNull: Bool { scalar?.kind == .null }

    /// The text of a scalar that is a string.
    public var text: String? {
        if case .scalar(let scalar) = self, scalar.kind == .string { scalar.text } else { nil }
    }

    /// The value of `key` in a mapping; nil for anything else.
    public subscript(key: String) -> ManifestNode? { map?[key] }

    /// The text of the scalar at `key` in a mapping; nil where there is another value, or none.
    func scalarText(at key: String) -> String? {
        guard case .map(let map) = self, let index = map.index(of: key), case .scalar(let scalar) = map.entries[index].value
        else {
            return nil
        }
        return scalar.text
    }

    /// The value at a path of mapping keys.
    public subscript(path path: [String]) -> ManifestNode? {
        var node: ManifestNode? = self
        for key in path { node = node?[key] }
        return node
    }
}

public struct ManifestScalar: Hashable, Sendable {
    /// The scalar's text: a string's characters, or a number, boolean or null as the file wrote it.
    public var text: String
    public var kind: ScalarKind
    /// Which of its object's shared values this is; 0 for none. No part of what the scalar means.
    var share: UInt32 = 0
    /// How the file has it, which a value written over it keeps. No part of what the scalar means.
    var style = Style.plain

    enum Style: Sendable {
        case plain
        /// In quotes or as a literal block; what is written over it is a text, too.
        case quoted
        /// As a folded block, to be printed by way of `FoldedText`.
        case folded
        /// Not at all: a replacement made it. It is what its text looks like until a strategic merge takes it for a text.
        case created
        /// As `<<` without quotes, which Kustomize reads as no text.
        case mergeKey
    }

    public init(text: String, kind: ScalarKind) {
        self.text = text
        self.kind = kind
    }

    public static func == (left: ManifestScalar, right: ManifestScalar) -> Bool {
        left.kind == right.kind && left.text.hasSameBytes(as: right.text)
    }

    public func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
        hasher.combine(kind)
    }

    /// This scalar in the place of `other`.
    func replacing(_ other: ManifestScalar) -> ManifestScalar {
        var result = self
        result.share = other.share
        result.style = other.style
        if other.style == .quoted || other.style == .folded { result.kind = .string }
        return result
    }
}

/// A mapping with string keys in order. Keys are the same when their bytes are, as in Go.
public struct ManifestMap: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var key: String
        public var value: ManifestNode

        public init(key: String, value: ManifestNode) {
            self.key = key
            self.value = value
        }

        public static func == (left: Entry, right: Entry) -> Bool {
            left.key.hasSameBytes(as: right.key) && left.value == right.value
        }

        public func hash(into hasher: inout Hasher) {
            key.hashBytes(into: &hasher)
            hasher.combine(value)
        }
    }

    public var entries: [Entry]
    /// Whether it is written in braces, where a value of nothing is an empty text. No part of what the mapping means.
    var isFlow = false

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    public static func == (left: ManifestMap, right: ManifestMap) -> Bool { left.entries == right.entries }

    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }

    public var isEmpty: Bool { entries.isEmpty }

    /// Where the entry of `key` is.
    func index(of key: String) -> Int? {
        // By a pointer, so that no entry is copied that is looked at; most keys that differ have another length.
        let length = key.utf8.count
        return entries.withUnsafeBufferPointer { entries in
            for index in entries.indices where entries[index].key.utf8.count == length {
                if entries[index].key.hasSameBytes(as: key) { return index }
            }
            return nil
        }
    }

    /// Setting a value keeps the key's place; a new key goes last; setting nil removes the key.
    public subscript(key: String) -> ManifestNode? {
        get { index(of: key).map { entries[$0].value } }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension ManifestNode {
    /// Changes the value at a path of keys in place, creating mappings on the way where `create` says so.
    ///
    /// `body` is not called when the path leads nowhere.
    mutating func modify(
        at path: ArraySlice<String>, create: Bool = false, _ body: (inout ManifestNode) throws -> Void
    ) rethrows {
        guard let key = path.first else { return try body(&self) }
        guard case .map(var map) = self else { return }
        // The value is taken out of the enum while it changes, so that it is not copied.
        self = .null
        defer { self = .map(map) }
        if let index = map.index(of: key) {
            if create, path.count > 1, map.entries[index].value.isNull { map.entries[index].value = .map(ManifestMap()) }
            try map.entries[index].value.modify(at: path.dropFirst(), create: create, body)
        } else if create {
            var value: ManifestNode = path.count > 1 ? .map(ManifestMap()) : .null
            try value.modify(at: path.dropFirst(), create: create, body)
            map.entries.append(ManifestMap.Entry(key: key, value: value))
        }
    }

    /// Visits the values at `path`, walking through every item of a list on the way; `[]` after a name is implied by the
    /// value being a list. Creates mappings where `create` says so.
    mutating func modifyAll(
        at path: ArraySlice<String>, create: Bool, _ body: (inout ManifestNode) throws -> Void
    ) rethrows {
        if case .list(var items) = self, !path.isEmpty {
            self = .null
            defer { self = .list(items) }
            for index in items.indices { try items[index].modifyAll(at: path, create: create, body) }
            return
        }
        guard var key = path.first else { return try body(&self) }
        guard case .map(var map) = self else { return }
        let isList = key.hasSuffix("[]")
        if isList { key.removeLast(2) }
        let create = create && (!isList || map[key] != nil)
        self = .null
        defer { self = .map(map) }
        if let index = map.index(of: key) {
            if map.entries[index].value.isNull {
                guard create else { return }
                if path.count > 1 { map.entries[index].value = .map(ManifestMap()) }
            }
            try map.entries[index].value.modifyAll(at: path.dropFirst(), create: create, body)
        } else if create {
            var value: ManifestNode = path.count > 1 ? .map(ManifestMap()) : .null
            try value.modifyAll(at: path.dropFirst(), create: create, body)
            map.entries.append(ManifestMap.Entry(key: key, value: value))
        }
    }
}

extension ManifestNode {
    /// Brings the node into the one form that all nodes with the same meaning have: keys in the order in which they are
    /// printed, and scalars as they are.
    mutating func canonicalize() throws(UnprintableText) {
        switch self {
        case .scalar(let scalar):
            let canonical = scalar.canonical
            if canonical.kind == .string { try canonical.text.requirePrintable() }
            self = .scalar(canonical)
        case .list(var items):
            self = .null
            for index in items.indices {
                do { try items[index].canonicalize() } catch { throw error.inside("[\(index)]") }
            }
            self = .list(items)
        case .map(var map):
            self = .null
            for index in map.entries.indices {
                guard map.entries[index].key != "<<" else { throw UnprintableText(message: "a key is “<<”") }
                try map.entries[index].key.requirePrintable()
                do { try map.entries[index].value.canonicalize() } catch { throw error.inside(map.entries[index].key) }
            }
            map.entries.sort { NaturalOrder.precedes($0.key, $1.key) }
            self = .map(map)
        }
    }
}

extension ManifestScalar {
    /// The one form of all scalars with the same meaning.
    var canonical: ManifestScalar {
        switch kind {
        case .string: return ManifestScalar(text: style == .folded ? FoldedText.printed(text) : text, kind: .string)
        case .null: return style == .quoted ? ManifestScalar(text: "", kind: .string) : ManifestScalar(text: "null", kind: .null)
        case .bool: return ManifestScalar(text: text.lowercased(), kind: .bool)
        case .int, .float:
            let printed = ManifestNumber(text).printed
            return ManifestScalar(text: printed, kind: ScalarKind(plain: printed))
        // A date is printed as a text.
        case .timestamp: return ManifestScalar(text: YAMLTimestamp(text)?.rfc3339 ?? text, kind: .string)
        }
    }
}

/// A text that Kustomize can read in quotes and cannot print.
struct UnprintableText: Error {
    let message: String
    /// Where in the value, from its top.
    private(set) var field = ""

    /// What is wrong, and where.
    var problem: String { field.isEmpty ? message : "\(field): \(message)" }

    static let hint = "take it out, or keep the value in base64, as a Secret or in binaryData"

    /// The same, of what the value is a field of.
    func inside(_ step: String) -> UnprintableText {
        var result = self
        result.field = field.isEmpty || field.hasPrefix("[") ? step + field : "\(step).\(field)"
        return result
    }
}

extension String {
    /// - Throws: for control characters beyond ASCII's first, and noncharacters, which YAML does not have unescaped.
    fileprivate func requirePrintable() throws(UnprintableText) {
        if utf8.allSatisfy({ $0 < 0x7F }) { return }
        let bad = unicodeScalars.first {
            (0x7F..<0xA0).contains($0.value) && $0.value != 0x85 || $0.value == 0xFFFE || $0.value == 0xFFFF
        }
        if let bad {
            throw UnprintableText(message: "a text has the character U+\(String(bad.value, radix: 16, uppercase: true))")
        }
    }
}
