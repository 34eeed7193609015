import GitOpsTypes
import YAMLEditing

extension KustomizationDecoder {
    /// The rules of a file that `replacements` names by path: a list, or one by itself.
    func replacementFile() throws(KustomizeError) -> [ReplacementRule] {
        var rules: [ReplacementRule] = []
        for document in file.documents {
            for item in document.sequence ?? [document] { rules.append(try replacement(item)) }
        }
        return rules
    }

    func replacementSource(_ node: YAMLNode) throws(KustomizeError) -> ReplacementSource {
        if let path = node["path"] {
            _ = try fields(of: node, ["path"])
            return .file(.init(text: try string(path), position: position(path)))
        }
        return .inline(try replacement(node))
    }

    private func replacement(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule {
        let map = try fields(of: node, ["source", "targets"])
        let sourceNode = try required(map, "source", node)
        let source = try fields(
            of: sourceNode, ["group", "version", "kind", "name", "namespace", "fieldPath", "options"])
        var targets: [ReplacementRule.Target] = []
        for item in try list(required(map, "targets", node)) { targets.append(try target(item)) }
        return ReplacementRule(
            source: try selector(source), sourcePath: try source["fieldPath"].map(fieldPath) ?? FieldPath.name,
            sourceOptions: try source["options"].map(replacementOptions) ?? .init(), targets: targets, position: position(node))
    }

    private func target(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Target {
        let map = try fields(of: node, ["select", "reject", "fieldPaths", "options"])
        let select = try required(map, "select", node)
        var target = ReplacementRule.Target(
            select: try selector(try fields(of: select, ["group", "version", "kind", "name", "namespace"])),
            options: try map["options"].map(replacementOptions) ?? .init(), position: position(node))
        if let reject = map["reject"] {
            for item in try list(reject) {
                target.reject.append(try selector(try fields(of: item, ["group", "version", "kind", "name", "namespace"])))
            }
        }
        if let paths = map["fieldPaths"] {
            target.paths = []
            for item in try list(paths) { target.paths.append(try fieldPath(item)) }
        }
        return target
    }

    private func selector(_ map: [String: YAMLNode]) throws(KustomizeError) -> ReplacementRule.Selector {
        .init(
            group: try map["group"].map(string), version: try map["version"].map(string), kind: try map["kind"].map(string),
            name: try map["name"].map(string), namespace: try map["namespace"].map(string))
    }

    private func fieldPath(_ node: YAMLNode) throws(KustomizeError) -> FieldPath {
        let text = try string(node)
        guard let path = FieldPath(text) else {
            throw KustomizeError(
                .invalid, "“\(text)” is no field path", in: path, at: position(node), hint: "write spec.template.spec")
        }
        return path
    }

    private func replacementOptions(_ node: YAMLNode) throws(KustomizeError) -> ReplacementRule.Options {
        let map = try fields(of: node, ["delimiter", "index", "create", "encoding"])
        if let encoding = map["encoding"] { throw unsupported("encoding", encoding, "write the value out") }
        return .init(
            delimiter: try map["delimiter"].map(string), index: try map["index"].map(integer) ?? 0,
            create: try map["create"].map(bool) ?? false)
    }
}
