import GitOpsTypes
import YAMLEditing

/// A place in objects of some kinds that a transformer reads or writes.
///
/// Source: Kustomize v5.5's field specs, as its `configurations` files write them.
struct FieldSpec: Hashable, Sendable {
    /// One key on the way down.
    struct Step: Hashable, Sendable {
        let key: String
        /// Whether the path says that the field is a list (`containers[]`); such a field is never made.
        let isList: Bool
        /// Whether it is how items of lists are named elsewhere, or nothing: no field of a mapping can be meant.
        let isNoField: Bool

        fileprivate init(_ part: String) {
            isList = part.hasSuffix("[]")
            let name = isList ? String(part.dropLast(2)) : part
            // Hundreds are made whenever the program starts, and almost all of them begin and end with a letter.
            guard let first = name.utf8.first, let last = name.utf8.last, first.isLetter, last.isLetter else {
                key = name.trimmingWhitespace
                isNoField = Self.isNoField(key)
                return
            }
            key = name
            isNoField = false
        }

        private static func isNoField(_ key: String) -> Bool {
            key.isEmpty || key == "*" || key == "-" || Int(key) != nil || key.hasPrefix("[") && key.hasSuffix("]")
        }
    }

    var kinds: KindSelector
    /// As it was written: `spec/template/spec/containers[]/image`.
    let path: String
    let steps: [Step]
    /// Whether what is missing on the way is made.
    let create: Bool

    init(_ path: String, kinds: KindSelector = KindSelector(), create: Bool = false) {
        self.path = path
        self.kinds = kinds
        self.create = create
        steps = Self.split(path).map(Step.init)
    }

    init(_ path: String, kind: String, group: String = "", version: String = "", create: Bool = false) {
        self.init(path, kinds: KindSelector(group: group, version: version, kind: kind), create: create)
    }

    /// The parts between slashes; `\/` is a slash in a key, and one slash may lead.
    static func split(_ path: String) -> [String] {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 1, parts[0].isEmpty { parts.removeFirst() }
        var result: [String] = []
        for part in parts {
            if let last = result.last, last.hasSuffix("\\") {
                result[result.count - 1] = last.dropLast() + "/" + part
            } else {
                result.append(part)
            }
        }
        return result
    }
}

/// What a transformer puts where a field spec leads and nothing is yet.
enum FieldCreation {
    case nothing
    case scalar
    case map
}

/// A field spec leads through something that is neither a mapping nor a list, or a value is not what a transformer can change.
struct FieldFailure: Error {
    let message: String

    /// The failure in `resource`, which tells people where to look.
    func of(_ resource: Resource) -> FieldFailure { FieldFailure(message: "\(resource.label): \(message)") }
}

extension Resource {
    /// Changes the object. What fails in it is told with its name and its file.
    mutating func change(_ body: (inout Resource) throws -> Void) throws {
        do {
            try body(&self)
        } catch let failure as FieldFailure {
            throw failure.of(self)
        }
    }
}

extension Array<Resource> {
    mutating func changeEach(_ body: (inout Resource) throws -> Void) throws {
        for index in indices { try self[index].change(body) }
    }
}

extension ManifestNode {
    /// The texts that `steps` lead to: none where the way leads through what has no fields.
    func texts(at steps: ArraySlice<FieldSpec.Step>) -> [String] {
        guard let step = steps.first else { return text.map { [$0] } ?? [] }
        switch self {
        case .scalar: return []
        case .list(let items): return items.flatMap { $0.texts(at: steps) }
        case .map(let map):
            guard !step.isNoField, let value = map[step.key] else { return [] }
            return value.texts(at: steps.dropFirst())
        }
    }

    /// Calls `body` on every value that `steps` lead to. Lists on the way are walked item by item; null ends the way.
    ///
    /// - Throws: `FieldFailure` when the way leads through a scalar, and what `body` throws.
    mutating func visit(
        _ steps: ArraySlice<FieldSpec.Step>, creating creation: FieldCreation, _ body: (inout ManifestNode) throws -> Void
    ) throws {
        guard let step = steps.first else { return try body(&self) }
        switch self {
        case .scalar(let scalar):
            guard scalar.kind == .null else {
                throw FieldFailure(message: "“\(step.key)” is looked for in “\(scalar.text)”, which is neither mapping nor list")
            }
        case .list(var items):
            // The value is taken out of the enum while it changes, so that it is not copied.
            self = .null
            defer { self = .list(items) }
            for index in items.indices { try items[index].visit(steps, creating: creation, body) }
        case .map(var map):
            guard !step.isNoField else { throw FieldFailure(message: "“\(step.key)” in a path of fields is the name of none") }
            self = .null
            defer { self = .map(map) }
            let isLast = steps.count == 1
            let creates = !step.isList && creation != .nothing
            let made: ManifestNode = isLast && creation == .scalar ? .null : .map(ManifestMap())
            if let index = map.index(of: step.key) {
                if map.entries[index].value.isNull {
                    if step.isList {
                        map.entries[index].value = .list([])
                        return
                    }
                    if creates, !isLast || creation == .map { map.entries[index].value = made }
                }
                try map.entries[index].value.visit(steps.dropFirst(), creating: creation, body)
            } else if creates {
                var value = made
                try value.visit(steps.dropFirst(), creating: creation, body)
                map.entries.append(ManifestMap.Entry(key: step.key, value: value))
            }
        }
    }
}
