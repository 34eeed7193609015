import GitOpsTypes
import YAMLEditing

extension KustomizationDecoder {
    /// The rules of a file that `replacements` names by path: a list, or one by itself.
    func replacementFile() throws(KustomizeError) -> [ReplacementRule] {
        guard file.documents.count == 1, let document = file.documents.first else {
            throw KustomizeError(
                .invalid, "a file of replacements has \(file.documents.isEmpty ? "nothing in it" : "more than one document")",
                in: path, at: file.documents.last.map(position), hint: "put them all into one list")
        }
        var rules: [ReplacementRule] = []
        for item in document.sequence ?? [document] { rules.append(try replacement(item)) }
        return rules
    }

    func replacementSource(_ node: YAMLNode) throws(KustomizeError) -> ReplacementSource {
        if let path = node["path"] {
            _ = try fields(of: node, ["path"])
            return .file(.init(text: try string(path), position: position(path)))
        }
        return .inline(try replacement(node))
    }

    private static let identityFields = ["group", "version", "kind", "name", "namespace"]

    func replacement(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule {
        let map = try fields(of: node, ["source", "targets"] + (kustomize.hasSourceValues ? ["sourceValue"] : []))
        var targets: [ReplacementRule.Target] = []
        for item in try list(required(map, "targets", node)) { targets.append(try target(item)) }
        return ReplacementRule(source: try replacementSource(map, node), targets: targets, position: position(node))
    }

    private func replacementSource(
        _ map: [String: YAMLNode], _ node: YAMLNode
    ) throws(KustomizeError) -> ReplacementRule.Source {
        if let value = map["sourceValue"] {
            guard map["source"] == nil else {
                throw KustomizeError(.invalid, "a replacement has either source or sourceValue", in: path, at: position(node))
            }
            return .value(try string(value))
        }
        let sourceNode = try required(map, "source", node)
        let source = try fields(of: sourceNode, Self.identityFields + ["fieldPath", "options"])
        return .field(
            of: try selector(source, sourceNode), at: try source["fieldPath"].map(fieldPath) ?? FieldPath.name,
            try source["options"].map(replacementOptions) ?? .init())
    }

    private func target(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Target {
        let map = try fields(of: node, ["select", "reject", "fieldPaths", "options"])
        var target = ReplacementRule.Target(
            select: try selector(required(map, "select", node)),
            options: try map["options"].map(replacementOptions) ?? .init(), position: position(node))
        for item in try map["reject"].map(list) ?? [] { target.reject.append(try selector(item)) }
        if let paths = map["fieldPaths"] {
            let items = try list(paths)
            if !items.isEmpty { target.paths = [] }
            for item in items {
                let path = try fieldPath(item)
                guard path.isComplete, !path.description.isEmpty, try !string(item).isEmpty else {
                    throw KustomizeError(
                        .invalid, "the field path “\(path)” has a step without a name", in: self.path, at: position(item),
                        hint: "write one dot between two names")
                }
                target.paths.append(path)
            }
        }
        return target
    }

    private func selector(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Selector {
        try selector(fields(of: node, Self.identityFields + ["labelSelector", "annotationSelector"]), node)
    }

    private func selector(_ map: [String: YAMLNode], _ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Selector {
        .init(
            kinds: KindSelector(
                group: try map["group"].map(string) ?? "", version: try map["version"].map(string) ?? "",
                kind: try map["kind"].map(string) ?? ""), name: try map["name"].map(string) ?? "",
            namespace: try map["namespace"].map(string) ?? "", labels: try labelSelector(map["labelSelector"]),
            annotations: try labelSelector(map["annotationSelector"]))
    }

    private func labelSelector(_ node: YAMLNode?) throws(KustomizeError) -> LabelSelector {
        guard let node else { return LabelSelector(requirements: []) }
        let text = try string(node)
        guard !text.isEmpty else { return LabelSelector(requirements: []) }
        guard let selector = LabelSelector(text) else {
            throw KustomizeError(.invalid, "“\(text)” is no label selector", in: path, at: position(node), hint: "write a=b,c!=d")
        }
        return selector
    }

    func fieldPath(_ node: YAMLNode) throws(KustomizeError) -> FieldPath {
        let text = try string(node)
        if text.isEmpty { return FieldPath.name }
        guard let path = FieldPath(text) else {
            throw KustomizeError(
                .invalid, "“\(String(text.prefix(100)))” is no field path, or has more than \(RenderBudget.maximumPath) steps",
                in: path,
                at: position(node), hint: "write spec.template.spec")
        }
        return path
    }

    private func replacementOptions(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Options {
        let map = try fields(of: node, ["delimiter", "index", "create", "encoding"])
        if let encoding = map["encoding"] {
            throw KustomizeError(
                .unsupported, "encoding is not carried out by Kustomize v5.5 either", in: path, at: position(encoding),
                hint: "write the value out")
        }
        return .init(
            delimiter: try map["delimiter"].map(string), index: try map["index"].map(integer) ?? 0,
            create: try map["create"].map(bool) ?? false)
    }
}
