/// What is known word by word of resources that are looked for; what is not given may be anything.
struct ResourceQuery {
    enum Name {
        /// One that they have or have had.
        case exactly(String)
        case beginning(with: String)
    }

    struct Label: Hashable, Sendable {
        let key: String
        let value: String
    }

    var name: Name?
    /// `default` for those that have none.
    var namespace: String?
    var kind: String?
    var label: Label?
}

extension ResourceQuery {
    /// What a selector of names and kinds asks for where all of its words are literal.
    init(_ selector: ReplacementRule.Selector) {
        self.init()
        if !selector.name.isEmpty { name = .exactly(selector.name) }
        if !selector.namespace.isEmpty { namespace = selector.namespace }
        if !selector.kinds.kind.isEmpty { kind = selector.kinds.kind }
        label = selector.labels.label
    }
}

extension LabelSelector {
    /// A label that every object has that matches.
    var label: ResourceQuery.Label? {
        for case .isIn(let key, let values) in requirements where values.count == 1 {
            return ResourceQuery.Label(key: key, value: values[0])
        }
        return nil
    }
}

extension ManifestNode {
    /// The labels of an object that are texts or other scalars.
    var labels: [ResourceQuery.Label] {
        (self["metadata"]?["labels"]?.map?.entries ?? []).compactMap { entry in
            entry.value.scalar.map { ResourceQuery.Label(key: entry.key, value: $0.text) }
        }
    }
}
