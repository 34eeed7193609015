import GitOpsTypes
import YAMLEditing

/// `vars`, `openapi`, `sortOptions`, `buildMetadata`, and the files that `configurations` and `crds` name.
extension KustomizationDecoder {
    func variable(_ node: YAMLNode) throws(KustomizeError) -> Variable {
        let map = try fields(of: node, ["name", "objref", "fieldref"])
        let object = try fields(
            of: required(map, "objref", node), ["apiVersion", "group", "version", "kind", "name", "namespace"])
        var kind = KindSelector(
            group: try object["group"].map(string) ?? "", version: try object["version"].map(string) ?? "",
            kind: try object["kind"].map(string) ?? "")
        if let text = try object["apiVersion"].map(string), !text.isEmpty {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { kind.group = parts[0] }
            if parts.count <= 2 { kind.version = parts[parts.count - 1] }
        }
        var path = FieldPath.name
        if let reference = map["fieldref"], let node = try fields(of: reference, ["fieldPath"])["fieldPath"] {
            path = try fieldPath(node).withIndexes
        }
        return Variable(
            name: try string(required(map, "name", node)), kind: kind, objectName: try object["name"].map(string) ?? "",
            namespace: try object["namespace"].map(string) ?? "", fieldPath: path, position: position(node))
    }

    func openAPI(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.OpenAPI {
        var result = Kustomization.OpenAPI(position: position(node))
        // Kustomize passes over any other key.
        for entry in try map(node) where !entry.value.isNull {
            switch entry.key.scalar?.text {
            case "path": result.path = .init(text: try string(entry.value), position: position(entry.value))
            case "version": result.version = try string(entry.value)
            default: _ = try string(entry.value)
            }
        }
        return result
    }

    func order(_ node: YAMLNode) throws(KustomizeError) -> ResourceOrder {
        let map = try fields(of: node, ["order", "legacySortOptions"])
        let kind = try map["order"].map(string) ?? ""
        switch (kind, map["legacySortOptions"]) {
        case ("fifo", nil): return .asRead
        case ("fifo", let options?):
            throw KustomizeError(
                .invalid, "legacySortOptions are for order: legacy", in: path, at: position(options), hint: "remove them")
        case ("legacy", nil): return .standard
        case ("legacy", let options?):
            let map = try fields(of: options, ["orderFirst", "orderLast"])
            return .byKind(
                first: try map["orderFirst"].map(references)?.map(\.text) ?? [],
                last: try map["orderLast"].map(references)?.map(\.text) ?? [])
        default:
            throw KustomizeError(.invalid, "order is fifo or legacy", in: path, at: position(map["order"] ?? node))
        }
    }

    func buildMetadata(_ node: YAMLNode) throws(KustomizeError) -> Set<BuildMetadata> {
        var result: Set<BuildMetadata> = []
        for item in try list(node) {
            // Kustomize passes over words it does not know.
            guard let known = BuildMetadata(rawValue: try string(item)) else { continue }
            result.insert(known)
        }
        return result
    }

    // MARK: Field specs

    func fieldSpecs(_ node: YAMLNode) throws(KustomizeError) -> [FieldSpec] {
        var result: [FieldSpec] = []
        for item in try list(node) {
            let map = try fields(of: item, ["group", "version", "kind", "path", "create"])
            let path = try map["path"].map(string) ?? ""
            guard !path.isEmpty else {
                throw KustomizeError(
                    .invalid, "a field has no path", in: self.path, at: position(item), hint: "write path: spec/x")
            }
            try requirePath(path, item)
            result.append(FieldSpec(path, kinds: try kinds(map), create: try map["create"].map(bool) ?? false))
        }
        return result
    }

    /// That a path which may make what is missing on its way is no deeper than a value may be.
    func requirePath(_ text: String, _ node: YAMLNode) throws(KustomizeError) {
        guard FieldSpec.split(text).count > RenderBudget.maximumPath else { return }
        throw KustomizeError(
            .limit, "the path has more than \(RenderBudget.maximumPath) steps", in: path, at: position(node),
            hint: "name a field that an object has")
    }

    private func kinds(_ map: [String: YAMLNode]) throws(KustomizeError) -> KindSelector {
        KindSelector(
            group: try map["group"].map(string) ?? "", version: try map["version"].map(string) ?? "",
            kind: try map["kind"].map(string) ?? "")
    }

    /// A file that `configurations` names.
    func transformerConfiguration() throws(KustomizeError) -> TransformerConfiguration {
        var result = TransformerConfiguration()
        guard let root = file.documents.first, !root.isNull else { return result }
        let names = TransformerConfiguration.fieldSpecLists.map(\.name)
        let map = try fields(of: root, names + ["nameReference"])
        for (name, list) in TransformerConfiguration.fieldSpecLists {
            if let node = map[name] { result[keyPath: list] = try fieldSpecs(node) }
        }
        for item in try map["nameReference"].map(list) ?? [] {
            let map = try fields(of: item, ["group", "version", "kind", "fieldSpecs"])
            result.nameReferences.append(
                NameReference(target: try kinds(map), referrers: try map["fieldSpecs"].map(fieldSpecs) ?? []))
        }
        return result
    }

    // MARK: Custom resources

    /// A file that `crds` names: OpenAPI definitions whose extensions say which fields name other objects, and which hold
    /// labels, annotations or names.
    ///
    /// Source: Kustomize v5.5's documentation of `crds`.
    func customResourceConfiguration(_ budget: RenderBudget) throws(KustomizeError) -> TransformerConfiguration {
        var result = TransformerConfiguration()
        guard let root = file.documents.first, !root.isNull else { return result }
        for entry in try map(root) {
            guard entry.value.mapping != nil else {
                throw KustomizeError(
                    .invalid, "a file of crds has type definitions", in: path, at: position(entry.value),
                    hint: "name OpenAPI definitions, and list a CustomResourceDefinition under resources")
            }
            let properties = entry.value.field("schema")?.field("properties")
            guard let name = entry.key.scalar?.text,
                ["kind", "apiVersion", "metadata"].allSatisfy({ properties?[$0] != nil })
            else { continue }
            let kind = name.split(separator: ".").last.map(String.init) ?? name
            try collectFields(of: name, in: root, kind: kind, at: [], ancestors: [], into: &result, budget)
        }
        return result
    }

    private func collectFields(
        of type: String, in root: YAMLNode, kind: String, at path: [String], ancestors: Set<String>,
        into result: inout TransformerConfiguration, _ budget: RenderBudget
    ) throws(KustomizeError) {
        guard path.count < RenderBudget.maximumPath else {
            throw KustomizeError(
                .limit, "the type \(type) is nested more than \(RenderBudget.maximumPath) levels deep", in: self.path,
                hint: "take it out of the definitions")
        }
        try budget.spend(steps: root.mapping?.count ?? 0)
        // A type that contains itself would go on for ever.
        guard !ancestors.contains(type), let properties = root[type]?.field("schema")?.field("properties")?.mapping else {
            return
        }
        for property in properties.sorted(by: { ($0.key.scalar?.text ?? "") < ($1.key.scalar?.text ?? "") }) {
            guard let name = property.key.scalar?.text else { continue }
            let path = path + [name]
            // Types that have each other more than once are many more fields than definitions.
            try budget.spend(values: path.count, steps: 10)
            let spec = FieldSpec(path.joined(separator: "/"), kind: kind)
            if property.value["x-kubernetes-annotation"] != nil { result.commonAnnotations.append(spec) }
            if property.value["x-kubernetes-label-selector"] != nil { result.commonLabels.append(spec) }
            if property.value["x-kubernetes-identity"] != nil { result.namePrefix.append(spec) }
            if let version = property.value["x-kubernetes-object-ref-api-version"]?.scalar?.text,
                let target = property.value["x-kubernetes-object-ref-kind"]?.scalar?.text
            {
                let key = property.value["x-kubernetes-object-ref-name-key"]?.scalar?.text ?? "name"
                result.nameReferences.append(
                    NameReference(
                        target: KindSelector(version: version, kind: target),
                        referrers: [FieldSpec((path + [key]).joined(separator: "/"), kind: kind)]))
            }
            if let reference = property.value["$ref"]?.scalar?.text {
                try collectFields(
                    of: reference, in: root, kind: kind, at: path, ancestors: ancestors.union([type]), into: &result, budget)
            }
        }
    }

    // MARK: OpenAPI

    /// A file that `openapi` names: the merge keys of the kinds that its definitions describe.
    func mergeSchema() throws(KustomizeError) -> MergeSchema {
        var types: [String: MergeSchema.ObjectType] = [:]
        var roots: [GroupVersionKind: String] = [:]
        guard let root = file.documents.first, root.mapping != nil else {
            throw KustomizeError(.invalid, "the file is no OpenAPI schema", in: path)
        }
        for entry in root["definitions"]?.mapping ?? [] {
            guard let name = entry.key.scalar?.text else { continue }
            types[name] = Self.objectType(entry.value, name, &types)
            for kind in entry.value["x-kubernetes-group-version-kind"]?.sequence ?? [] {
                let id = GroupVersionKind(
                    group: kind["group"]?.scalar?.text ?? "", version: kind["version"]?.scalar?.text ?? "",
                    kind: kind["kind"]?.scalar?.text ?? "")
                roots[id] = name
            }
        }
        return MergeSchema(types: types, roots: roots)
    }

    private static func objectType(
        _ node: YAMLNode, _ name: String, _ types: inout [String: MergeSchema.ObjectType]
    ) -> MergeSchema.ObjectType {
        var result = MergeSchema.ObjectType()
        for property in node["properties"]?.mapping ?? [] {
            guard let key = property.key.scalar?.text else { continue }
            result.fields[key] = field(property.value, "\(name)/\(key)", &types)
        }
        if let values = node["additionalProperties"], values.mapping != nil { result.values = field(values, "\(name)/*", &types) }
        return result
    }

    /// - Parameter name: what a type is called that is described in place.
    private static func field(
        _ node: YAMLNode, _ name: String, _ types: inout [String: MergeSchema.ObjectType]
    ) -> MergeSchema.Field? {
        if let reference = node["$ref"]?.scalar?.text { return .object(type: typeName(reference)) }
        if node["type"]?.scalar?.text == "array" {
            let strategies = node["x-kubernetes-patch-strategy"]?.scalar?.text.split(separator: ",") ?? []
            guard strategies.contains("merge") else { return nil }
            let key = node["x-kubernetes-patch-merge-key"]?.scalar?.text
            let keys = node["x-kubernetes-list-map-keys"]?.sequence?.compactMap { $0.scalar?.text } ?? key.map { [$0] } ?? []
            var item: String?
            if let items = node["items"], case .object(let type)? = field(items, name, &types) { item = type }
            return .list(keys: keys, type: item)
        }
        guard node["properties"] != nil || node["additionalProperties"] != nil else { return nil }
        types[name] = objectType(node, name, &types)
        return .object(type: name)
    }

    private static func typeName(_ reference: String) -> String {
        reference.split(separator: "/").last.map(String.init) ?? reference
    }
}

extension YAMLNode {
    /// The value of `key`, whatever the case of its letters.
    fileprivate func field(_ key: String) -> YAMLNode? {
        mapping?.first { $0.key.scalar?.text.lowercased() == key }?.value
    }
}
