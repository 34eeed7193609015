import GitOpsTypes
import YAMLEditing

/// Strategic merge: a partial object laid over a whole one.
///
/// Source: behaviour of Kustomize v5.5, which follows the Kubernetes documentation on `kubectl patch` but for this: what the
/// patch names comes first in a list; `$retainKeys` and `$setElementOrder` stay in the object as they are; and an item of a
/// list that says `$patch: replace` changes nothing when the list has that item.
struct StrategicMerge {
    let schema: MergeSchema
    let budget: RenderBudget

    struct Failure: Error {
        let message: String
    }

    /// The merged object; nil when the patch deletes it.
    func merge(_ patch: ManifestNode, into object: consuming ManifestNode) throws -> ManifestNode? {
        // Kustomize v5.5 passes over a `$patch: replace` of the whole object. Without a directive the object is changed, not copied.
        let original = patch.map?.index(of: "$patch") == nil ? nil : copy object
        let outcome = try walk(consume object, patch, nil)
        return outcome.node == nil || outcome.isDestination ? outcome.node : original ?? outcome.node
    }

    /// What came of merging one value.
    private struct Outcome {
        /// Nil when the value is to be removed.
        let node: ManifestNode?
        /// Whether `node` is the destination's, changed, and not the patch's in its place.
        let isDestination: Bool

        static let removed = Outcome(node: nil, isDestination: false)
    }

    // MARK: Values

    /// - Parameter same: both are one value, that is: the patch adds something, and only directives inside it are left to do.
    private func walk(
        _ given: consuming ManifestNode?, _ patch: ManifestNode?, _ field: MergeSchema.Field?, same: Bool = false
    ) throws -> Outcome {
        let destination = consume given
        let own = destination?.shape
        guard let shape = own ?? patch?.shape else {
            // An explicit null of the object's own stays; what is empty or null in the patch goes.
            guard patch == nil, let text = destination?.scalar?.text, !text.isEmpty else { return .removed }
            return Outcome(node: destination, isDestination: true)
        }
        if let other = patch?.shape, other != shape {
            throw Failure(message: "the patch has \(other.rawValue) where the object has \(shape.rawValue)")
        }
        switch shape {
        case .map:
            let type = type(field, destination, patch)
            return try walkMap(consume destination, patch, type, same: same)
        case .list:
            if case .list(let keys, let type)? = field {
                return try walkMergedList(destination, patch, keys: keys, type: type, same: same)
            }
            return patch.map { Outcome(node: $0.isNull ? nil : $0, isDestination: same) }
                ?? Outcome(node: destination, isDestination: true)
        case .scalar:
            guard let patch else {
                guard case .scalar(var scalar)? = destination, scalar.style == .created else {
                    return Outcome(node: destination, isDestination: true)
                }
                scalar.kind = .string
                scalar.style = .plain
                return Outcome(node: .scalar(scalar), isDestination: true)
            }
            guard let new = patch.scalar, new.kind != .null else { return .removed }
            return Outcome(node: .scalar(destination?.scalar.map(new.replacing) ?? new), isDestination: same)
        }
    }

    /// The type by which a mapping's fields are merged: the schema's for this field, or that of the kind the object says it is.
    private func type(_ field: MergeSchema.Field?, _ destination: ManifestNode?, _ patch: ManifestNode?) -> String? {
        if case .object(let type)? = field { return type }
        for node in [destination, patch] {
            guard let kind = node?["kind"]?.text, let version = node?["apiVersion"]?.text else { continue }
            if let type = schema.type(of: GroupVersionKind(apiVersion: version, kind: kind)) { return type }
        }
        return nil
    }

    // MARK: Mappings

    private func walkMap(
        _ destination: consuming ManifestNode?, _ patch: ManifestNode?, _ type: String?, same: Bool
    ) throws -> Outcome {
        guard case .map(var map)? = consume destination else {
            // The patch adds it.
            guard case .map(var added)? = patch else { return .removed }
            let directive = added.removeDirective()
            if directive == .delete { return .removed }
            return try walkFields(of: &added, type)
        }
        guard let patch else {
            for index in map.entries.indices.reversed() where !map.entries[index].value.staysWithoutChanges {
                let field = schema.field(map.entries[index].key, of: type)
                if let merged = try walk(map.entries[index].value.take(), nil, field).node {
                    map.entries[index].value = merged
                } else {
                    map.entries.remove(at: index)
                }
            }
            return Outcome(node: .map(map), isDestination: true)
        }
        guard case .map(var changes) = patch else { return .removed }
        let directive = try changes.takeDirective()
        switch directive {
        case .delete: return .removed
        case .replace:
            let outcome = try walkFields(of: &changes, type)
            return Outcome(node: outcome.node, isDestination: same)
        case .merge: break
        }
        if same { return Outcome(node: try walkFields(of: &changes, type).node, isDestination: true) }
        try budget.spend(steps: map.entries.count * changes.entries.count / 8)
        var isNew = Array(repeating: true, count: changes.entries.count)
        var index = 0
        while index < map.entries.count {
            let key = map.entries[index].key
            let change = changes.index(of: key)
            if let change {
                isNew[change] = false
            } else if map.entries[index].value.staysWithoutChanges {
                index += 1
                continue
            }
            let outcome = try walk(
                map.entries[index].value.take(), change.map { changes.entries[$0].value }, schema.field(key, of: type))
            if let node = outcome.node {
                map.entries[index].value = node
                index += 1
            } else {
                map.entries.remove(at: index)
            }
        }
        for (entry, isNew) in zip(changes.entries, isNew) where isNew {
            let field = schema.field(entry.key, of: type)
            if let node = try walk(nil, entry.value, field).node {
                map.entries.append(ManifestMap.Entry(key: entry.key, value: node))
            }
        }
        return Outcome(node: .map(map), isDestination: true)
    }

    /// Carries out the directives inside a value that is added as it is.
    private func walkFields(of map: inout ManifestMap, _ type: String?) throws -> Outcome {
        var entries: [ManifestMap.Entry] = []
        for entry in map.entries {
            let field = schema.field(entry.key, of: type)
            guard let node = try walk(entry.value, entry.value, field, same: true).node else { continue }
            entries.append(ManifestMap.Entry(key: entry.key, value: node))
        }
        return Outcome(node: .map(ManifestMap(entries)), isDestination: false)
    }

    // MARK: Lists

    private func walkMergedList(
        _ destination: ManifestNode?, _ patch: ManifestNode?, keys: [String], type: String?, same: Bool
    ) throws -> Outcome {
        guard case .list(var items)? = destination else {
            guard case .list(let added)? = patch else { return .removed }
            return try merge(added, into: added, keys: keys, type: type, same: true)
        }
        guard let patch else { return try merge(nil, into: items, keys: keys, type: type, same: false) }
        guard case .list(var changes) = patch else { return .removed }
        var same = same
        switch try Self.takeDirective(from: &changes) {
        case .delete: return .removed
        case .replace:
            items = changes
            same = true
        case .merge: if same { items = changes }
        }
        return try merge(changes, into: items, keys: keys, type: type, same: same)
    }

    /// A list's directive is an item of its own, `- $patch: replace`.
    private static func takeDirective(from items: inout [ManifestNode]) throws -> StrategicMergeDirective {
        guard let map = items.lazy.compactMap(\.map).first(where: { $0["$patch"] != nil }), map.entries.count == 1,
            let text = map["$patch"]?.scalar?.text
        else { return .merge }
        guard let directive = StrategicMergeDirective(rawValue: text) else {
            throw Failure(message: "“\(text)” is no $patch directive")
        }
        try KeyedItems.set(nil, keys: ["$patch"], values: [text], in: &items)
        return directive
    }

    private func merge(
        _ changes: [ManifestNode]?, into items: [ManifestNode], keys: [String], type: String?, same: Bool
    ) throws -> Outcome {
        let itemField = type.map { MergeSchema.Field.object(type: $0) }
        if let merged = try mergeDistinct(changes, into: items, keys: keys, itemField, same: same) {
            return Outcome(node: .list(merged), isDestination: true)
        }
        let count = items.count + (changes?.count ?? 0)
        try budget.spend(steps: count * count / 2)
        var items = items
        var changes = changes
        let keys = keys.isEmpty ? [""] : keys
        var valuesList: [[String]] = []
        var seen: Set<[String]> = []
        for item in (changes ?? []) + items {
            let values = KeyedItems.values(of: keys, in: item)
            if seen.insert(values).inserted { valuesList.append(values) }
        }
        if keys.count > 1 { KeyedItems.unite(&valuesList) }
        var added: [ManifestNode] = []
        var validKeys = keys
        for values in valuesList {
            let valid = KeyedItems.valid(keys, values, amongst: valuesList)
            validKeys = valid.keys
            let sought = KeyedItems.valid(valid.keys, valid.values, amongst: [valid.values])
            let index = KeyedItems.first(keys: sought.keys, values: sought.values, in: items)
            let change = changes.flatMap { list in
                KeyedItems.first(keys: sought.keys, values: sought.values, in: list).map { list[$0] }
            }
            let outcome = try walk(index.map { items[$0] }, change, itemField, same: same)
            guard var node = outcome.node, node.map.map({ !$0.isEmpty }) ?? true else {
                try KeyedItems.set(nil, keys: valid.keys, values: valid.values, in: &items)
                if same { changes = items }
                continue
            }
            if case .map(var map) = node {
                for (key, value) in zip(valid.keys, valid.values) where map[key] == nil && !value.isEmpty {
                    map[key] = .scalar(ManifestScalar(text: value, kind: ScalarKind(plain: value)))
                }
                node = .map(map)
            }
            if outcome.isDestination, let index { items[index] = node }
            try KeyedItems.set(node, keys: valid.keys, values: valid.values, in: &added)
        }
        for item in items { try KeyedItems.append(item, keys: validKeys, to: &added) }
        return Outcome(node: .list(added), isDestination: true)
    }

    /// The usual case in linear time: one key, which every item has and no two share, and no directives on items.
    private func mergeDistinct(
        _ changes: [ManifestNode]?, into items: [ManifestNode], keys: [String], _ itemField: MergeSchema.Field?, same: Bool
    ) throws -> [ManifestNode]? {
        guard let positions = KeyedItems.distinct(items, key: keys.first ?? "", isOnly: keys.count <= 1),
            same || KeyedItems.distinct(changes ?? [], key: keys.first ?? "", isOnly: keys.count <= 1) != nil
        else { return nil }
        if keys.isEmpty {
            let first = same ? items : changes ?? []
            let known = Set(first.map { $0.scalar.map { ByteText($0.text) } })
            return first + (same ? [] : items.filter { !known.contains($0.scalar.map { ByteText($0.text) }) })
        }
        var result: [ManifestNode] = []
        var used: Set<Int> = []
        if !same {
            for change in changes ?? [] {
                let index = change[keys[0]]?.scalar.flatMap { positions[ByteText($0.text)] }
                if let index { used.insert(index) }
                if let node = try walk(index.map { items[$0] }, change, itemField).node { result.append(node) }
            }
        }
        for (index, item) in items.enumerated() where !used.contains(index) {
            if !same, item.staysWithoutChanges {
                result.append(item)
                continue
            }
            if let node = try walk(item, same ? item : nil, itemField, same: same).node { result.append(node) }
        }
        return result
    }
}

/// Lists whose items are told apart by the values of some keys; the empty key stands for the item itself.
///
/// Source: behaviour of Kustomize v5.5, also for items that lack a key or share one.
private enum KeyedItems {
    static func values(of keys: [String], in item: ManifestNode) -> [String] {
        keys.map { key in
            let value = key.isEmpty ? item : item[key]
            return value?.isNull == false ? value?.scalar?.text ?? "" : ""
        }
    }

    /// Where each key value is; nil when items are not told apart by it, or have directives.
    static func distinct(_ items: [ManifestNode], key: String, isOnly: Bool) -> [ByteText: Int]? {
        guard isOnly else { return nil }
        var positions: [ByteText: Int] = [:]
        positions.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            let text: String?
            if key.isEmpty {
                text = item.scalar?.text
            } else {
                guard item.map?.index(of: "$patch") == nil else { return nil }
                text = item.scalarText(at: key)
            }
            guard let text, !text.isEmpty, text != "null", positions.updateValue(index, forKey: ByteText(text)) == nil else {
                return nil
            }
        }
        return positions
    }

    static func matches(_ item: ManifestNode, keys: [String], values: [String]) -> Bool {
        var matched = false
        for (index, key) in keys.enumerated() {
            if index < values.count { matched = matches(item, key, values[index]) }
            if !matched { return false }
        }
        return true
    }

    private static func matches(_ item: ManifestNode, _ key: String, _ value: String) -> Bool {
        if key.isEmpty { return item.scalar?.text.hasSameBytes(as: value) ?? false }
        guard let field = item[key] else { return false }
        return value.isEmpty || (field.scalar?.text ?? "").hasSameBytes(as: value)
    }

    /// The first item that has exactly these values; an item that lacks a key is never found.
    static func first(keys: [String], values: [String], in items: [ManifestNode]) -> Int? {
        items.firstIndex { item in
            zip(keys, values).allSatisfy { key, value in
                (key.isEmpty ? item : item[key])?.scalar?.text.hasSameBytes(as: value) == true
            }
        }
    }

    /// Replaces the items that match by `element`, or adds it; removes them when it is nil. Empty items go in passing.
    static func set(_ element: ManifestNode?, keys: [String], values: [String], in items: inout [ManifestNode]) throws {
        let isForMappings = keys.first != "" && values.first.map { !$0.isEmpty } ?? false
        var result: [ManifestNode] = []
        var found = false
        for item in items {
            if item.isNull || item.map?.isEmpty == true { continue }
            if item.map == nil, isForMappings {
                result.append(item)
                continue
            }
            guard let shape = item.shape, shape == (keys.first == "" ? .scalar : .map) else {
                throw StrategicMerge.Failure(
                    message: "\((item.shape ?? .scalar).rawValue) stands in a list whose items are told apart by their fields")
            }
            if !matches(item, keys: keys, values: values) {
                if !values.isEmpty { result.append(item) }
            } else {
                found = true
                if let element { result.append(element) }
            }
        }
        if let element, !found { result.append(element) }
        items = result
    }

    static func append(_ item: ManifestNode, keys: [String], to items: inout [ManifestNode]) throws {
        if keys[0].isEmpty { return try set(item, keys: keys, values: [item.scalar?.text ?? ""], in: &items) }
        var values: [String] = []
        for key in keys {
            if let field = item[key] {
                values.append(field.scalar?.text ?? "")
            } else {
                items.append(item)
            }
        }
        if keys.count > 1 { try set(nil, keys: keys, values: values, in: &items) }
        try set(item, keys: keys, values: values, in: &items)
    }

    /// The keys that some item has a value for; all of them when none has.
    static func valid(
        _ keys: [String], _ values: [String], amongst list: [[String]]
    ) -> (keys: [String], values: [String]) {
        let used = keys.indices.filter { index in list.contains { index < $0.count && !$0[index].isEmpty } }
        guard !used.isEmpty else { return (keys, values) }
        return (used.map { keys[$0] }, used.filter { $0 < values.count }.map { values[$0] })
    }

    /// Makes one of two that agree where both have a value: a port without protocol and the same port with one.
    static func unite(_ list: inout [[String]]) {
        for left in list.indices {
            // As it was before it was made one with any other.
            let values = list[left]
            for right in list.indices {
                guard let united = united(values, list[right]) else { continue }
                list[left] = united
                list[right] = united
            }
        }
    }

    private static func united(_ left: [String], _ right: [String]) -> [String]? {
        guard left.count == right.count, zip(left, right).contains(where: { $0 == $1 }) else { return nil }
        var result: [String] = []
        for (one, other) in zip(left, right) {
            guard one == other || one.isEmpty || other.isEmpty else { return nil }
            result.append(one.isEmpty ? other : one)
        }
        return result
    }
}

/// What a patch says of itself under `$patch`.
private enum StrategicMergeDirective: String {
    case merge
    case replace
    case delete
}

extension ManifestMap {
    /// The `$patch` directive, taken out where it is a known one.
    fileprivate mutating func removeDirective() -> StrategicMergeDirective? {
        guard let text = self["$patch"]?.scalar?.text, let directive = StrategicMergeDirective(rawValue: text) else { return nil }
        self["$patch"] = nil
        return directive
    }

    /// The `$patch` directive, taken out; `merge` where there is none.
    fileprivate mutating func takeDirective() throws -> StrategicMergeDirective {
        guard let node = self["$patch"] else { return .merge }
        guard let directive = removeDirective() else {
            throw StrategicMerge.Failure(message: "“\(node.scalar?.text ?? "")” is no $patch directive")
        }
        return directive
    }
}

extension ManifestNode {
    /// Whether it is certainly the same after a patch that says nothing of it. Lists may be put in order.
    fileprivate var staysWithoutChanges: Bool {
        switch self {
        case .scalar(let scalar): (scalar.kind != .null || !scalar.text.isEmpty) && scalar.style != .created
        case .map(let map): map.entries.withUnsafeBufferPointer { $0.allSatisfy(\.value.staysWithoutChanges) }
        case .list: false
        }
    }

    /// The value, in whose place there is nothing until another is put there: so that it is not copied when it changes.
    fileprivate mutating func take() -> ManifestNode {
        let value = self
        self = .null
        return value
    }

    /// What kind of value it is, as messages say it.
    fileprivate enum Shape: String {
        case map = "a mapping"
        case list = "a list"
        case scalar = "a value"
    }

    /// Nil for null.
    fileprivate var shape: Shape? {
        switch self {
        case .map: .map
        case .list: .list
        case .scalar(let scalar): scalar.kind == .null ? nil : .scalar
        }
    }
}
