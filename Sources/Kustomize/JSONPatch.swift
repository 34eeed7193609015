import GitOpsTypes
import YAMLEditing

/// One operation of a JSON patch.
///
/// Source: RFC 6902, pointers by RFC 6901, and the library that Kustomize v5.5 uses where it differs: `replace` adds a key that
/// a mapping does not have, `test` for null holds where nothing is, and negative indices count from the end of a list.
struct JSONPatchOperation: Sendable {
    enum Action: Sendable {
        case add(ManifestNode)
        case remove
        case replace(ManifestNode)
        case test(ManifestNode)
        case move(from: JSONPointer)
        case copy(from: JSONPointer)
    }

    let action: Action
    let path: JSONPointer
    /// Whether it leaves an object in the form that JSON gives it, where the object has that.
    let keepsJSONForm: Bool

    struct Failure: Error {
        let message: String
    }

    /// Reads one item of a patch.
    init(_ node: ManifestNode) throws(Failure) {
        guard let name = node["op"]?.text else { throw Failure(message: "an operation has no op") }
        guard let text = node["path"]?.text, let path = JSONPointer(text) else {
            throw Failure(message: "the operation “\(name)” has no path that begins with /")
        }
        guard path.parts.count <= RenderBudget.maximumPath else {
            throw Failure(message: "the path of an operation has more than \(RenderBudget.maximumPath) steps")
        }
        self.path = path
        // What is not given is null. What means the same in the form that JSON gives it is brought into it right here.
        let given = node["value"] ?? .null
        var value = given
        value.passThroughJSON()
        keepsJSONForm = value == given
        if !keepsJSONForm { value = given }
        func from() throws(Failure) -> JSONPointer {
            guard let from = node["from"]?.text.flatMap(JSONPointer.init) else {
                throw Failure(message: "\(name) \(text) has no from that begins with /")
            }
            return from
        }
        action =
            switch name {
            case "add": .add(value)
            case "remove": .remove
            case "replace": .replace(value)
            case "test": .test(value)
            case "move": .move(from: try from())
            case "copy": .copy(from: try from())
            default: throw Failure(message: "“\(name)” is no operation of JSON 6902")
            }
    }

    func apply(to node: inout ManifestNode) throws(Failure) {
        switch action {
        case .add(let value): try Self.add(value, at: path.parts[...], in: &node, path)
        case .remove: try Self.remove(at: path.parts[...], in: &node, path)
        case .replace(let value): try Self.replace(value, at: path.parts[...], in: &node, path)
        case .test(let value):
            let found = Self.value(at: path, in: node) ?? .null
            guard found.isEquivalent(to: value) else {
                throw Failure(message: "test \(path) failed: the value is another")
            }
        case .move(let from):
            guard let value = Self.value(at: from, in: node) else { throw Failure(message: "move: \(from) does not exist") }
            try Self.remove(at: from.parts[...], in: &node, from)
            try Self.add(value, at: path.parts[...], in: &node, path)
        case .copy(let from):
            try Self.add(Self.value(at: from, in: node) ?? .null, at: path.parts[...], in: &node, path)
        }
    }

    static func value(at pointer: JSONPointer, in node: ManifestNode) -> ManifestNode? {
        var node = node
        for part in pointer.parts {
            switch node {
            case .map(let map):
                guard let next = map[part] else { return nil }
                node = next
            case .list(let items):
                guard let index = position(part, items.count) else { return nil }
                node = items[index]
            case .scalar: return nil
            }
        }
        return node
    }

    private static func add(
        _ value: ManifestNode, at parts: ArraySlice<String>, in node: inout ManifestNode, _ pointer: JSONPointer
    ) throws(Failure) {
        guard let part = parts.first else {
            node = value
            return
        }
        let isLast = parts.count == 1
        switch node {
        case .map(var map):
            // The value is taken out of the enum while it changes, so that it is not copied.
            node = .null
            defer { node = .map(map) }
            if isLast {
                map[part] = value
            } else {
                guard let index = map.index(of: part) else { throw missing(pointer) }
                try add(value, at: parts.dropFirst(), in: &map.entries[index].value, pointer)
            }
        case .list(var items):
            node = .null
            defer { node = .list(items) }
            if isLast {
                // One place more than there are items: behind the last.
                guard let index = part == "-" ? items.count : position(part, items.count + 1) else { throw missing(pointer) }
                items.insert(value, at: index)
            } else {
                guard let index = position(part, items.count) else { throw missing(pointer) }
                try add(value, at: parts.dropFirst(), in: &items[index], pointer)
            }
        case .scalar: throw missing(pointer)
        }
    }

    private static func remove(
        at parts: ArraySlice<String>, in node: inout ManifestNode, _ pointer: JSONPointer
    ) throws(Failure) {
        try change(at: parts, in: &node, pointer) { old throws(Failure) in
            if old == nil { throw missing(pointer) }
            return nil
        }
    }

    private static func replace(
        _ value: ManifestNode, at parts: ArraySlice<String>, in node: inout ManifestNode, _ pointer: JSONPointer
    ) throws(Failure) {
        guard !parts.isEmpty else {
            node = value
            return
        }
        try change(at: parts, in: &node, pointer) { _ in value }
    }

    private static func change(
        at parts: ArraySlice<String>, in node: inout ManifestNode, _ pointer: JSONPointer,
        _ body: (ManifestNode?) throws(Failure) -> ManifestNode?
    ) throws(Failure) {
        guard let part = parts.first else { throw missing(pointer) }
        switch node {
        case .map(var map):
            node = .null
            defer { node = .map(map) }
            if parts.count == 1 {
                map[part] = try body(map[part])
            } else {
                guard let index = map.index(of: part) else { throw missing(pointer) }
                try change(at: parts.dropFirst(), in: &map.entries[index].value, pointer, body)
            }
        case .list(var items):
            node = .null
            defer { node = .list(items) }
            guard let index = position(part, items.count) else { throw missing(pointer) }
            if parts.count > 1 {
                try change(at: parts.dropFirst(), in: &items[index], pointer, body)
            } else if let value = try body(items[index]) {
                items[index] = value
            } else {
                items.remove(at: index)
            }
        case .scalar: throw missing(pointer)
        }
    }

    /// The index that `part` means in a list with `count` places.
    private static func position(_ part: String, _ count: Int) -> Int? {
        guard let index = Int(part) else { return nil }
        let position = index < 0 ? index + count : index
        return (0..<count).contains(position) ? position : nil
    }

    private static func missing(_ pointer: JSONPointer) -> Failure {
        Failure(message: "the path \(pointer) does not exist")
    }
}

/// A JSON pointer (RFC 6901).
struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    let parts: [String]

    init?(_ text: String) {
        // The empty pointer means the whole. The library takes a pointer without its first slash, and drops what is before one.
        guard !text.isEmpty else {
            parts = []
            return
        }
        // By bytes: a slash with an accent on it is a slash, and an accent.
        let slash = UInt8(ascii: "/")
        guard let first = text.utf8.firstIndex(of: slash) else { return nil }
        parts = text.utf8[text.utf8.index(after: first)...].split(separator: slash, omittingEmptySubsequences: false)
            .map(Self.unescaped)
    }

    private static func unescaped(_ part: Substring.UTF8View) -> String {
        var result: [UInt8] = []
        var isEscaped = false
        for byte in part {
            switch (isEscaped, byte) {
            case (true, UInt8(ascii: "0")): isEscaped = false
            case (true, UInt8(ascii: "1")):
                result[result.count - 1] = UInt8(ascii: "/")
                isEscaped = false
            default:
                result.append(byte)
                isEscaped = byte == UInt8(ascii: "~")
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    var description: String { "/" + parts.joined(separator: "/") }
}

extension ManifestNode {
    /// Brings the node into the form it has after it was written as JSON and read again, as Kustomize does with every object
    /// that operations change: numbers have the precision of 64-bit floats, and texts that need quotes have them.
    mutating func passThroughJSON() {
        switch self {
        case .list(var items):
            self = .null
            for index in items.indices { items[index].passThroughJSON() }
            self = .list(items)
        case .map(var map):
            self = .null
            for index in map.entries.indices { map.entries[index].value.passThroughJSON() }
            self = .map(map)
        case .scalar(let scalar):
            var result: ManifestScalar
            switch scalar.kind {
            case .string:
                let text = scalar.style == .folded ? FoldedText.printed(scalar.text) : scalar.text
                result = ManifestScalar(text: text, kind: .string)
            case .null:
                result =
                    scalar.style == .quoted ? ManifestScalar(text: "", kind: .string) : ManifestScalar(text: "null", kind: .null)
            case .bool: result = ManifestScalar(text: scalar.text.lowercased(), kind: .bool)
            case .int, .float:
                let text = ManifestNumber(scalar.text).printedAsFloat
                result = ManifestScalar(text: text, kind: ScalarKind(plain: text))
            case .timestamp: result = ManifestScalar(text: YAMLTimestamp(scalar.text)?.rfc3339 ?? scalar.text, kind: .string)
            }
            if result.kind == .string, ScalarKind(plain: result.text) != .string || ScalarKind.isQuotedByGo(result.text) {
                result.style = .quoted
            }
            if result.kind == .string, result.text == "<<" { result.style = .mergeKey }
            self = .scalar(result)
        }
    }

    /// Equal as values: mappings in any order of keys, numbers by their printed form.
    func isEquivalent(to other: ManifestNode) -> Bool {
        switch (self, other) {
        case (.scalar(let left), .scalar(let right)):
            if left.kind == .string || right.kind == .string { return left == right }
            if left.kind.isNumber, right.kind.isNumber {
                return ManifestNumber(left.text).printedAsFloat == ManifestNumber(right.text).printedAsFloat
            }
            return left.kind == right.kind && ManifestNumber(left.text).printed == ManifestNumber(right.text).printed
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.map(let left), .map(let right)):
            return left.entries.count == right.entries.count
                && left.entries.allSatisfy { entry in right[entry.key].map { entry.value.isEquivalent(to: $0) } ?? false }
        default: return false
        }
    }
}

extension ScalarKind {
    fileprivate var isNumber: Bool { self == .int || self == .float }
}
