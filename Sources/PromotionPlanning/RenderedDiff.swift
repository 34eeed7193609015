import GitOpsTypes
public import Kustomize
import YAMLEditing

/// What a change does to rendered manifests: by object, and within an object by field, so that an image that moves is one
/// line. Secrets' values are never shown.
public struct RenderedDiff: Hashable, Sendable {
    public private(set) var objects: [ObjectChange]
    /// The namespaces of two environments, where all that differs in them is in the one here and in the other there: said once
    /// instead of with every object.
    public private(set) var namespaces: FieldChange?

    public struct ObjectChange: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case added
            case removed
            case changed([FieldChange])
        }

        /// `Deployment storefront-prod/web`
        public let object: String
        public fileprivate(set) var kind: Kind
        /// The object before and after, with secrets' values hidden; nil where it is not there.
        let old: ManifestNode?
        let new: ManifestNode?
    }

    public struct FieldChange: Hashable, Sendable {
        /// `spec.template.spec.containers[web].image`
        public let field: String
        /// Nil where the field was not there.
        public let old: String?
        /// Nil where the field is gone.
        public let new: String?
    }

    public var isEmpty: Bool { objects.isEmpty && namespaces == nil }

    /// Compares the objects of the same name. What a generator made is the same under another content hash.
    public init(from old: RenderedManifests, to new: RenderedManifests) {
        var before: [ObjectKey: RenderedObject] = [:]
        for object in old.objects { before[ObjectKey(object)] = object }
        var pairs: [(old: RenderedObject?, new: RenderedObject?)] = []
        for object in new.objects { pairs.append((before.removeValue(forKey: ObjectKey(object)), object)) }
        var gone = old.objects.filter { before[ObjectKey($0)] != nil }
        let new = pairs.indices.filter { pairs[$0].old == nil }
        for index in new {
            guard let object = pairs[index].new, let meaning = GeneratedKey(object) else { continue }
            let matches = gone.indices.filter { GeneratedKey(gone[$0]) == meaning }
            // Two of a name are not to be told apart.
            guard matches.count == 1, new.filter({ pairs[$0].new.flatMap(GeneratedKey.init) == meaning }).count == 1 else {
                continue
            }
            pairs[index].old = gone.remove(at: matches[0])
        }
        self.init(pairs + gone.map { ($0, nil) })
    }

    /// What a generated object is called without its hash; nil for any other.
    private struct GeneratedKey: Hashable {
        let apiVersion: String
        let kind: String
        let namespace: String
        let name: String

        init?(_ object: RenderedObject) {
            guard object.nameWithoutHash != object.name else { return nil }
            (apiVersion, kind, namespace) = (object.apiVersion, object.kind, object.namespace)
            name = object.nameWithoutHash
        }
    }

    /// Compares two environments: an object means the same in both when its kind and name do, in whatever namespace it is, and
    /// with whatever content hash in its name.
    public init(between one: RenderedManifests, and other: RenderedManifests) {
        var pairs: [(old: RenderedObject?, new: RenderedObject?)] = []
        var rest = other.objects
        var unmatched: [RenderedObject] = []
        for object in one.objects {
            if let index = rest.firstIndex(where: { ObjectKey($0) == ObjectKey(object) }) {
                pairs.append((object, rest.remove(at: index)))
            } else {
                unmatched.append(object)
            }
        }
        for meaning in [\RenderedObject.name, \RenderedObject.nameWithoutHash] {
            unmatched = unmatched.filter { object in
                func means(_ other: RenderedObject) -> Bool {
                    other.kind == object.kind && other.apiVersion == object.apiVersion
                        && other[keyPath: meaning] == object[keyPath: meaning]
                }
                let matches = rest.indices.filter { means(rest[$0]) }
                // Two of a name in several namespaces are not to be told apart.
                guard matches.count == 1, unmatched.filter(means).count == 1 else { return true }
                pairs.append((object, rest.remove(at: matches[0])))
                return false
            }
        }
        pairs += unmatched.map { ($0, nil) } + rest.map { (nil, $0) }
        self.init(pairs)
        mentionNamespacesOnce()
    }

    private mutating func mentionNamespacesOnce() {
        let moves = objects.flatMap { change -> [FieldChange] in
            guard case .changed(let fields) = change.kind else { return [] }
            return fields.filter { $0.field == "metadata.namespace" }
        }
        guard let move = moves.first, moves.allSatisfy({ $0 == move }) else { return }
        namespaces = move
        objects = objects.compactMap { change in
            guard case .changed(let fields) = change.kind else { return change }
            let rest = fields.filter { $0.field != move.field }
            var change = change
            change.kind = .changed(rest)
            return rest.isEmpty ? nil : change
        }
    }

    private init(_ pairs: [(old: RenderedObject?, new: RenderedObject?)]) {
        namespaces = nil
        objects = pairs.compactMap { pair -> ObjectChange? in
            guard let object = pair.new ?? pair.old else { return nil }
            let kind: ObjectChange.Kind
            switch pair {
            case (nil, _): kind = .added
            case (_, nil): kind = .removed
            case (let old?, let new?):
                guard old.node != new.node else { return nil }
                var comparison = NodeComparison(hidesValues: old.isSecret || new.isSecret)
                comparison.compare(old.node, new.node, at: "")
                guard !comparison.changes.isEmpty else { return nil }
                kind = .changed(comparison.changes)
            }
            let hidden = SecretMask(old: pair.old, new: pair.new)
            return ObjectChange(object: object.label, kind: kind, old: hidden.old, new: hidden.new)
        }
    }

    /// The manifests before and after as a unified diff, object by object.
    ///
    /// - Parameter context: unchanged lines to show around a change.
    public func unified(context: Int = 3) -> [String] {
        objects.flatMap { change in
            UnifiedDiff(
                old: change.old.map(Self.lines) ?? [], new: change.new.map(Self.lines) ?? [],
                oldName: change.old == nil ? "/dev/null" : change.object,
                newName: change.new == nil ? "/dev/null" : change.object
            ).lines(context: context)
        }
    }

    private static func lines(_ node: ManifestNode) -> [String] {
        String(decoding: ManifestPrinter().print([node]), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map { String($0).displayable }
    }

    /// One line per object and field, for people and for the pull request.
    public var lines: [String] {
        objects.flatMap { change -> [String] in
            switch change.kind {
            case .added: ["+ \(change.object)"] + (change.new.map { AddedObject($0).lines } ?? [])
            case .removed: ["- \(change.object)"]
            case .changed(let fields):
                ["~ \(change.object)"]
                    + fields.map { field in
                        switch (field.old.map(Self.shortened), field.new.map(Self.shortened)) {
                        case (let old?, let new?): "    \(field.field): \(old) → \(new)"
                        case (nil, let new?): "  + \(field.field): \(new)"
                        default: "  - \(field.field)"
                        }
                    }
            }
        }
    }

    /// Digests cut to twelve digits: sixty-four on both sides of an arrow hide what changed.
    private static func shortened(_ text: String) -> String {
        text.replacing(/sha256:([0-9a-f]{12})[0-9a-f]{52}/) { "sha256:\($0.output.1)…" }
    }

    fileprivate struct ObjectKey: Hashable {
        let apiVersion: String
        let label: String

        init(_ object: RenderedObject) {
            apiVersion = object.apiVersion
            label = object.label
        }
    }
}

/// Two secrets with their values hidden, so that it can still be seen which of them differ.
private struct SecretMask {
    let old: ManifestNode?
    let new: ManifestNode?

    init(old: RenderedObject?, new: RenderedObject?) {
        self.old = old.map { $0.isSecret ? Self.hidden($0.node, besides: nil) : $0.node }
        self.new = new.map { $0.isSecret ? Self.hidden($0.node, besides: old?.node) : $0.node }
    }

    private static func hidden(_ node: ManifestNode, besides other: ManifestNode?) -> ManifestNode {
        guard case .map(var map) = node else { return node }
        for field in ["data", "stringData"] {
            guard case .map(var values)? = map[field] else { continue }
            for index in values.entries.indices {
                let entry = values.entries[index]
                let isChanged = other.map { $0[field]?[entry.key] != entry.value } ?? false
                values.entries[index].value = .string(isChanged ? "(changed, hidden)" : "(hidden)")
            }
            map[field] = .map(values)
        }
        return .map(map)
    }
}

extension RenderedObject {
    fileprivate var isSecret: Bool { kind == "Secret" && apiVersion == "v1" }

    /// The name without the content hash that a generator put behind it, if it looks like one.
    fileprivate var nameWithoutHash: String {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        let digits = Set("gh2k456789mbcdtf")
        guard kind == "ConfigMap" || kind == "Secret", parts.count > 1, let hash = parts.last, hash.count == 10,
            hash.allSatisfy(digits.contains)
        else { return name }
        return parts.dropLast().joined(separator: "-")
    }
}

/// Walks two nodes side by side and notes where they differ.
private struct NodeComparison {
    let hidesValues: Bool
    var changes: [RenderedDiff.FieldChange] = []

    init(hidesValues: Bool) {
        self.hidesValues = hidesValues
    }

    mutating func compare(_ old: ManifestNode, _ new: ManifestNode, at path: String) {
        guard old != new else { return }
        switch (old, new) {
        case (.map(let left), .map(let right)):
            let (ours, theirs) = (Self.values(left), Self.values(right))
            for entry in left.entries {
                let field = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                if let value = theirs[ByteText(entry.key)] {
                    compare(entry.value, value, at: field)
                } else {
                    note(field, entry.value, nil)
                }
            }
            for entry in right.entries where ours[ByteText(entry.key)] == nil {
                note(path.isEmpty ? entry.key : "\(path).\(entry.key)", nil, entry.value)
            }
        case (.list(let left), .list(let right)):
            if let keys = Self.names(left), let others = Self.names(right) {
                let theirs = Dictionary(uniqueKeysWithValues: zip(others.map(ByteText.init), right))
                for (key, value) in zip(keys, left) {
                    if let other = theirs[ByteText(key)] {
                        compare(value, other, at: "\(path)[\(key)]")
                    } else {
                        note("\(path)[\(key)]", value, nil)
                    }
                }
                let ours = Set(keys.map(ByteText.init))
                for (key, value) in zip(others, right) where !ours.contains(ByteText(key)) { note("\(path)[\(key)]", nil, value) }
                if ours == Set(others.map(ByteText.init)), !zip(keys, others).allSatisfy({ $0.hasSameBytes(as: $1) }) {
                    note("\(path) (order)", .string(keys.joined(separator: ", ")), .string(others.joined(separator: ", ")))
                }
            } else {
                for index in 0..<max(left.count, right.count) {
                    let field = "\(path)[\(index)]"
                    switch (index < left.count, index < right.count) {
                    case (true, true): compare(left[index], right[index], at: field)
                    case (true, false): note(field, left[index], nil)
                    default: note(field, nil, right[index])
                    }
                }
            }
        // Two ways to write one value, as a rendering that was kept and a new one may have, are printed alike.
        default: if ManifestText.bytes(of: [old]) != ManifestText.bytes(of: [new]) { note(path, old, new) }
        }
    }

    private static func values(_ map: ManifestMap) -> [ByteText: ManifestNode] {
        Dictionary(map.entries.map { (ByteText($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names of a list's items, where all have one and no two the same.
    private static func names(_ items: [ManifestNode]) -> [String]? {
        var names: [String] = []
        var seen: Set<ByteText> = []
        for item in items {
            guard let name = item["name"]?.text, seen.insert(ByteText(name)).inserted else { return nil }
            names.append(name)
        }
        return names
    }

    private mutating func note(_ field: String, _ old: ManifestNode?, _ new: ManifestNode?) {
        let isValue = field.hasPrefix("data") || field.hasPrefix("stringData")
        let hides = hidesValues && isValue
        changes.append(
            RenderedDiff.FieldChange(
                field: field, old: old.map { hides ? "(hidden)" : Self.text($0) },
                new: new.map { hides ? "(changed, hidden)" : Self.text($0) }))
    }

    private static func text(_ node: ManifestNode) -> String {
        switch node {
        case .scalar(let scalar): scalar.text.displayableLine
        case .list(let items): "[\(items.map(text).joined(separator: ", "))]"
        case .map(let map): "{\(map.entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", "))}"
        }
    }
}

extension String {
    /// The text on one line, cut where it is long.
    var displayableLine: String {
        let line = split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎").displayable
        return line.count > 200 ? line.prefix(200) + "…" : line
    }
}
