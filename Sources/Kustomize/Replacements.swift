import GitOpsTypes
import YAMLEditing

/// An entry of `replacements`: a value copied from one object into fields of others.
///
/// Source: Kustomize v5.5's documented Replacement type.
struct ReplacementRule: Sendable {
    /// Which objects; what is not given matches everything.
    struct Selector: Sendable {
        var kinds = KindSelector()
        var name = ""
        var namespace = ""
        var labels = LabelSelector(requirements: [])
        var annotations = LabelSelector(requirements: [])

        /// Whether the selector means the object under any name it had.
        func matches(_ resource: Resource) -> Bool {
            ([resource.id] + resource.previousIDs).contains { id in
                (name.isEmpty || name == id.name) && (namespace.isEmpty || id.isInNamespace(namespace)) && kinds.matches(id.kind)
            }
        }

        func matchesMetadata(_ resource: Resource) -> Bool {
            labels.matches(resource.node["metadata"]?["labels"]) && annotations.matches(resource.node["metadata"]?["annotations"])
        }

        /// Whether nothing is said of the object but labels and annotations.
        var hasNoIdentity: Bool { kinds.isEmpty && name.isEmpty && namespace.isEmpty }
        var hasNoMetadata: Bool { labels.requirements.isEmpty && annotations.requirements.isEmpty }
    }

    struct Options: Sendable {
        /// The value is a part of a text that this separates.
        var delimiter: String?
        var index = 0
        /// Missing fields are made.
        var create = false
    }

    struct Target: Sendable {
        var select: Selector
        var reject: [Selector] = []
        var paths = [FieldPath.name]
        var options: Options
        var position: SourcePosition
    }

    var source: Selector
    var sourcePath: FieldPath
    var sourceOptions: Options
    var targets: [Target]
    var position: SourcePosition
}

enum ReplacementSource: Sendable {
    case inline(ReplacementRule)
    case file(Kustomization.Reference)
}

/// Carries out one replacement.
struct ReplacementApplication {
    let rule: ReplacementRule
    let path: RepositoryPath
    let budget: RenderBudget

    func apply(to resources: inout [Resource]) throws {
        var value = try sourceValue(resources)
        for target in rule.targets {
            try budget.spend(steps: resources.count)
            for index in resources.indices where isMeant(resources[index], by: target) {
                for field in target.paths {
                    try replace(field, in: &resources[index], by: value, target)
                    // As in Kustomize, a target that is the source itself changes what is copied from then on.
                    if rule.source.matches(resources[index]), rule.sourceOptions.delimiter?.isEmpty ?? true,
                        let changed = resources[index].node[rule.sourcePath]
                    {
                        value = changed
                    }
                }
                resources[index].updateKind()
                resources[index].shared.noteChange()
                resources[index].settleSharedValues()
            }
        }
    }

    private func isMeant(_ resource: Resource, by target: ReplacementRule.Target) -> Bool {
        guard target.select.matchesMetadata(resource), target.select.matches(resource) else { return false }
        return !target.reject.contains { rejected in
            !rejected.hasNoMetadata && rejected.matchesMetadata(resource) || !rejected.hasNoIdentity && rejected.matches(resource)
        }
    }

    private func sourceValue(_ resources: [Resource]) throws -> ManifestNode {
        let sources = resources.filter(rule.source.matches)
        guard sources.count == 1 else {
            throw error(
                sources.isEmpty ? "nothing is selected by the source" : "the source selects \(sources.count) objects",
                rule.position)
        }
        guard let value = sources[0].node[rule.sourcePath], !value.isNull, value.map?.isEmpty != true, value.list?.isEmpty != true
        else {
            throw error("\(sources[0].id) has no field \(rule.sourcePath)", rule.position)
        }
        guard let delimiter = rule.sourceOptions.delimiter, !delimiter.isEmpty else { return value }
        guard let scalar = value.scalar else {
            throw error("a delimiter needs a text, and \(rule.sourcePath) is none", rule.position)
        }
        let parts = scalar.text.split(separator: delimiter, omittingEmptySubsequences: false)
        guard parts.indices.contains(rule.sourceOptions.index) else {
            throw error("\(rule.sourcePath) has no part \(rule.sourceOptions.index)", rule.position)
        }
        return .scalar(ManifestScalar(text: String(parts[rule.sourceOptions.index]), kind: scalar.kind))
    }

    private func replace(
        _ field: FieldPath, in resource: inout Resource, by value: ManifestNode, _ target: ReplacementRule.Target
    ) throws {
        let creation: FieldPathCreation? =
            switch value {
            case _ where !target.options.create: nil
            case .scalar: .scalar
            case .map: .map
            case .list: .list
            }
        let id = resource.id
        let found: Int
        do {
            found = try resource.node.visit(field, creating: creation) { node, isNew in
                try replace(&node, isNew: isNew, by: value, target.options, depth: field.steps.count)
            }
        } catch let failure as FieldPathFailure {
            throw error("\(field) of \(id): \(failure.message)", target.position)
        }
        guard found > 0 else {
            throw error(
                "\(id) has no field \(field)", target.position, hint: "correct the path, or set options: {create: true}")
        }
    }

    private func replace(
        _ node: inout ManifestNode, isNew: Bool, by value: ManifestNode, _ options: ReplacementRule.Options, depth: Int
    ) throws {
        var value = value
        if let delimiter = options.delimiter, !delimiter.isEmpty {
            guard let text = node.scalar else { throw FieldPathFailure(message: "a delimiter needs a text") }
            let spliced = Self.spliced(isNew ? "" : text.text, delimiter, options.index, value.scalar?.text ?? "")
            value = .scalar(ManifestScalar(text: spliced, kind: value.scalar?.kind ?? .string))
        }
        let size = value.size
        try budget.spend(values: size.values, bytes: size.bytes, steps: size.values)
        guard size.depth + depth <= RenderBudget.maximumDepth else {
            throw FieldPathFailure(message: "values would be nested deeper than \(RenderBudget.maximumDepth) levels")
        }
        guard case .scalar(let old) = node else {
            node = value
            return
        }
        // The field keeps its type: a number written over a text becomes a text.
        let text = value.scalar?.text ?? ""
        let kind = ScalarKind(plain: text)
        guard isNew || old.kind == .string || old.kind == kind || old.kind == .float && kind == .int else {
            throw FieldPathFailure(message: "“\(text)” cannot take the place of “\(old.text)”, which is no text")
        }
        var new = ManifestScalar(text: text, kind: isNew ? kind : old.kind).replacing(old)
        if isNew { new.style = .created }
        node = .scalar(new)
    }

    /// `new` in the place of one part of `text`; before all parts for a negative index, behind all for one beyond.
    private static func spliced(_ text: String, _ delimiter: String, _ index: Int, _ new: String) -> String {
        var parts = text.split(separator: delimiter, omittingEmptySubsequences: false).map(String.init)
        if index < 0 {
            parts.insert(new, at: 0)
        } else if index >= parts.count {
            parts.append(new)
        } else {
            parts[index] = new
        }
        return parts.joined(separator: delimiter)
    }

    private func error(_ message: String, _ position: SourcePosition, hint: String? = nil) -> KustomizeError {
        KustomizeError(.conflict, "replacements: \(message)", in: path, at: position, hint: hint)
    }
}
