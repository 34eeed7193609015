import Kustomize
import YAMLEditing

/// An object of Kubernetes, or a value of it, as it is rendered or as a file has it.
protocol ObjectTree {
    /// The value of a key, where this is a mapping that has it.
    subscript(key: String) -> Self? { get }
    /// Of a scalar that is something.
    var scalarText: String? { get }
    /// Of a list.
    var items: [Self] { get }
    /// Of a mapping.
    var fields: [(key: String, value: Self)] { get }
}

extension ObjectTree {
    /// The value at the end of keys, and of numbers of items.
    subscript(path path: [String]) -> Self? {
        var node: Self? = self
        for step in path {
            node =
                node?[step]
                ?? Int(step).flatMap { index in
                    node.flatMap { $0.items.indices.contains(index) ? $0.items[index] : nil }
                }
        }
        return node
    }

    func text(_ path: [String]) -> String? { self[path: path]?.scalarText }

    /// Whether a mapping in it has a `template`, which is something.
    var hasTemplate: Bool {
        items.contains(where: \.hasTemplate)
            || fields.contains { $0.key == "template" && !$0.value.fields.isEmpty || $0.value.hasTemplate }
    }
}

extension ManifestNode: ObjectTree {
    var scalarText: String? { isNull ? nil : scalar?.text }
    var items: [ManifestNode] { list ?? [] }
    var fields: [(key: String, value: ManifestNode)] { map?.entries.map { ($0.key, $0.value) } ?? [] }
}

/// What stands elsewhere, behind an alias, is no item and no field: it could not be changed here.
extension YAMLNode: ObjectTree {
    var scalarText: String? { isNull ? nil : scalar?.text }
    var items: [YAMLNode] { isAlias ? [] : sequence ?? [] }
    var fields: [(key: String, value: YAMLNode)] {
        isAlias ? [] : mapping?.map { ($0.key.scalar?.text ?? "", $0.value) } ?? []
    }
}
