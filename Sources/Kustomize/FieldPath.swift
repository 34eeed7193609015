import GitOpsTypes
import YAMLEditing

/// A path into an object as `replacements` and `vars` write it: names separated by dots, `\.` for a dot in a name,
/// `[a.b/c]` for a name with dots, `[name=value]` or a number for an item of a list, `*` for all items.
///
/// Source: behaviour of Kustomize v5.5.
struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
        /// The items whose field has this value; an empty field name means the item itself.
        case item(field: String, value: String)
        case all
    }

    private(set) var steps: [Step]
    let description: String
    /// Whether the text has a name between any two dots and at its end; targets need that, sources do not.
    let isComplete: Bool

    /// `metadata.name`, which is meant where no path is given.
    static let name = FieldPath(steps: [.key("metadata"), .key("name")], description: "metadata.name")

    private init(steps: [Step], description: String, isComplete: Bool = true) {
        self.steps = steps
        self.isComplete = isComplete
        self.description = description
    }

    /// Nil when there is no step in the text, or more than a path may have.
    init?(_ text: String) {
        let all = Self.bracketed(Self.split(text))
        let parts = all.filter { !$0.isEmpty }
        guard (1...RenderBudget.maximumPath).contains(parts.count) else { return nil }
        self.init(steps: parts.map(Self.step), description: text, isComplete: parts.count == all.count)
    }

    private static func split(_ text: String) -> [String] {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 1, parts[0].isEmpty { parts.removeFirst() }
        var result: [String] = []
        for part in parts {
            if let last = result.last, last.hasSuffix("\\") {
                result[result.count - 1] = last.dropLast() + "." + part
            } else {
                result.append(part)
            }
        }
        return result
    }

    /// Joins what stands between brackets again.
    private static func bracketed(_ parts: [String]) -> [String] {
        var result: [String] = []
        var index = 0
        while index < parts.count {
            var part = parts[index]
            index += 1
            if part.hasPrefix("["), !part.hasSuffix("]") {
                while index < parts.count {
                    part += "." + parts[index]
                    index += 1
                    if part.hasSuffix("]") { break }
                }
                if !part.contains("=") { part = part.filter { $0 != "[" && $0 != "]" } }
            }
            result.append(part)
        }
        return result
    }

    private static func step(_ part: String) -> Step {
        if part == "*" { return .all }
        if let index = Int(part), index >= 0 { return .index(index) }
        if part.hasPrefix("["), part.hasSuffix("]"), part.count > 2 {
            let inner = part.dropFirst().dropLast()
            if let equals = inner.firstIndex(of: "=") {
                return .item(field: String(inner[..<equals]), value: String(inner[inner.index(after: equals)...]))
            }
            return .key(String(inner))
        }
        return .key(part)
    }

    /// The first steps by themselves.
    func prefix(_ count: Int) -> FieldPath {
        var result = self
        result.steps = Array(steps.prefix(count))
        return result
    }

    mutating func replaceStep(_ number: Int, by step: Step) { steps[number] = step }

    /// The path without its first steps.
    func dropping(_ count: Int) -> FieldPath {
        var result = self
        result.steps = Array(steps.dropFirst(count))
        return result
    }

    /// The path with `ports[0]` taken for item 0 of `ports`, as `vars` write it.
    var withIndexes: FieldPath {
        var result: [Step] = []
        for step in steps {
            guard case .key(let key) = step, key.hasSuffix("]"), let open = key.lastIndex(of: "["),
                let index = Int(key[key.index(after: open)...].dropLast())
            else {
                result.append(step)
                continue
            }
            if open != key.startIndex { result.append(.key(String(key[..<open]))) }
            result.append(.index(index))
        }
        return FieldPath(steps: result, description: description)
    }
}

/// A path leads where nothing can be found or made.
struct FieldPathFailure: Error {
    let message: String
}

/// What `replacements` with `create` make at the end of a path.
enum FieldPathCreation {
    case scalar
    case map
    case list

    fileprivate func node(before rest: ArraySlice<FieldPath.Step>) -> ManifestNode {
        switch rest.first {
        case .index, .item: .list([])
        case .key, .all: .map(ManifestMap())
        case nil:
            switch self {
            case .scalar: .null
            case .map: .map(ManifestMap())
            case .list: .list([])
            }
        }
    }
}

/// What stays the same on all of a path's way.
private struct FieldPathVisit {
    let path: FieldPath
    let creation: FieldPathCreation?
    let insideText: ((String, FieldPath, FieldPathCreation?) throws -> Int)?

    /// How many values `node`, where it is a text, has inside at the rest of the path; nil where nothing is looked for there.
    func lookInside(_ node: ManifestNode, for rest: ArraySlice<FieldPath.Step>) throws -> Int? {
        guard let insideText, let scalar = node.scalar, !rest.isEmpty else { return nil }
        return try insideText(scalar.text, path.dropping(path.steps.count - rest.count), creation)
    }
}

extension ManifestNode {
    /// Calls `body` on every value at `path`, and says how many there were.
    ///
    /// - Parameters:
    ///   - creation: what is missing on the way is made; nil to make nothing.
    ///   - insideText: is told of a text on the way, and says how many values it has at the rest of the path.
    ///   - body: is told whether the value was made just now.
    /// - Throws: `FieldPathFailure` when the path does not fit the values on the way.
    mutating func visit(
        _ path: FieldPath, creating creation: FieldPathCreation?,
        insideText: ((String, FieldPath, FieldPathCreation?) throws -> Int)? = nil,
        _ body: (inout ManifestNode, _ isNew: Bool) throws -> Void
    ) throws -> Int {
        let visit = FieldPathVisit(path: path, creation: creation, insideText: insideText)
        return try self.visit(path.steps[...], visit, isNew: false, body)
    }

    private mutating func visit(
        _ path: ArraySlice<FieldPath.Step>, _ visit: FieldPathVisit, isNew: Bool,
        _ body: (inout ManifestNode, Bool) throws -> Void
    ) throws -> Int {
        let creation = visit.creation
        guard let step = path.first else {
            try body(&self, isNew)
            return 1
        }
        let rest = path.dropFirst()
        switch (step, self) {
        case (.key(let key), .map(var map)):
            self = .null
            defer { self = .map(map) }
            if let index = map.index(of: key) {
                if let count = try visit.lookInside(map.entries[index].value, for: rest) { return count }
                return try map.entries[index].value.visit(rest, visit, isNew: false, body)
            }
            guard let creation else { return 0 }
            var value = creation.node(before: rest)
            if map.isFlow { value.becomeFlow() }
            let count = try value.visit(rest, visit, isNew: true, body)
            if map.isFlow { value.becomeFlow() }
            map.entries.append(.init(key: key, value: value))
            return count
        case (.key, .scalar(let scalar)) where scalar.kind == .null:
            // Kustomize makes the rest of the path inside the null, where it is never printed.
            return creation == nil ? 0 : 1
        case (.key(let key), _): throw FieldPathFailure(message: "“\(key)” is looked for in what is no mapping")
        case (.index(let index), .list(var items)):
            self = .null
            defer { self = .list(items) }
            let appends = index == items.count && creation != nil
            if appends, let creation { items.append(creation.node(before: rest)) }
            guard items.indices.contains(index) else {
                throw FieldPathFailure(message: "there is no item \(index) in a list of \(items.count)")
            }
            return try items[index].visit(rest, visit, isNew: appends, body)
        case (.item(let field, let value), .list(var items)):
            self = .null
            defer { self = .list(items) }
            let rest = field.isEmpty ? [] : rest
            let pattern = try ItemPattern(value)
            var count = 0
            for index in items.indices where try pattern.matches(items[index], field) {
                count += try items[index].visit(rest, visit, isNew: false, body)
            }
            guard count == 0, creation != nil else { return count }
            let text = ManifestNode.scalar(ManifestScalar(text: value, kind: ScalarKind(plain: value)))
            var item = field.isEmpty ? text : .map(ManifestMap([.init(key: field, value: text)]))
            count = try item.visit(rest, visit, isNew: true, body)
            items.append(item)
            return count
        case (.all, .list(var items)):
            self = .null
            defer { self = .list(items) }
            var count = 0
            for index in items.indices { count += try items[index].visit(rest, visit, isNew: false, body) }
            return count
        case (.index, _), (.item, _), (.all, _):
            throw FieldPathFailure(message: "an item is looked for in what is no list")
        }
    }

    /// Takes the form that it has inside of braces.
    private mutating func becomeFlow() {
        switch self {
        case .map(var map):
            map.isFlow = true
            self = .map(map)
        case .scalar(let scalar) where scalar.style == .created && scalar.text.isEmpty: self = .string("")
        case .scalar, .list: return
        }
    }

    /// The one value at `path`: an item is the first that has exactly the value the path says.
    subscript(path: FieldPath) -> ManifestNode? {
        var node = self
        for step in path.steps {
            switch (step, node) {
            case (.key(let key), .map(let map)):
                guard let next = map[key] else { return nil }
                node = next
            case (.index(let index), .list(let items)):
                guard items.indices.contains(index) else { return nil }
                node = items[index]
            case (.item(let field, let value), .list(let items)):
                let next = items.first {
                    (field.isEmpty ? $0 : $0[field] ?? .null).scalar?.text.hasSameBytes(as: value) == true
                }
                guard let next else { return nil }
                node = next
            default: return nil
            }
        }
        return node
    }
}

/// The value in `[name=value]`: a regular expression, found anywhere in the field's text.
private struct ItemPattern {
    private let text: String
    private let expression: GoExpression?

    init(_ text: String) throws {
        self.text = text
        guard GoExpression.isNeeded(for: text) else {
            expression = nil
            return
        }
        guard let expression = GoExpression(text) else {
            throw FieldPathFailure(message: "“\(text)” is no regular expression")
        }
        self.expression = expression
    }

    /// An item's name is short; a whole file is none.
    private static let maximumSteps = 100_000

    /// Whether the item's field has the pattern; an empty name of a field means the item itself.
    func matches(_ item: ManifestNode, _ field: String) throws(FieldPathFailure) -> Bool {
        guard let value = field.isEmpty ? item.scalar?.text : item.scalarText(at: field) else { return false }
        guard let expression else { return value.hasBytes(text) }
        guard expression.steps(for: value.utf8.count) < Self.maximumSteps else {
            throw FieldPathFailure(message: "“\(text.prefix(100))” is too large for a text of \(value.utf8.count) bytes")
        }
        return expression.isFound(in: value)
    }
}

extension String {
    /// Whether the bytes of `other` are anywhere in it.
    fileprivate func hasBytes(_ other: String) -> Bool {
        let (mine, theirs) = (utf8, other.utf8)
        guard let first = theirs.first else { return true }
        guard mine.count >= theirs.count else { return false }
        if mine.count == theirs.count { return hasSameBytes(as: other) }
        var start = mine.startIndex
        for _ in theirs.count...mine.count {
            if mine[start] == first, mine[start...].starts(with: theirs) { return true }
            start = mine.index(after: start)
        }
        return false
    }
}
