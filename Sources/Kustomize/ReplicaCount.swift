import YAMLEditing

/// Source: behaviour of Kustomize's ReplicaCountTransformer.
extension ResourceList {
    /// - Throws: `TransformerFailure` when no object of a kind with replicas has that name.
    mutating func setReplicas(_ rule: Kustomization.ReplicaRule, at specs: [FieldSpec], _ budget: RenderBudget) throws {
        var found = false
        for position in positions(named: rule.name) {
            try budget.spend(steps: specs.count)
            let resource = self[position]
            let ids = resource.previousIDs + [resource.id]
            for spec in specs where ids.contains(where: { $0.name == rule.name && spec.kinds.matches($0.kind) }) {
                found = true
                try change(position) { resource in
                    try resource.change { try $0.setReplicas(rule.count, at: spec) }
                }
            }
        }
        guard found else {
            throw TransformerFailure(
                "replicas names “\(rule.name)”, and no \(Self.listed(specs.map(\.kinds.kind))) has that name",
                hint: "correct the name or remove the entry")
        }
    }

    private static func listed(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "object" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

extension Resource {
    fileprivate mutating func setReplicas(_ count: Int, at spec: FieldSpec) throws {
        try visit(spec, creating: .scalar) { node in
            guard let old = node.scalar else { throw FieldFailure(message: "\(spec.path) is no number") }
            node = .scalar(ManifestScalar(text: String(count), kind: .int).replacing(old))
        }
    }
}
