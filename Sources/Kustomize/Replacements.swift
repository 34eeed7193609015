import GitOpsTypes
import YAMLEditing

/// An entry of `replacements`: a value copied from one object into fields of others.
///
/// Source: Kustomize v5.5's documented Replacement type.
struct ReplacementRule: Sendable {
    /// Which objects; what is not given matches everything.
    struct Selector: Sendable {
        var group: String?
        var version: String?
        var kind: String?
        var name: String?
        var namespace: String?

        /// Whether the selector means the object under any name it had.
        func matches(_ resource: Resource) -> Bool {
            guard group.map({ $0 == resource.kind.group }) ?? true, version.map({ $0 == resource.kind.version }) ?? true,
                kind.map({ $0 == resource.kind.kind }) ?? true
            else { return false }
            return (resource.previous + [resource.id]).contains { id in
                (name.map { $0 == id.name } ?? true)
                    && (namespace.map { $0 == (id.namespace.isEmpty ? "default" : id.namespace) || $0 == id.namespace } ?? true)
            }
        }

        var isEmpty: Bool {
            [group, version, kind, name, namespace].allSatisfy { ($0 ?? "").isEmpty }
        }
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

    func apply(to resources: inout [Resource]) throws(KustomizeError) {
        let value = try sourceValue(resources)
        for target in rule.targets {
            guard !target.select.isEmpty else { throw error("a target needs select with a kind or a name", target.position) }
            for index in resources.indices
            where target.select.matches(resources[index])
                && !target.reject.contains(where: { !$0.isEmpty && $0.matches(resources[index]) })
            {
                resources[index].remember()
                for field in target.paths { try replace(field, in: &resources[index], by: value, target) }
            }
        }
    }

    private func sourceValue(_ resources: [Resource]) throws(KustomizeError) -> ManifestNode {
        let sources = resources.filter(rule.source.matches)
        guard sources.count == 1 else {
            throw error(
                sources.isEmpty ? "nothing is selected by the source" : "the source selects \(sources.count) objects",
                rule.position)
        }
        guard let value = sources[0].node.first(rule.sourcePath) else {
            throw error("\(sources[0].id) has no field \(rule.sourcePath)", rule.position)
        }
        guard let delimiter = rule.sourceOptions.delimiter, !delimiter.isEmpty else { return value }
        guard let text = value.scalar?.text else {
            throw error("a delimiter needs a text, and \(rule.sourcePath) is none", rule.position)
        }
        let parts = text.split(separator: delimiter, omittingEmptySubsequences: false)
        guard parts.indices.contains(rule.sourceOptions.index) else {
            throw error("\(rule.sourcePath) has no part \(rule.sourceOptions.index)", rule.position)
        }
        // A part of a text is read anew where it becomes a value of its own: "1.0" out of "web:1.0" is a number.
        let part = String(parts[rule.sourceOptions.index])
        return .scalar(ManifestScalar(text: part, kind: ScalarKind(plain: part)))
    }

    private func replace(
        _ field: FieldPath, in resource: inout Resource, by value: ManifestNode, _ target: ReplacementRule.Target
    ) throws(KustomizeError) {
        var problem: KustomizeError?
        let id = resource.id
        let found = resource.node.modify(field.steps[...], create: target.options.create) { node in
            if let delimiter = target.options.delimiter, !delimiter.isEmpty {
                guard let text = node.scalar?.text, let new = value.scalar?.text else {
                    problem = error("a delimiter needs texts, and \(field) of \(id) or the source is none", target.position)
                    return
                }
                node = Self.written(Self.spliced(text, delimiter, target.options.index, new), over: node)
            } else if case .scalar(let new) = value, case .scalar = node, !node.isNull {
                node = Self.written(new.text, over: node)
            } else {
                node = value
            }
        }
        if let problem { throw problem }
        guard found > 0 else {
            throw error("\(id) has no field \(field)", target.position)
        }
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

    /// A string stays a string; anything else is read anew.
    private static func written(_ text: String, over node: ManifestNode) -> ManifestNode {
        let isString = node.scalar?.kind == .string
        return .scalar(ManifestScalar(text: text, kind: isString ? .string : ScalarKind(plain: text)))
    }

    private func error(_ message: String, _ position: SourcePosition) -> KustomizeError {
        KustomizeError(.conflict, "replacements: \(message)", in: path, at: position)
    }
}
