import GitOpsTypes
public import Kustomize
import YAMLEditing

/// What a change does to rendered manifests: by object, and within an object by field, so that an image that moves is one
/// line. Secrets' values are never shown.
public struct RenderedDiff: Hashable, Sendable {
    public let objects: [ObjectChange]

    public struct ObjectChange: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case added
            case removed
            case changed([FieldChange])
        }

        /// `Deployment storefront-prod/web`
        public let object: String
        public let kind: Kind
    }

    public struct FieldChange: Hashable, Sendable {
        /// `spec.template.spec.containers[web].image`
        public let field: String
        /// Nil where the field was not there.
        public let old: String?
        /// Nil where the field is gone.
        public let new: String?
    }

    public var isEmpty: Bool { objects.isEmpty }

    public init(from old: RenderedManifests, to new: RenderedManifests) {
        var before: [ObjectKey: RenderedObject] = [:]
        for object in old.objects { before[ObjectKey(object)] = object }
        var objects: [ObjectChange] = []
        for object in new.objects {
            guard let previous = before.removeValue(forKey: ObjectKey(object)) else {
                objects.append(ObjectChange(object: object.label, kind: .added))
                continue
            }
            guard previous.node != object.node else { continue }
            let isSecret = object.kind == "Secret" && object.apiVersion == "v1"
            var comparison = NodeComparison(hidesValues: isSecret)
            comparison.compare(previous.node, object.node, at: "")
            if !comparison.changes.isEmpty {
                objects.append(ObjectChange(object: object.label, kind: .changed(comparison.changes)))
            }
        }
        for object in old.objects where before[ObjectKey(object)] != nil {
            objects.append(ObjectChange(object: object.label, kind: .removed))
        }
        self.objects = objects
    }

    /// One line per object and field, for people and for the pull request.
    public var lines: [String] {
        objects.flatMap { change -> [String] in
            switch change.kind {
            case .added: ["+ \(change.object)"]
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

    private struct ObjectKey: Hashable {
        let apiVersion: String
        let label: String

        init(_ object: RenderedObject) {
            apiVersion = object.apiVersion
            label = object.label
        }
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
            for entry in left.entries {
                let field = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                if let value = right[entry.key] { compare(entry.value, value, at: field) } else { note(field, entry.value, nil) }
            }
            for entry in right.entries where left[entry.key] == nil {
                note(path.isEmpty ? entry.key : "\(path).\(entry.key)", nil, entry.value)
            }
        case (.list(let left), .list(let right)):
            if let keys = Self.names(left), let others = Self.names(right) {
                for (key, value) in zip(keys, left) {
                    if let index = others.firstIndex(of: key) {
                        compare(value, right[index], at: "\(path)[\(key)]")
                    } else {
                        note("\(path)[\(key)]", value, nil)
                    }
                }
                for (key, value) in zip(others, right) where !keys.contains(key) { note("\(path)[\(key)]", nil, value) }
                if Set(keys) == Set(others), keys != others {
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
        default: note(path, old, new)
        }
    }

    /// The names of a list's items, where all have one and no two the same.
    private static func names(_ items: [ManifestNode]) -> [String]? {
        var names: [String] = []
        for item in items {
            guard let name = item["name"]?.text, !names.contains(name) else { return nil }
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
    fileprivate var displayableLine: String {
        let line = split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎").displayable
        return line.count > 200 ? line.prefix(200) + "…" : line
    }
}
