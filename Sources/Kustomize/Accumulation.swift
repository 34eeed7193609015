import GitOpsTypes
import YAMLEditing

/// What a kustomization and everything it builds on come to, before names are final and references follow them.
struct Accumulation {
    private let kustomize: KustomizeVersion
    var resources = ResourceList()
    /// How many values there are in the resources, at most.
    var values = 0
    /// Nil as long as no kustomization has added to it.
    private var knownConfiguration: TransformerConfiguration?
    private(set) var variables: [Variable] = []
    private var variableNames: Set<String> = []

    init(of kustomize: KustomizeVersion) {
        self.kustomize = kustomize
    }

    /// Adds resources that must be new.
    mutating func append(_ new: [Resource], by place: KustomizationPlace) throws(KustomizeError) {
        for resource in new {
            guard !resources.contains(resource.id) else {
                throw KustomizeError(
                    .conflict, "\(resource.id) is given twice (again in \(resource.origin))", in: place.path, hint: "list it once"
                )
            }
            resources.append(resource)
        }
    }

    /// Takes over what a base knows besides its resources.
    mutating func inherit(from base: Accumulation, by place: KustomizationPlace) throws(KustomizeError) {
        try merge(base.configuration, by: place)
        for variable in base.variables { try add(variable, by: place) }
    }

    var configuration: TransformerConfiguration { knownConfiguration ?? .standard(of: kustomize) }

    /// Adds the fields that every kustomization knows, with those that its `configurations` add.
    mutating func configure(_ additions: [TransformerConfiguration], by place: KustomizationPlace) throws(KustomizeError) {
        var own = TransformerConfiguration.standard(of: kustomize)
        if !additions.isEmpty {
            var custom = TransformerConfiguration()
            for addition in additions { try Self.merge(addition, into: &custom, by: place) }
            try Self.merge(custom, into: &own, by: place)
        }
        try merge(own, by: place)
    }

    /// About the work of merging a configuration into what is known.
    func steps(ofMerging other: TransformerConfiguration) -> Int {
        other.isStandard && knownConfiguration?.isStandard ?? true ? 0 : other.fieldCount * configuration.fieldCount / 16
    }

    mutating func merge(_ other: TransformerConfiguration, by place: KustomizationPlace) throws(KustomizeError) {
        if other.isStandard, knownConfiguration?.isStandard ?? true {
            knownConfiguration = other
        } else {
            var merged = knownConfiguration ?? TransformerConfiguration()
            try Self.merge(other, into: &merged, by: place)
            knownConfiguration = merged
        }
    }

    private static func merge(
        _ other: TransformerConfiguration, into configuration: inout TransformerConfiguration, by place: KustomizationPlace
    ) throws(KustomizeError) {
        do {
            try configuration.merge(other)
        } catch {
            throw KustomizeError(.conflict, error.message, in: place.path, hint: "make the two configurations agree")
        }
    }

    /// Adds the variables of a kustomization, and notes which objects give their values.
    mutating func define(_ new: [Variable], by place: KustomizationPlace) throws(KustomizeError) {
        for variable in new {
            let kind = GroupVersionKind(
                group: variable.kind.group, version: variable.kind.version, kind: variable.kind.kind)
            let wanted = ResourceID(kind: kind, name: variable.objectName, namespace: variable.namespace)
            let anyNamespace = variable.namespace.isEmpty && !kind.isClusterScoped
            let matches = resources.positions(named: variable.objectName).filter { index in
                (resources[index].previousIDs + [resources[index].id]).contains { id in
                    anyNamespace ? id.kind == wanted.kind && id.name == wanted.name : id == wanted
                }
            }
            guard matches.count <= 1 else {
                throw KustomizeError(
                    .conflict, "vars: \(matches.count) objects could be meant by \(variable.name)", in: place.path,
                    at: variable.position, hint: "give the namespace")
            }
            if let index = matches.first { resources.change(index) { $0.variables.append(variable.name) } }
            try add(variable, by: place)
        }
    }

    private mutating func add(_ variable: Variable, by place: KustomizationPlace) throws(KustomizeError) {
        guard variableNames.insert(variable.name).inserted else {
            throw KustomizeError(
                .conflict, "vars: \(variable.name) is defined twice", in: place.path, at: variable.position,
                hint: "rename one of them")
        }
        variables.append(variable)
    }

    /// The values of all variables, from the objects as they are now.
    func variableValues(in path: RepositoryPath) throws(KustomizeError) -> [String: ManifestScalar] {
        var values: [String: ManifestScalar] = [:]
        guard !variables.isEmpty else { return values }
        var sources: [String: Resource] = [:]
        for resource in resources.all {
            for name in resource.variables where sources[name] == nil { sources[name] = resource }
        }
        for variable in variables {
            guard let resource = sources[variable.name] else {
                throw KustomizeError(
                    .conflict, "vars: no object is the one that \(variable.name) is taken from", in: path,
                    hint: "correct its objref")
            }
            guard let value = resource.node[variable.fieldPath] else {
                throw KustomizeError(
                    .conflict, "vars: \(resource.id) has no field \(variable.fieldPath), which \(variable.name) is taken from",
                    in: path, hint: "correct its fieldref")
            }
            // Kustomize leaves $(NAME) alone where the value is no scalar.
            guard let scalar = value.scalar else { continue }
            guard let value = scalar.asVariable else {
                throw KustomizeError(
                    .conflict, "vars: \(variable.name) is taken from “\(scalar.text)”, which is no decimal number", in: path,
                    at: variable.position, hint: "quote it, or write it in decimal")
            }
            values[variable.name] = value
        }
        return values
    }

    /// Adds what a generator made, or merges it into what is there.
    mutating func absorb(
        _ generated: Resource, _ behavior: GeneratorBehavior, by place: KustomizationPlace, at position: SourcePosition?
    ) throws(KustomizeError) {
        let matches = resources.positions(of: generated.id).filter { resources[$0].hasID(generated.id) }
        func error(_ message: String, _ hint: String) -> KustomizeError {
            KustomizeError(.conflict, message, in: place.path, at: position, hint: hint)
        }
        guard matches.count <= 1 else { throw error("more than one object could be \(generated.id)", "rename it") }
        switch (behavior, matches.first) {
        case (.create, nil): resources.append(generated)
        case (.create, _?): throw error("\(generated.id) exists already", "use behavior: merge or behavior: replace")
        case (_, nil): throw error("there is no \(generated.id) to \(behavior.rawValue)", "use behavior: create")
        case (.merge, let index?): resources.change(index) { $0.absorb(generated, keepingData: true) }
        case (.replace, let index?): resources.change(index) { $0.absorb(generated, keepingData: false) }
        }
    }
}

extension Resource {
    /// Becomes what a later generator makes of the same object: its fields, with labels and annotations on top of the present
    /// ones, and the present data below where it is to be kept.
    fileprivate mutating func absorb(_ other: Resource, keepingData: Bool) {
        guard case .map(var map) = other.node, case .map(var metadata)? = map["metadata"] else { return }
        let source = annotation(BuildNotes.originKey)
        for field in ["labels", "annotations"] {
            let merged = Self.merged(node.take(["metadata", field]), metadata[field])
            metadata[field] = merged.isEmpty ? nil : .map(merged)
        }
        metadata["name"] = .string(name)
        metadata["namespace"] = node["metadata"]?["namespace"]
        map["metadata"] = .map(metadata)
        if keepingData {
            for field in ["data", "binaryData"] {
                let merged = Self.merged(node.take([field]), map[field])
                map[field] = merged.isEmpty ? nil : .map(merged)
            }
        }
        node = .map(map)
        // What is merged into an object comes from where the object came from.
        if keepingData, let source { setAnnotation(BuildNotes.originKey, source) }
        needsHash = needsHash && other.needsHash
    }

    private static func merged(_ old: consuming ManifestMap, _ new: ManifestNode?) -> ManifestMap {
        var result = ManifestMap(old.entries)
        for index in result.entries.indices where !result.entries[index].value.isPlainText {
            result.entries[index].value = result.entries[index].value.asText
        }
        let additions = new?.map?.entries ?? []
        // One is looked for faster than all are listed.
        var positions: [ByteText: Int]?
        if additions.count > 4 {
            positions = Dictionary(result.entries.indices.map { (ByteText(result.entries[$0].key), $0) }) { first, _ in first }
        }
        for entry in additions {
            if let known = positions.map({ $0[ByteText(entry.key)] }) ?? result.index(of: entry.key) {
                result.entries[known].value = entry.value.asText
            } else {
                positions?[ByteText(entry.key)] = result.entries.count
                result.entries.append(.init(key: entry.key, value: entry.value.asText))
            }
        }
        return result
    }
}

extension ManifestNode {
    /// The text of a scalar, as a text; an empty one for anything else.
    fileprivate var asText: ManifestNode { .string(scalar?.text ?? "") }

    /// Whether it is `asText` already.
    fileprivate var isPlainText: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.kind == .string && scalar.share == 0 && scalar.style == .plain
    }

    /// The mapping at a path, which is empty from then on; an empty one where there is none.
    fileprivate mutating func take(_ path: [String]) -> ManifestMap {
        var taken = ManifestMap()
        modify(at: path[...]) { node in
            guard case .map(let map) = node else { return }
            taken = map
            node = .null
        }
        return taken
    }
}

extension ManifestScalar {
    /// The value as it is put into other fields; nil for a number that is not decimal, or too large.
    fileprivate var asVariable: ManifestScalar? {
        switch kind {
        case .string: return ManifestScalar(text: text, kind: .string)
        case .null: return ManifestScalar(text: text, kind: .string)
        case .timestamp: return ManifestScalar(text: text, kind: .string)
        case .bool: return ManifestScalar(text: text.lowercased(), kind: .bool)
        case .int: return Int(text).map { ManifestScalar(text: String($0), kind: .int) }
        case .float:
            guard let value = Double(text), value.isFinite else { return nil }
            return ManifestScalar(text: ManifestNumber(text).printedAsGoValue, kind: .float)
        }
    }
}
