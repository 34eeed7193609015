import GitOpsTypes
import YAMLEditing

extension ReplacementApplication {
    /// Replaces what the path leads to in JSON or YAML inside a text.
    ///
    /// - Returns: whether there is such a text, and such a field in it.
    func replaceInsideText(
        _ field: FieldPath, in resource: inout Resource, by value: ManifestNode, creating creation: FieldPathCreation?
    ) throws -> Bool {
        guard let (place, text) = structuredText(on: field, in: resource.node) else { return false }
        try budget.spend(steps: 2 * text.size)
        if text.isNull { return creation != nil && field.dropping(place.steps.count).beginsWithKey }
        let rest = field.dropping(place.steps.count)
        guard let node = try replaced(rest, in: text, by: value, creation), let changed = text.written(with: node) else {
            return false
        }
        if let obstacle = text.obstacle {
            throw FieldPathFailure(message: "\(place) is a text with \(obstacle), which would be lost in replacing a part of it")
        }
        try budget.spend(bytes: changed.utf8.count)
        _ = try resource.node.visit(place.exact(in: resource.node), creating: nil) { node, _ in
            guard case .scalar(let old) = node else { return }
            node = .scalar(ManifestScalar(text: changed, kind: old.kind).replacing(old))
        }
        return true
    }

    /// What is in a text, with the value at the path replaced; nil where there is none.
    private func replaced(
        _ path: FieldPath, in text: StructuredText, by value: ManifestNode, _ creation: FieldPathCreation?
    ) throws -> ManifestNode? {
        guard var node = text.node() else { return nil }
        let size = value.size
        do {
            let count = try node.visit(path, creating: creation, insideText: passOver) { node, isNew in
                // As much again for what it takes to write it as a text.
                try budget.spend(values: size.values, bytes: 2 * size.bytes, steps: size.values)
                node = node.replacedInsideText(by: value, isNew: isNew)
            }
            return count > 0 ? node : nil
        } catch is FieldPathFailure {
            return nil
        }
    }

    /// The first text on the way of a path that is JSON or YAML.
    private func structuredText(on field: FieldPath, in node: ManifestNode) -> (place: FieldPath, text: StructuredText)? {
        for count in 1..<max(1, field.steps.count) {
            let place = field.prefix(count)
            guard let scalar = node[place]?.scalar, let text = StructuredText(scalar.text) else { continue }
            return (place, text)
        }
        return nil
    }

    /// What a path finds in a text that `replaceInsideText` leaves alone: Kustomize changes a copy that it never writes, so that
    /// nothing comes of it.
    func passOver(_ text: String, _ path: FieldPath, _ creation: FieldPathCreation?) throws -> Int {
        guard let text = StructuredText(text) else { throw FieldPathFailure(message: "a text on the way is no JSON or YAML") }
        try budget.spend(steps: 2 * text.size)
        if text.isNull, path.beginsWithKey { return creation == nil ? 0 : 1 }
        guard var node = text.node() else { throw FieldPathFailure(message: "a text on the way is no value of a manifest") }
        return try node.visit(path, creating: creation, insideText: passOver) { _, _ in }
    }
}

extension FieldPath {
    fileprivate var beginsWithKey: Bool { if case .key? = steps.first { true } else { false } }

    /// The path with every item that is named by a value named by its place: the first that has it.
    fileprivate func exact(in node: ManifestNode) -> FieldPath {
        var result = self
        for (number, step) in steps.enumerated() {
            guard case .item(let field, let value) = step, let list = (number == 0 ? node : node[prefix(number)])?.list,
                let index = list.firstIndex(where: {
                    (field.isEmpty ? $0 : $0[field] ?? .null).scalar?.text.hasSameBytes(as: value) == true
                })
            else { continue }
            result.replaceStep(number, by: .index(index))
        }
        return result
    }
}

extension ManifestNode {
    /// What stands inside a text once a value is written over this: a scalar keeps what it is read as.
    fileprivate func replacedInsideText(by value: ManifestNode, isNew: Bool) -> ManifestNode {
        guard case .scalar(let old) = self else { return value }
        let text = value.scalar?.text ?? ""
        var new = ManifestScalar(text: text, kind: isNew ? ScalarKind(plain: text) : old.kind)
        if isNew { new.style = .created }
        return .scalar(new)
    }
}
