import YAMLEditing

/// An entry of `vars`: a field of an object, whose value takes the place of `$(NAME)` in others.
struct Variable: Sendable {
    var name: String
    var kind: KindSelector
    var objectName: String
    var namespace: String
    var fieldPath: FieldPath
    var position: SourcePosition
}

/// Puts the values of variables where `$(NAME)` stands.
///
/// Source: behaviour of Kustomize v5.5's `vars`: `$$` is a dollar sign, an unknown name stays as it is, and a text that is
/// nothing but `$(NAME)` takes over the value's type.
struct VariableExpansion {
    let values: [String: ManifestScalar]
    let budget: RenderBudget

    func apply(to resources: inout [Resource], at specs: [FieldSpec]) throws {
        guard !values.isEmpty else { return }
        try budget.spend(steps: resources.count * specs.count)
        try resources.changeEach { resource in
            for spec in specs { try resource.visit(spec) { try expand(&$0, at: spec) } }
            resource.updateKind()
            resource.shared.noteChange()
            resource.settleSharedValues()
        }
    }

    private func expand(_ node: inout ManifestNode, at spec: FieldSpec) throws {
        switch node {
        case .scalar: node = try expanded(node)
        case .list(var items):
            guard items.allSatisfy(\.isTextInList) else {
                throw FieldFailure(message: "\(spec.path) is no list of texts")
            }
            for index in items.indices { items[index] = try expanded(items[index]) }
            node = .list(items)
        case .map(var map):
            for index in map.entries.indices { map.entries[index].value = try expanded(map.entries[index].value) }
            node = .map(map)
        }
    }

    private func expanded(_ node: ManifestNode) throws(KustomizeError) -> ManifestNode {
        guard var old = node.scalar else { return node }
        if old.style == .created {
            // From here on it is a text, whatever it looks like.
            old.kind = .string
            old.style = .plain
        }
        guard old.kind == .string, case let text = old.text, text.utf8.contains(UInt8(ascii: "$")) else { return .scalar(old) }
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "$"):
                result.append(UInt8(ascii: "$"))
                index += 2
            case UInt8(ascii: "("):
                guard let end = bytes[(index + 2)...].firstIndex(of: UInt8(ascii: ")")) else {
                    result += Array("$(".utf8)
                    index += 2
                    continue
                }
                let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
                let reference = bytes[index...end]
                if let value = values[name] {
                    if reference.count == bytes.count {
                        guard value.kind != .string else { return .scalar(value.replacing(old)) }
                        var typed = value
                        typed.share = old.share
                        return .scalar(typed)
                    }
                    try budget.spend(bytes: value.text.utf8.count, steps: 1)
                    result += Array(value.text.utf8)
                } else {
                    result += reference
                }
                index = end + 1
            default:
                result += bytes[index...(index + 1)]
                index += 2
            }
        }
        return .scalar(ManifestScalar(text: String(decoding: result, as: UTF8.self), kind: .string).replacing(old))
    }
}

extension ManifestNode {
    /// Whether Kustomize takes it for a text in a list of them.
    fileprivate var isTextInList: Bool {
        guard let scalar else { return false }
        return scalar.kind == .string && scalar.style != .mergeKey || scalar.style == .created
    }
}
