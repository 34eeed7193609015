/// A path into an object as `replacements` write it: names separated by dots, `\\.` for a dot in a name, `[name=value]` or a
/// number for an item of a list, `*` for all.
struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    enum Step: Hashable, Sendable {
        case key(String)
        /// The items whose field has this value; an empty field name means the item itself.
        case item(field: String, value: String)
        case all
    }

    let steps: [Step]
    let description: String

    /// `metadata.name`, which is meant where no path is given.
    static let name: FieldPath = {
        guard let path = FieldPath("metadata.name") else { preconditionFailure("metadata.name is a path") }
        return path
    }()

    /// Nil when the text is empty or a bracket is not closed.
    init?(_ text: String) {
        description = text
        var parts = [""]
        var depth = 0
        var isEscaped = false
        for character in text {
            switch character {
            case _ where isEscaped:
                if character != "." { parts[parts.count - 1].append("\\") }
                parts[parts.count - 1].append(character)
                isEscaped = false
                continue
            case "\\": isEscaped = true
            case ".":
                if depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
            default:
                if character == "[" { depth += 1 }
                if character == "]" { depth -= 1 }
                parts[parts.count - 1].append(character)
            }
        }
        guard depth == 0 else { return nil }
        steps = parts.filter { !$0.isEmpty }.map { part in
            if part == "*" { return .all }
            guard part.hasPrefix("["), part.hasSuffix("]"), let equals = part.firstIndex(of: "=") else { return .key(part) }
            let inner = part.dropFirst().dropLast()
            return .item(field: String(inner[..<equals]), value: String(inner[inner.index(after: equals)...]))
        }
        guard !steps.isEmpty else { return nil }
    }
}

extension ManifestNode {
    /// Changes every value at `path`, and says how many there were.
    ///
    /// - Parameter create: what is missing on the way is made; lists are then found or made by their field.
    mutating func modify(
        _ path: ArraySlice<FieldPath.Step>, create: Bool, _ body: (inout ManifestNode) throws -> Void
    ) rethrows -> Int {
        guard let step = path.first else {
            try body(&self)
            return 1
        }
        let rest = path.dropFirst()
        switch (step, self) {
        case (.key(let key), .map(var map)):
            if let index = map.entries.firstIndex(where: { $0.key == key }) {
                if create, !rest.isEmpty, map.entries[index].value.isNull { map.entries[index].value = Self.empty(for: rest) }
                let count = try map.entries[index].value.modify(rest, create: create, body)
                self = .map(map)
                return count
            }
            guard create else { return 0 }
            var value = Self.empty(for: rest)
            let count = try value.modify(rest, create: true, body)
            map.entries.append(.init(key: key, value: value))
            self = .map(map)
            return count
        case (.key(let key), .list(var items)):
            guard let index = Int(key), items.indices.contains(index) else { return 0 }
            let count = try items[index].modify(rest, create: create, body)
            self = .list(items)
            return count
        case (.item(let field, let value), .list(var items)):
            var count = 0
            for index in items.indices {
                let found = field.isEmpty ? items[index].scalar?.text : items[index][field]?.scalar?.text
                if found == value { count += try items[index].modify(rest, create: create, body) }
            }
            if count == 0, create, !items.contains(where: { $0[field]?.scalar?.text == value }) {
                var item = ManifestNode.map(ManifestMap([.init(key: field, value: .string(value))]))
                count = try item.modify(rest, create: true, body)
                items.append(item)
            }
            self = .list(items)
            return count
        case (.all, .list(var items)):
            var count = 0
            for index in items.indices { count += try items[index].modify(rest, create: create, body) }
            self = .list(items)
            return count
        case (.all, .map(var map)):
            var count = 0
            for index in map.entries.indices { count += try map.entries[index].value.modify(rest, create: create, body) }
            self = .map(map)
            return count
        case (_, .scalar), (.item, .map): return 0
        }
    }

    /// The first value at `path`.
    func first(_ path: FieldPath) -> ManifestNode? {
        var found: ManifestNode?
        var copy = self
        _ = copy.modify(path.steps[...], create: false) { node in found = found ?? node }
        return found
    }

    private static func empty(for rest: ArraySlice<FieldPath.Step>) -> ManifestNode {
        switch rest.first {
        case nil: .null
        case .item: .list([])
        case .key, .all: .map(ManifestMap())
        }
    }
}
