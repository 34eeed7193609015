import Foundation
import GitOpsTypes
import YAMLEditing

/// One step of a kustomization over its resources.
struct Transformer {
    let tool: BuildNotes.Tool
    let position: SourcePosition?
    let transform: (inout ResourceList) throws -> Void
}

/// Makes the transformers of a kustomization, from its fields and from plugins, in the order in which Kustomize runs them.
struct TransformerFactory {
    let files: KustomizationFiles
    let kustomize: KustomizeVersion
    /// The schema as it is when it is needed first.
    let schema: () -> MergeSchema
    let configuration: TransformerConfiguration
    let place: KustomizationPlace
    let budget: RenderBudget

    // MARK: Fields

    func transformers(of kustomization: Kustomization) throws -> [Transformer] {
        var result: [Transformer] = []
        func add(_ kind: String, _ position: SourcePosition? = nil, _ transform: @escaping (inout ResourceList) throws -> Void) {
            let tool = BuildNotes.Tool(kind: kind, configuredIn: place.seen.leading(to: place.path.name))
            result.append(Transformer(tool: tool, position: position, transform: transform))
        }
        if !kustomization.strategicMergePatches.isEmpty {
            add("PatchStrategicMergeTransformer", nil, try strategicMergePatches(kustomization.strategicMergePatches))
        }
        for rule in kustomization.patches { add("PatchTransformer", rule.position, try patch(rule)) }
        if let namespace = kustomization.namespace, !namespace.isEmpty {
            let sparing = kustomize.leavesNamespacesToCharts
            add("NamespaceTransformer") {
                try $0.all.setNamespace(namespace, at: configuration.namespace, sparingCharts: sparing, budget)
            }
        }
        if !kustomization.namePrefix.isEmpty {
            add("PrefixTransformer") {
                try $0.all.addAffixes(prefix: kustomization.namePrefix, at: configuration.namePrefix, suffix: "", at: [], budget)
            }
        }
        if !kustomization.nameSuffix.isEmpty {
            add("SuffixTransformer") {
                try $0.all.addAffixes(prefix: "", at: [], suffix: kustomization.nameSuffix, at: configuration.nameSuffix, budget)
            }
        }
        if !kustomization.labels.isEmpty || !kustomization.commonLabels.isEmpty {
            for rule in kustomization.labels {
                let specs = try labelSpecs(rule)
                add("LabelTransformer", rule.position) { try $0.all.setEntries(rule.pairs, at: specs, budget) }
            }
            add("LabelTransformer") { try $0.all.setEntries(kustomization.commonLabels, at: configuration.commonLabels, budget) }
        }
        if !kustomization.commonAnnotations.isEmpty {
            add("AnnotationsTransformer") {
                try $0.all.setEntries(kustomization.commonAnnotations, at: configuration.commonAnnotations, budget)
            }
        }
        for rule in kustomization.jsonPatches {
            guard rule.target?.name?.isEmpty == false else {
                throw KustomizeError(
                    .invalid, "patchesJson6902 needs the target's name", in: place.path, at: rule.position,
                    hint: "give it, or use patches")
            }
            add("PatchJson6902Transformer", rule.position, try patch(rule, remembers: false))
        }
        for rule in kustomization.replicas {
            add("ReplicaCountTransformer", rule.position) { try $0.setReplicas(rule, at: configuration.replicas, budget) }
        }
        for rule in kustomization.images {
            add("ImageTagTransformer") { try $0.all.setImage(rule, at: configuration.images, budget) }
        }
        if !kustomization.replacements.isEmpty {
            add("ReplacementTransformer", nil, try replacements(kustomization.replacements))
        }
        return result
    }

    private func labelSpecs(_ rule: Kustomization.LabelRule) throws(KustomizeError) -> [FieldSpec] {
        do {
            let specs = try rule.fields.merging(configuration.labels)
            if rule.includeSelectors { return try specs.merging(configuration.commonLabels) }
            return try specs.merging(rule.includeTemplates ? configuration.templateLabels : [])
                .merging([FieldSpec("metadata/labels", create: true)])
        } catch {
            throw KustomizeError(.conflict, error.message, in: place.path, at: rule.position)
        }
    }

    // MARK: Patches

    /// A file of nothing, or of nothing but comments.
    fileprivate static func emptyPatch(
        _ patch: RepositoryPath, in path: RepositoryPath, at position: SourcePosition?
    ) -> KustomizeError {
        KustomizeError(
            .invalid, "the patch \(patch == path ? "" : "\(patch) ")is empty", in: path, at: position,
            hint: "write what it changes, or take it off the list")
    }

    /// Reads a patch, so that what is wrong with it shows before anything is changed.
    private func patch(
        _ rule: Kustomization.PatchRule, remembers: Bool = true
    ) throws -> (inout ResourceList) throws -> Void {
        let (origin, bytes) = try content(of: rule)
        let application = PatchApplication(rule: rule, kustomize: kustomize, schema: schema, path: place.path, budget: budget)
        let content = try PatchReader(
            bytes: bytes, path: origin, rule: rule, kustomize: kustomize, listedIn: place.path
        ).content()
        if !remembers, case .strategic = content {
            throw KustomizeError(
                .invalid, "patchesJson6902 takes a list of operations", in: place.path, at: rule.position, hint: "use patches")
        }
        guard let content else { return { _ in } }
        return { try application.apply(content, to: &$0, remembers: remembers) }
    }

    /// One of them may be empty, not all.
    private func strategicMergePatches(_ rules: [Kustomization.PatchRule]) throws -> (inout ResourceList) throws -> Void {
        var patches: [(application: PatchApplication, nodes: [ManifestNode])] = []
        for rule in rules {
            let (origin, bytes) = try content(of: rule)
            let application = PatchApplication(
                rule: rule, kustomize: kustomize, schema: schema, path: place.path, budget: budget)
            patches.append((application, try ManifestReader(bytes, path: origin).resources().map(\.node)))
        }
        if patches.allSatisfy(\.nodes.isEmpty), let first = rules.first {
            throw Self.emptyPatch(place.path, in: place.path, at: first.position)
        }
        return { resources in
            for patch in patches { try patch.application.apply(.strategic(patch.nodes), to: &resources) }
        }
    }

    private func content(of rule: Kustomization.PatchRule) throws -> (path: RepositoryPath, bytes: [UInt8]) {
        switch rule.source {
        case .inline(let text):
            try budget.spend(bytes: text.utf8.count, steps: 100)
            // Kustomize takes away the spaces and line breaks around an inline patch, and so a line break at the end of its last text.
            return (place.path, Array((rule.isFromStrategicMergeField ? text : text.trimmingWhitespace).utf8))
        case .file(let reference): return try files.read(reference, in: place)
        }
    }

    /// The kustomization's own replacements, and those in files of their own.
    private func replacements(_ sources: [ReplacementSource]) throws -> (inout ResourceList) throws -> Void {
        let rules = try sources.flatMap { source -> [ReplacementRule] in
            switch source {
            case .inline(let rule): return [rule]
            case .file(let reference):
                let (path, bytes) = try files.read(reference, in: place)
                var decoder = try KustomizationDecoder(bytes, path: path, as: kustomize)
                decoder.tolerance = .unknownFieldsAndWrongTypes
                return try decoder.replacementFile()
            }
        }
        return { resources in
            for rule in rules {
                try ReplacementApplication(rule: rule, kustomize: kustomize, path: place.path, budget: budget).apply(
                    to: &resources)
            }
        }
    }

    // MARK: Plugins

    func transformers(of plugin: BuiltinPlugin) throws -> [Transformer] {
        let transform = try transform(of: plugin)
        return [Transformer(tool: plugin.tool, position: nil, transform: transform)]
    }

    private func transform(of plugin: BuiltinPlugin) throws -> (inout ResourceList) throws -> Void {
        let specs = try plugin.fieldSpecs()
        switch plugin.kind {
        case "AnnotationsTransformer":
            let pairs = try plugin.pairs("annotations")
            return { try $0.all.setEntries(pairs, at: specs, budget) }
        case "LabelTransformer":
            let pairs = try plugin.pairs("labels")
            return { try $0.all.setEntries(pairs, at: specs, budget) }
        case "NamespaceTransformer":
            let (namespace, unsetOnly) = (plugin.namespace, try plugin.flag("unsetOnly"))
            let subjects = try plugin.subjects()
            if namespace.isEmpty { return { _ in } }
            let sparing = kustomize.leavesNamespacesToCharts
            return {
                try $0.all.setNamespace(
                    namespace, at: specs, subjects: subjects, unsetOnly: unsetOnly, sparingCharts: sparing, budget)
            }
        case "PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer":
            let (prefix, suffix) = (try plugin.text("prefix") ?? "", try plugin.text("suffix") ?? "")
            try plugin.requireFieldSpecs()
            let isPrefix = plugin.kind != "SuffixTransformer"
            let isSuffix = plugin.kind != "PrefixTransformer"
            return {
                try $0.all.addAffixes(
                    prefix: isPrefix ? prefix : "", at: specs, suffix: isSuffix ? suffix : "", at: specs, budget)
            }
        case "ReplicaCountTransformer":
            let rule = try plugin.replica()
            return { try $0.setReplicas(rule, at: specs, budget) }
        case "ImageTagTransformer":
            let rule = try plugin.image()
            return { try $0.all.setImage(rule, at: specs, budget) }
        case "PatchTransformer": return try patch(try plugin.patch())
        case "PatchJson6902Transformer": return try patch(try plugin.jsonPatch(), remembers: false)
        case "PatchStrategicMergeTransformer":
            return try strategicMergePatches(try plugin.strategicMergePatches())
        case "ReplacementTransformer": return try replacements(try plugin.replacements())
        case "HashTransformer":
            return { resources in
                resources.all.appendHashes()
            }
        case "ValueAddTransformer":
            let addition = try plugin.valueAddition(in: place, files)
            return { try addition.apply(to: &$0.all, budget) }
        default: throw plugin.unsupported()
        }
    }
}

/// Reads a patch as what it is: a list of operations, or objects to merge.
private struct PatchReader {
    let bytes: [UInt8]
    let path: RepositoryPath
    let rule: Kustomization.PatchRule
    let kustomize: KustomizeVersion
    /// The kustomization that lists the patch.
    let listedIn: RepositoryPath

    /// Nil for a patch that changes nothing.
    func content() throws -> PatchContent? {
        let documents = try YAMLFile(reading: bytes, path: path).documents
        guard let first = documents.first(where: { !$0.isNull }) else { return try emptyContent() }
        if kustomize == .v5_5, documents.first?.isNull == true || isBehindEmptyDocument(first) {
            throw TransformerFactory.emptyPatch(path, in: listedIn, at: rule.position)
        }
        guard first.sequence != nil else {
            return .strategic(try ManifestReader(bytes, path: path).resources().map(\.node))
        }
        // What begins with a bracket is read as JSON, everything else by a reader of YAML 1.1; only the first document counts.
        if bytes.first(where: { !$0.isBlank }) == UInt8(ascii: "["), !Data(bytes).isJSON {
            throw KustomizeError(
                .invalid, "operations that begin with [ must be JSON", in: path, at: rule.position,
                hint: "put keys and texts in double quotes, or write the list with dashes")
        }
        let nodes = try ManifestReader(bytes, path: path, dialect: .yaml11).nodes()
        do {
            let operations = try (nodes.first?.list ?? []).map { try JSONPatchOperation($0) }
            return operations.isEmpty ? try emptyContent() : .operations(operations)
        } catch let failure as JSONPatchOperation.Failure {
            throw KustomizeError(.invalid, failure.message, in: listedIn, at: rule.position)
        }
    }

    /// Whether there is more than the separator of its own before the first document that has a value.
    private func isBehindEmptyDocument(_ first: YAMLNode) -> Bool {
        let lines = bytes[..<first.range.lowerBound].split(separator: UInt8(ascii: "\n"))
        return lines.count { $0.starts(with: "---".utf8) } > 1
    }

    /// What a patch of nothing, of nothing but comments, or of no operations does: in older versions it is no operations on the target.
    ///
    /// Source: Kustomize 5.7.0, #5771, and 5.8.1, #5990.
    private func emptyContent() throws(KustomizeError) -> PatchContent? {
        switch kustomize {
        case .v5_8: return nil
        case .v5_7 where rule.target != nil: return .operations([])
        case .v5_5 where rule.target != nil && bytes.isEmpty: return .operations([])
        case .v5_5, .v5_7: throw TransformerFactory.emptyPatch(path, in: listedIn, at: rule.position)
        }
    }
}

extension Data {
    fileprivate var isJSON: Bool {
        do {
            _ = try JSONSerialization.jsonObject(with: self)
            return true
        } catch {
            return false
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || (0x09...0x0D).contains(self) }
}

extension YAMLFile {
    /// - Throws: `KustomizeError` with the place.
    init(reading bytes: [UInt8], path: RepositoryPath) throws(KustomizeError) {
        do {
            try self.init(bytes)
        } catch {
            throw KustomizeError(.invalid, error.message, in: path, at: error.position)
        }
    }
}
