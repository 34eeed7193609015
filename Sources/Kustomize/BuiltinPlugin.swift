import GitOpsTypes
import YAMLEditing

/// A generator or transformer that is given as a resource of its own: `apiVersion: builtin`.
///
/// Source: Kustomize v5.5's documentation of built-in plugins.
struct BuiltinPlugin {
    /// What a generator plugin makes.
    enum Generator {
        case manifest(ManifestGenerator.Product, Kustomization.GeneratorRule)
        case resource(Resource)
        case chart(Kustomization.HelmChart, Kustomization.HelmGlobals)
    }

    /// The generator of charts.
    static let chartKind = "HelmChartInflationGenerator"

    let kind: String
    let namespace: String
    let tool: BuildNotes.Tool
    private let configuration: Resource
    private let decoder: KustomizationDecoder
    private let node: YAMLNode
    private let fields: [String: YAMLNode]

    private static let knownFields = [
        "annotations", "labels", "fieldSpecs", "unsetOnly", "setRoleBindingSubjects", "prefix", "suffix", "replica", "imageTag",
        "jsonOp", "path", "target", "paths", "patches", "replacements", "value", "targets", "targetFilePath",
        "cloud", "kubernetesService", "serviceAccount",
    ]

    /// - Throws: `KustomizeError.unsupported` for a plugin that is a program.
    init(_ configuration: Resource, in place: KustomizationPlace, as kustomize: KustomizeVersion) throws(KustomizeError) {
        self.configuration = configuration
        kind = configuration.kind.kind
        namespace = configuration.namespace
        let path = configuration.origin
        guard configuration.kind.group.isEmpty, configuration.kind.version == "builtin" else {
            throw KustomizeError(
                .unsupported, "\(configuration.id) is a plugin that is a program, and none is run here", in: path,
                hint: "write its output to a file and list it under resources")
        }
        tool = BuildNotes.Tool(
            kind: kind, name: configuration.name, namespace: configuration.namespace,
            configuredIn: configuration.annotation(BuildNotes.originKey).flatMap(SeenPlace.init(lines:)) ?? place.seen)
        // The configuration may have been built by a kustomization, so that it is only here, not in a file.
        var decoder = try KustomizationDecoder(ManifestPrinter().print([configuration.node]), path: path, as: kustomize)
        decoder.tolerance = .unknownFieldsAndWrongTypes
        guard let node = decoder.file.documents.first else {
            throw KustomizeError(.invalid, "the configuration of \(kind) is empty", in: path)
        }
        self.decoder = decoder
        self.node = node
        fields = try decoder.fields(of: node, Self.knownFields)
    }

    func unsupported() -> KustomizeError {
        KustomizeError(
            .unsupported, "\(kind) is no plugin that can be carried out here", in: configuration.origin,
            hint: "write its output to a file and list it under resources")
    }

    // MARK: Generators

    func generator() throws -> Generator {
        switch kind {
        case "ConfigMapGenerator": return .manifest(.configMap, try decoder.generator(node))
        case "SecretGenerator": return .manifest(.secret, try decoder.generator(node, ["type"]))
        case "IAMPolicyGenerator": return .resource(try serviceAccount())
        case Self.chartKind:
            let (chart, globals) = try decoder.helmChartPlugin(node)
            return .chart(chart, globals)
        default: throw unsupported()
        }
    }

    private func serviceAccount() throws(KustomizeError) -> Resource {
        func name(in field: String) throws(KustomizeError) -> String {
            try fields[field].flatMap { $0["name"] }.map(decoder.string) ?? ""
        }
        guard try text("cloud") == "gke" else {
            throw KustomizeError(.unsupported, "only cloud: gke is known", in: configuration.origin)
        }
        let project = try fields["serviceAccount"].flatMap { $0["projectId"] }.map(decoder.string) ?? ""
        let namespace = try fields["kubernetesService"].flatMap { $0["namespace"] }.map(decoder.string) ?? ""
        let account = "\(try name(in: "serviceAccount"))@\(project).iam.gserviceaccount.com"
        var metadata = ManifestMap([
            .init(key: "name", value: .string(try name(in: "kubernetesService"))),
            .init(
                key: "annotations",
                value: .map(ManifestMap([.init(key: "iam.gke.io/gcp-service-account", value: .string(account))]))),
        ])
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        let node = ManifestMap([
            .init(key: "apiVersion", value: .string("v1")), .init(key: "kind", value: .string("ServiceAccount")),
            .init(key: "metadata", value: .map(metadata)),
        ])
        guard let resource = Resource(.map(node), origin: configuration.origin) else { throw unsupported() }
        return resource
    }

    // MARK: Transformers

    func text(_ field: String) throws(KustomizeError) -> String? { try fields[field].map(decoder.string) }
    func flag(_ field: String) throws(KustomizeError) -> Bool { try fields[field].map(decoder.bool) ?? false }

    func pairs(_ field: String) throws(KustomizeError) -> [(key: String, value: String)] {
        try fields[field].map(decoder.pairs) ?? []
    }

    func fieldSpecs() throws(KustomizeError) -> [FieldSpec] { try fields["fieldSpecs"].map(decoder.fieldSpecs) ?? [] }

    func requireFieldSpecs() throws(KustomizeError) {
        guard fields["fieldSpecs"] != nil else {
            throw KustomizeError(.invalid, "\(kind) needs fieldSpecs", in: configuration.origin, hint: "name metadata/name")
        }
    }

    func subjects() throws(KustomizeError) -> RoleBindingSubjects {
        guard let text = try text("setRoleBindingSubjects"), !text.isEmpty else { return .defaultOnly }
        guard let subjects = RoleBindingSubjects(rawValue: text) else {
            throw KustomizeError(
                .invalid, "setRoleBindingSubjects is defaultOnly, allServiceAccounts or none", in: configuration.origin)
        }
        return subjects
    }

    func replica() throws(KustomizeError) -> Kustomization.ReplicaRule {
        try decoder.replica(try decoder.required(fields, "replica", node))
    }

    func image() throws(KustomizeError) -> Kustomization.ImageRule {
        try decoder.image(try decoder.required(fields, "imageTag", node))
    }

    func patch() throws(KustomizeError) -> Kustomization.PatchRule { try decoder.patch(node) }

    func jsonPatch() throws(KustomizeError) -> Kustomization.PatchRule {
        let position = decoder.position(node)
        let target = try decoder.patchTarget(try decoder.required(fields, "target", node))
        switch (fields["path"], fields["jsonOp"]) {
        case (let path?, nil):
            let reference = Kustomization.Reference(text: try decoder.string(path), position: position)
            return .init(source: .file(reference), target: target, position: position)
        case (nil, let text?): return .init(source: .inline(try decoder.string(text)), target: target, position: position)
        default: throw KustomizeError(.invalid, "a patch has either path or jsonOp", in: configuration.origin)
        }
    }

    func strategicMergePatches() throws(KustomizeError) -> [Kustomization.PatchRule] {
        var result = try (fields["paths"].map(decoder.references) ?? []).map(KustomizationDecoder.strategicMergePatch)
        if let text = try text("patches"), !text.isEmpty {
            result.append(.init(source: .inline(text), isFromStrategicMergeField: true, position: decoder.position(node)))
        }
        guard !result.isEmpty else {
            throw KustomizeError(.invalid, "\(kind) has neither paths nor patches", in: configuration.origin)
        }
        return result
    }

    func replacements() throws(KustomizeError) -> [ReplacementSource] {
        var result: [ReplacementSource] = []
        for item in try fields["replacements"].map(decoder.list) ?? [] { result.append(try decoder.replacementSource(item)) }
        return result
    }

    func valueAddition(in place: KustomizationPlace, _ files: KustomizationFiles) throws -> ValueAddition {
        var targets = try fields["targets"].map { try decoder.valueTargets($0) } ?? []
        if let path = try text("targetFilePath"), !path.isEmpty {
            let reference = Kustomization.Reference(text: path, position: decoder.position(node))
            let (path, bytes) = try files.read(reference, in: place)
            var decoder = try KustomizationDecoder(bytes, path: path)
            decoder.tolerance = .unknownFieldsAndWrongTypes
            if let root = decoder.file.documents.first, let list = try decoder.fields(of: root, ["targets"])["targets"] {
                targets += try decoder.valueTargets(list)
            }
        }
        guard !targets.isEmpty else {
            throw KustomizeError(.invalid, "ValueAddTransformer needs targets", in: configuration.origin)
        }
        let value = (try text("value") ?? "").trimmingWhitespace
        return ValueAddition(
            value: value.isEmpty ? place.directory.name : value, targets: targets, path: configuration.origin,
            position: decoder.position(node))
    }
}

/// Writes one value into fields of many resources, whole or as a part of a path.
///
/// Source: behaviour of Kustomize v5.5's ValueAddTransformer.
struct ValueAddition {
    struct Target {
        let selector: PatchTarget?
        let fieldPath: String
        /// Where in the path that the field holds the value goes, counted from 1; 0 replaces the field.
        let position: Int
    }

    let value: String
    let targets: [Target]
    let path: RepositoryPath
    let position: SourcePosition

    func apply(to resources: inout [Resource], _ budget: RenderBudget) throws {
        for target in targets {
            try budget.spend(steps: resources.count * PatchTarget.stepsOfMatching)
            let chosen =
                try target.selector.map { selector in
                    let matcher = try PatchTargetMatcher(selector) {
                        KustomizeError(.invalid, "“\($0)” is no regular expression or selector", in: path, at: position)
                    }
                    return resources.indices.filter { matcher.matches(resources[$0]) }
                } ?? Array(resources.indices)
            for index in chosen {
                if target.fieldPath == "metadata/namespace" {
                    var one = [resources[index]]
                    try one.setNamespace(value, at: [], sparingCharts: false, budget)
                    resources[index] = one[0]
                } else {
                    try write(target, to: &resources[index], budget)
                }
            }
        }
    }

    private func write(_ target: Target, to resource: inout Resource, _ budget: RenderBudget) throws {
        try resource.change { resource in
            try resource.visit(FieldSpec(target.fieldPath, create: true), creating: .scalar) { node in
                guard let scalar = node.scalar else { throw FieldFailure(message: "\(target.fieldPath) is no text") }
                let text = inserted(into: scalar.kind == .null ? "" : scalar.text, at: target.position)
                try budget.spend(bytes: text.utf8.count)
                node = .string(text)
            }
        }
    }

    private func inserted(into text: String, at position: Int) -> String {
        guard position > 0 else { return value }
        let isAbsolute = text.hasPrefix("/")
        var parts = text.split(separator: "/").map(String.init)
        parts.insert(value, at: min(position - 1, parts.count))
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }
}

extension KustomizationDecoder {
    fileprivate func valueTargets(_ node: YAMLNode) throws(KustomizeError) -> [ValueAddition.Target] {
        var result: [ValueAddition.Target] = []
        for item in try list(node) {
            let map = try fields(of: item, ["selector", "fieldPath", "filePathPosition"])
            let position = try map["filePathPosition"].map(integer) ?? 0
            let path = try string(required(map, "fieldPath", item))
            guard position >= 0, !path.isEmpty else {
                throw KustomizeError(
                    .invalid, "a target needs a fieldPath and no negative filePathPosition", in: self.path,
                    at: self.position(item))
            }
            try requirePath(path, item)
            result.append(
                .init(selector: try map["selector"].map(patchTarget), fieldPath: path, position: position))
        }
        return result
    }
}

extension String {
    var isNothingButComments: Bool {
        split(whereSeparator: \.isNewline).allSatisfy { line in
            line.first { !$0.isWhitespace }.map { $0 == "#" } ?? true
        }
    }

    var trimmingWhitespace: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
