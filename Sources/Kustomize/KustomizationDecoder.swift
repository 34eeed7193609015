import GitOpsTypes
import YAMLEditing

/// Reads a kustomization strictly: an unknown field is an error with a suggestion, and so is a known one that this
/// renderer does not carry out.
struct KustomizationDecoder {
    let file: YAMLFile
    let path: RepositoryPath
    let kustomize: KustomizeVersion

    /// What is no error in the configurations of plugins.
    enum Tolerance {
        case none
        /// They are passed over.
        case unknownFields
        /// The ones are passed over, and the others converted.
        case unknownFieldsAndWrongTypes
    }

    var tolerance = Tolerance.none

    /// Fields of Kustomize that would change the output and that cannot be carried out here.
    static let unsupportedFields: [String: String] = [
        "validators": "run the validator on the output of promote render",
        "inventory": "remove it",
    ]

    static let fields = [
        "apiVersion", "kind", "metadata", "resources", "components", "replacements", "bases", "namespace", "namePrefix",
        "nameSuffix", "labels", "commonLabels", "commonAnnotations", "images", "imageTags", "replicas", "patches",
        "patchesStrategicMerge", "patchesJson6902", "configMapGenerator", "secretGenerator", "generatorOptions", "vars",
        "configurations", "crds", "openapi", "generators", "transformers", "sortOptions", "buildMetadata",
        "helmCharts", "helmGlobals", "helmChartInflationGenerator",
    ]

    /// - Parameter repeatedKeys: whether the last of two fields of one name counts. Kustomize refuses them in what is no kustomization.
    init(
        _ bytes: [UInt8], path: RepositoryPath, as kustomize: KustomizeVersion = .standard,
        repeatedKeys: YAMLFile.RepeatedKeys = .replace
    ) throws(KustomizeError) {
        self.path = path
        self.kustomize = kustomize
        do {
            file = try YAMLFile(bytes, repeatedKeys: repeatedKeys)
        } catch {
            throw KustomizeError(.invalid, error.message, in: path, at: error.position)
        }
    }

    func kustomization() throws(KustomizeError) -> Kustomization {
        // Kustomize reads the first document, and passes over any other.
        var result = Kustomization(path: path)
        guard let root = file.documents.first else {
            throw KustomizeError(.invalid, "the kustomization is empty", in: path, hint: "list manifests under resources:")
        }
        let entries = try map(root)
        var isEmpty = true
        for entry in entries {
            let field = Self.canonical(entry.key.scalar?.text ?? "", among: Self.fields)
            guard !entry.value.isNull else {
                guard Self.fields.contains(field) || Self.unsupportedFields[field] != nil else {
                    throw unknown(field, entry.key)
                }
                continue
            }
            if field != "apiVersion", field != "kind" { isEmpty = false }
            try decode(field, entry, into: &result)
        }
        try requireVersion(of: result, root)
        guard !isEmpty else {
            throw KustomizeError(.invalid, "the kustomization is empty", in: path, hint: "list manifests under resources:")
        }
        return result
    }

    private func requireVersion(of kustomization: Kustomization, _ root: YAMLNode) throws(KustomizeError) {
        guard let node = root["apiVersion"], !node.isNull, let version = node.scalar?.text, !version.isEmpty else { return }
        let expected = kustomization.kind == .component ? "v1alpha1" : "v1beta1"
        guard version == "kustomize.config.k8s.io/\(expected)" else {
            throw KustomizeError(
                .invalid, "apiVersion is “\(version)”", in: path, at: position(node),
                hint: "write kustomize.config.k8s.io/\(expected)")
        }
    }

    private func decode(_ field: String, _ entry: YAMLEntry, into result: inout Kustomization) throws(KustomizeError) {
        let value = entry.value
        switch field {
        case "apiVersion": _ = try string(value)
        case "metadata": _ = try map(value)
        case "kind":
            switch try string(value) {
            case "Kustomization": result.kind = .kustomization
            case "Component": result.kind = .component
            case "": break
            case let other:
                throw KustomizeError(.invalid, "kind is “\(other)”", in: path, at: position(value), hint: "write Kustomization")
            }
        case "resources": result.resources = try references(value) + result.resources
        case "bases": result.resources += try references(value)
        case "components": result.components = try references(value)
        case "replacements": for item in try list(value) { result.replacements.append(try replacementSource(item)) }
        case "namespace": result.namespace = try string(value)
        case "namePrefix": result.namePrefix = try string(value)
        case "nameSuffix": result.nameSuffix = try string(value)
        case "labels": for item in try list(value) { result.labels.append(try labelRule(item)) }
        case "commonLabels": result.commonLabels = try pairs(value)
        case "commonAnnotations": result.commonAnnotations = try pairs(value)
        case "images": result.images = try images(value) + result.images
        case "imageTags": result.images += try images(value)
        case "replicas": for item in try list(value) { result.replicas.append(try replica(item)) }
        case "patches": for item in try list(value) { result.patches.append(try patch(item)) }
        case "patchesStrategicMerge": result.strategicMergePatches = try references(value).map(Self.strategicMergePatch)
        case "patchesJson6902": for item in try list(value) { result.jsonPatches.append(try patch(item)) }
        case "configMapGenerator": for item in try list(value) { result.configMapGenerator.append(try generator(item)) }
        case "secretGenerator": for item in try list(value) { result.secretGenerator.append(try generator(item, ["type"])) }
        case "generatorOptions": result.generatorOptions = try options(value)
        case "vars": for item in try list(value) { result.variables.append(try variable(item)) }
        case "configurations": result.configurations = try references(value)
        case "crds": result.customResources = try references(value)
        case "openapi": result.openAPI = try openAPI(value)
        case "generators": result.generators = try references(value)
        case "transformers": result.transformers = try references(value)
        case "sortOptions": result.order = try order(value)
        case "buildMetadata": result.buildMetadata = try buildMetadata(value)
        case "helmGlobals": result.helmGlobals = try helmGlobals(value)
        case "helmCharts": result.helmCharts = try helmCharts(value) + result.helmCharts
        case "helmChartInflationGenerator":
            let (charts, globals) = try olderHelmCharts(value)
            result.helmCharts += charts
            result.helmGlobals = result.helmGlobals ?? globals
        case "validators":
            if let item = try list(value).first { throw unsupported(field, item) }
        default: throw unknown(field, entry.key)
        }
    }

    private func labelRule(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.LabelRule {
        let map = try fields(of: node, ["pairs", "includeSelectors", "includeTemplates", "fields"])
        return .init(
            pairs: try map["pairs"].map(pairs) ?? [], includeSelectors: try map["includeSelectors"].map(bool) ?? false,
            includeTemplates: try map["includeTemplates"].map(bool) ?? false,
            fields: try map["fields"].map(fieldSpecs) ?? [], position: position(node))
    }

    private func images(_ node: YAMLNode) throws(KustomizeError) -> [Kustomization.ImageRule] {
        var result: [Kustomization.ImageRule] = []
        for item in try list(node) { result.append(try image(item)) }
        return result
    }

    func image(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.ImageRule {
        let map = try fields(of: node, ["name", "newName", "newTag", "digest", "tagSuffix"])
        func text(_ key: String) throws(KustomizeError) -> String? {
            guard let node = map[key] else { return nil }
            let text = try string(node)
            return text.isEmpty ? nil : text
        }
        return .init(
            name: try text("name") ?? "", newName: try text("newName"), newTag: try text("newTag"), digest: try text("digest"),
            tagSuffix: try text("tagSuffix"))
    }

    func replica(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.ReplicaRule {
        let map = try fields(of: node, ["name", "count"])
        return .init(
            name: try string(required(map, "name", node)), count: try map["count"].map(integer) ?? 0, position: position(node))
    }

    static func strategicMergePatch(_ reference: Kustomization.Reference) -> Kustomization.PatchRule {
        let source: Kustomization.PatchRule.Source =
            reference.isInline || reference.text.isNothingButComments ? .inline(reference.text) : .file(reference)
        return .init(source: source, isFromStrategicMergeField: true, position: reference.position)
    }

    func patch(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.PatchRule {
        let map = try fields(of: node, ["path", "patch", "target", "options"])
        let (file, text) = (try map["path"].map(string) ?? "", try map["patch"].map(string) ?? "")
        guard file.isEmpty != text.trimmingWhitespace.isEmpty else {
            throw KustomizeError(.invalid, "a patch has either path or patch", in: path, at: position(node))
        }
        let place = map["path"].map(position) ?? position(node)
        var rule = Kustomization.PatchRule(
            source: file.isEmpty ? .inline(text) : .file(.init(text: file, position: place)), position: position(node))
        if let target = map["target"] { rule.target = try patchTarget(target) }
        if let options = map["options"] { try decode(options, into: &rule) }
        return rule
    }

    private func decode(_ options: YAMLNode, into rule: inout Kustomization.PatchRule) throws(KustomizeError) {
        if kustomize.checksPatchOptions {
            let map = try fields(of: options, ["allowNameChange", "allowKindChange"])
            rule.allowNameChange = try map["allowNameChange"].map(bool) ?? false
            rule.allowKindChange = try map["allowKindChange"].map(bool) ?? false
            return
        }
        for entry in try map(options) {
            guard !entry.value.isNull, try bool(entry.value) else { continue }
            // These two are known, and any other is passed over.
            if entry.key.scalar?.text == "allowNameChange" { rule.allowNameChange = true }
            if entry.key.scalar?.text == "allowKindChange" { rule.allowKindChange = true }
        }
    }

    func patchTarget(_ node: YAMLNode) throws(KustomizeError) -> PatchTarget {
        let map = try fields(
            of: node, ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"])
        return PatchTarget(
            group: try map["group"].map(string), version: try map["version"].map(string), kind: try map["kind"].map(string),
            name: try map["name"].map(string), namespace: try map["namespace"].map(string),
            labelSelector: try map["labelSelector"].map(string), annotationSelector: try map["annotationSelector"].map(string))
    }

    func generator(
        _ node: YAMLNode, _ further: [String] = []
    ) throws(KustomizeError) -> Kustomization.GeneratorRule {
        let map = try fields(
            of: node, ["name", "namespace", "behavior", "literals", "files", "envs", "env", "options"] + further)
        // The configuration of a plugin has the name in its metadata.
        let metadata = tolerance == .none ? nil : node["metadata"]
        guard let name = map["name"] ?? metadata?["name"] else { throw missing("name", node) }
        var rule = Kustomization.GeneratorRule(name: try string(name), position: position(node))
        if rule.name.isEmpty { throw missing("name", node) }
        rule.namespace = try (map["namespace"] ?? metadata?["namespace"]).map(string)
        // Any other word means create too, as in Kustomize; what exists already is an error then.
        if let behavior = map["behavior"] { rule.behavior = GeneratorBehavior(rawValue: try string(behavior)) ?? .create }
        rule.literals = try map["literals"].map(references) ?? []
        rule.files = try map["files"].map(references) ?? []
        rule.envs = try map["envs"].map(references) ?? []
        if let env = map["env"] { rule.envs.append(.init(text: try string(env), position: position(env))) }
        rule.type = try map["type"].map(string)
        if let node = map["options"] { rule.options = try options(node) }
        return rule
    }

    func options(_ node: YAMLNode) throws(KustomizeError) -> GeneratorOptions {
        let map = try fields(of: node, ["labels", "annotations", "disableNameSuffixHash", "immutable"])
        return GeneratorOptions(
            labels: try map["labels"].map(pairs) ?? [], annotations: try map["annotations"].map(pairs) ?? [],
            disableNameSuffixHash: try map["disableNameSuffixHash"].map(bool) ?? false,
            immutable: try map["immutable"].map(bool) ?? false)
    }

    /// Kustomize takes its field names in any letter case.
    private static func canonical(_ field: String, among known: [String]) -> String {
        if known.contains(field) { return field }
        let folded = field.lowercased()
        return known.first { $0.lowercased() == folded } ?? field
    }

    // MARK: Typed values

    func position(_ node: YAMLNode) -> SourcePosition { file.position(of: node) }

    private func wrongType(_ expected: String, _ node: YAMLNode) -> KustomizeError {
        KustomizeError(.invalid, "this must be \(expected)", in: path, at: position(node))
    }

    private func unsupported(_ field: String, _ node: YAMLNode) -> KustomizeError {
        unsupported(field, node, Self.unsupportedFields[field] ?? "remove it")
    }

    func unsupported(_ field: String, _ node: YAMLNode, _ hint: String) -> KustomizeError {
        KustomizeError(.unsupported, "\(field) is not supported yet", in: path, at: position(node), hint: hint)
    }

    private func unknown(_ field: String, _ key: YAMLNode) -> KustomizeError {
        if Self.unsupportedFields[field] != nil { return unsupported(field, key) }
        let close = closestMatch(to: field, among: Self.fields + ["helmGlobals"] + Self.unsupportedFields.keys.sorted())
        return KustomizeError(
            .invalid, "unknown field “\(field)”", in: path, at: position(key), hint: close.map { "did you mean “\($0)”?" })
    }

    func string(_ node: YAMLNode) throws(KustomizeError) -> String {
        if tolerance == .unknownFieldsAndWrongTypes, let scalar = node.scalar {
            // Kustomize turns any scalar into a text there.
            switch scalar.kind(tag: node.tag) {
            case .int, .float: return ManifestNumber(scalar.text).printed
            case .bool: return scalar.text.lowercased()
            case .null: return ""
            case .string, .timestamp: return scalar.text
            }
        }
        guard let scalar = node.scalar, [.string, .timestamp].contains(scalar.kind(tag: node.tag)) else {
            throw wrongType("a string", node)
        }
        // Kustomize reads its own files as YAML 1.1, where y, no and on are booleans.
        if scalar.style == .plain, node.tag == nil, ManifestReader.yaml11Bool(scalar.text) != nil {
            throw KustomizeError(
                .invalid, "this must be a string, and YAML 1.1 reads \(scalar.text) as a boolean", in: path, at: position(node),
                hint: "write \"\(scalar.text)\"")
        }
        return scalar.text
    }

    func bool(_ node: YAMLNode) throws(KustomizeError) -> Bool {
        guard let scalar = node.scalar else { throw wrongType("true or false", node) }
        if scalar.kind(tag: node.tag) == .bool { return scalar.text.lowercased() == "true" }
        guard scalar.style == .plain, node.tag == nil, let value = ManifestReader.yaml11Bool(scalar.text) else {
            throw wrongType("true or false", node)
        }
        return value
    }

    func integer(_ node: YAMLNode) throws(KustomizeError) -> Int {
        guard let scalar = node.scalar, [.int, .float].contains(scalar.kind(tag: node.tag)),
            let value = Int(ManifestNumber(scalar.text).printed)
        else { throw wrongType("a whole number", node) }
        return value
    }

    func list(_ node: YAMLNode) throws(KustomizeError) -> [YAMLNode] {
        guard let items = node.sequence else { throw wrongType("a list", node) }
        return items
    }

    func map(_ node: YAMLNode) throws(KustomizeError) -> [YAMLEntry] {
        guard let entries = node.mapping else { throw wrongType("a mapping", node) }
        guard entries.contains(where: \.isMerge) else { return entries }
        // A merge key stands for the entries of other mappings, where there is none of the name here.
        var result = entries.filter { !$0.isMerge }
        var known = Set(result.map { $0.key.scalar?.text })
        for merged in entries.filter(\.isMerge) {
            for source in merged.value.sequence ?? [merged.value] {
                for entry in try map(source) where known.insert(entry.key.scalar?.text).inserted { result.append(entry) }
            }
        }
        return result
    }

    func references(_ node: YAMLNode) throws(KustomizeError) -> [Kustomization.Reference] {
        var result: [Kustomization.Reference] = []
        for item in try list(node) { result.append(.init(text: try string(item), position: position(item))) }
        return result
    }

    func pairs(_ node: YAMLNode) throws(KustomizeError) -> [(key: String, value: String)] {
        var result: [(key: String, value: String)] = []
        for entry in try map(node) {
            result.append((key: try string(entry.key), value: entry.value.isNull ? "" : try string(entry.value)))
        }
        return result
    }

    func fields(of node: YAMLNode, _ known: [String]) throws(KustomizeError) -> [String: YAMLNode] {
        var result: [String: YAMLNode] = [:]
        for entry in try map(node) {
            let key = Self.canonical(entry.key.scalar?.text ?? "", among: known)
            guard known.contains(key) else {
                guard tolerance == .none else { continue }
                let close = closestMatch(to: key, among: known)
                throw KustomizeError(
                    .invalid, "unknown field “\(key)”", in: path, at: position(entry.key),
                    hint: close.map { "did you mean “\($0)”?" } ?? "known here: \(known.joined(separator: ", "))")
            }
            if !entry.value.isNull { result[key] = entry.value }
        }
        return result
    }

    func required(_ map: [String: YAMLNode], _ key: String, _ node: YAMLNode) throws(KustomizeError) -> YAMLNode {
        guard let value = map[key] else { throw missing(key, node) }
        return value
    }

    private func missing(_ key: String, _ node: YAMLNode) -> KustomizeError {
        KustomizeError(.invalid, "\(key) is missing", in: path, at: position(node))
    }
}

extension YAMLEntry {
    fileprivate var isMerge: Bool { key.scalar.map { $0.style == .plain && $0.text == "<<" } ?? false }
}
