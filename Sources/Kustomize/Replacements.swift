import GitOpsTypes
import YAMLEditing

/// An entry of `replacements`: a value copied from one object into fields of others.
///
/// Source: the Replacement type that Kustomize documents.
struct ReplacementRule: Sendable {
    /// Which objects; what is not given matches everything.
    struct Selector: Sendable {
        var kinds = KindSelector()
        var name = ""
        var namespace = ""
        var labels = LabelSelector(requirements: [])
        var annotations = LabelSelector(requirements: [])

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

    /// Where the value is from.
    enum Source: Sendable {
        /// It is written into the rule.
        case value(String)
        case field(of: Selector, at: FieldPath, Options)
    }

    struct Target: Sendable {
        var select: Selector
        var reject: [Selector] = []
        var paths = [FieldPath.name]
        var options: Options
        var position: SourcePosition
    }

    var source: Source
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
    let kustomize: KustomizeVersion
    let path: RepositoryPath
    let budget: RenderBudget

    func apply(to resources: inout ResourceList) throws {
        var value = try sourceValue(&resources)
        for target in rule.targets {
            let matcher = try ReplacementTargetMatcher(target, as: kustomize) {
                error("“\($0)” is no regular expression", target.position)
            }
            for index in resources.positions(matcher.query) {
                try budget.spend(steps: matcher.steps(for: resources[index]))
                guard matcher.matches(resources[index]) else { continue }
                try resources.change(index) { value = try replace(in: &$0, target, by: value) }
            }
        }
    }

    /// - Returns: the value to copy from here on.
    private func replace(
        in resource: inout Resource, _ target: ReplacementRule.Target, by value: ManifestNode
    ) throws -> ManifestNode {
        var value = value
        for field in target.paths {
            try replace(field, in: &resource, by: value, target)
            if let changed = changedSource(resource) { value = changed }
        }
        resource.updateKind()
        resource.shared.noteChange()
        resource.settleSharedValues()
        return value
    }

    /// The value to copy from here on: as in Kustomize, a target that is the source itself changes what is copied.
    private func changedSource(_ resource: Resource) -> ManifestNode? {
        guard case .field(let selector, let path, let options) = rule.source, options.delimiter?.isEmpty ?? true,
            LiteralIdentity(selector).matches(resource)
        else { return nil }
        return resource.node[path]
    }

    private func sourceValue(_ resources: inout ResourceList) throws -> ManifestNode {
        switch rule.source {
        case .value(let text):
            var scalar = ManifestScalar(text: text, kind: ScalarKind(plain: text))
            scalar.style = .created
            return .scalar(scalar)
        case .field(let selector, let path, let options): return try value(at: path, of: selector, options, &resources)
        }
    }

    private func value(
        at path: FieldPath, of selector: ReplacementRule.Selector, _ options: ReplacementRule.Options,
        _ resources: inout ResourceList
    ) throws -> ManifestNode {
        let identity = LiteralIdentity(selector)
        let candidates = resources.positions(identity.query)
        try budget.spend(steps: candidates.count)
        let sources = candidates.filter { identity.matches(resources[$0]) }
        guard sources.count == 1, let source = sources.first.map({ resources[$0] }) else {
            throw error(
                sources.isEmpty ? "nothing is selected by the source" : "the source selects \(sources.count) objects",
                rule.position)
        }
        guard let value = source.node[path], !value.isNull, value.map?.isEmpty != true, value.list?.isEmpty != true else {
            throw error("\(source.id) has no field \(path)", rule.position)
        }
        guard let delimiter = options.delimiter, !delimiter.isEmpty else { return value }
        guard let scalar = value.scalar else {
            throw error("a delimiter needs a text, and \(path) is none", rule.position)
        }
        let parts = scalar.text.split(separator: delimiter, omittingEmptySubsequences: false)
        guard parts.indices.contains(options.index) else { throw error("\(path) has no part \(options.index)", rule.position) }
        return .scalar(ManifestScalar(text: String(parts[options.index]), kind: scalar.kind))
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
            if kustomize.replacesInsideTexts, try replaceInsideText(field, in: &resource, by: value, creating: creation) {
                return
            }
            let inside = kustomize.replacesInsideTexts ? passOver : nil
            found = try resource.node.visit(field, creating: creation, insideText: inside) { node, isNew in
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
