import GitOpsTypes
import YAMLEditing

/// Makes references to objects that were renamed or moved follow them.
///
/// Source: behaviour of Kustomize v5.5's name reference transformer.
struct NameReferenceUpdate {
    /// An ambiguous reference: more than one object could be meant, and they have different names now.
    struct Ambiguity: Error {
        let message: String
    }

    /// By reference, as every object is held against dozens.
    private final class Rule: Sendable {
        let target: KindSelector
        let spec: FieldSpec

        init(target: KindSelector, spec: FieldSpec) {
            self.target = target
            self.spec = spec
        }
    }

    private let rulesByKind: [String: [Rule]]
    private let rulesForAll: [Rule]

    init(_ references: [NameReference]) {
        var byKind: [String: [Rule]] = [:]
        var forAll: [Rule] = []
        for reference in references {
            for spec in reference.referrers {
                let rule = Rule(target: reference.target, spec: spec)
                if spec.kinds.kind.isEmpty { forAll.append(rule) } else { byKind[spec.kinds.kind, default: []].append(rule) }
            }
        }
        rulesByKind = byKind
        rulesForAll = forAll
    }

    static let standard = NameReferenceUpdate(TransformerConfiguration.standard(of: .standard).nameReferences)

    func apply(to resources: inout [Resource], _ budget: RenderBudget) throws {
        for resource in resources where resource.kind.kind == "RoleBinding" && hasRules(for: resource.originalID.kind) {
            _ = try Search.subjectNamespaces(resource)
        }
        let targets = Targets(resources, budget)
        guard targets.areChanged else { return }
        for position in resources.indices {
            let original = targets.resources[position].originalID.kind
            let rules = (rulesByKind[original.kind] ?? []) + rulesForAll
            guard !rules.isEmpty else { continue }
            try budget.spend(steps: rules.count)
            let search = try Search(targets.resources[position], targets)
            do {
                for rule in rules where rule.spec.kinds.matches(original) {
                    try resources[position].node.visit(rule.spec.steps[...], creating: .nothing) { try search.update(&$0, rule) }
                }
            } catch let failure as FieldFailure {
                throw failure.of(targets.resources[position])
            }
        }
    }

    private func hasRules(for kind: GroupVersionKind) -> Bool {
        ((rulesByKind[kind.kind] ?? []) + rulesForAll).contains { $0.spec.kinds.matches(kind) }
    }

    /// What can be named, as it is before any reference is changed.
    private struct Targets {
        let resources: [Resource]
        let index: ResourceIndex
        /// Where the objects are now that were first read in a namespace.
        let namespaces: [String: Set<String>]
        /// Whether any object has another name than before, or a namespace that what names it would be given.
        let areChanged: Bool
        let budget: RenderBudget

        init(_ resources: [Resource], _ budget: RenderBudget) {
            self.budget = budget
            self.resources = resources
            index = ResourceIndex(previousNamesOf: resources)
            var namespaces: [String: Set<String>] = [:]
            if !index.isEmpty {
                for resource in resources where !resource.originalID.kind.isClusterScoped {
                    namespaces[resource.originalID.effectiveNamespace, default: []].insert(resource.id.effectiveNamespace)
                }
            }
            self.namespaces = namespaces
            areChanged = resources.contains { resource in
                guard resource.hasPreviousIDs else { return false }
                let name = resource.name
                return !resource.namespace.isEmpty || resource.previousNames.contains { $0 != name }
            }
        }
    }

    /// Finds what the fields of one referrer mean.
    private final class Search {
        let referrer: Resource
        let referrerID: ResourceID
        let targets: Targets
        let subjectNamespaces: Set<String>

        init(_ referrer: Resource, _ targets: Targets) throws(TransformerFailure) {
            self.referrer = referrer
            self.targets = targets
            referrerID = referrer.id
            subjectNamespaces = referrer.kind.kind == "RoleBinding" ? try Self.subjectNamespaces(referrer) : []
        }

        /// A role reference says in fields of its own which kind it means.
        private func roleKind(_ rule: Rule) -> KindSelector? {
            guard rule.spec.path.hasSuffix("roleRef/name"),
                let group = referrer.node["roleRef"]?["apiGroup"]?.scalar?.text,
                let kind = referrer.node["roleRef"]?["kind"]?.scalar?.text
            else { return nil }
            return KindSelector(group: group, kind: kind)
        }

        /// A role binding may name service accounts of other namespaces.
        fileprivate static func subjectNamespaces(_ referrer: Resource) throws(TransformerFailure) -> Set<String> {
            var result: Set<String> = []
            for subject in referrer.node["subjects"]?.list ?? [] where subject["kind"]?.scalar?.text == "ServiceAccount" {
                guard let namespace = subject["namespace"] else { continue }
                guard let text = namespace.text else {
                    throw TransformerFailure(
                        "a subject of \(referrer.id) has an empty namespace", hint: "give it one, or remove the field")
                }
                result.insert(text)
            }
            return result
        }

        func update(_ node: inout ManifestNode, _ rule: Rule) throws {
            switch node {
            case .scalar(let scalar):
                guard scalar.kind != .null, let name = try target(of: rule, named: scalar.text)?.name, name != scalar.text else {
                    return
                }
                node = .scalar(ManifestScalar(text: name, kind: scalar.kind == .string ? .string : ScalarKind(plain: name)))
            case .list(var items):
                node = .null
                defer { node = .list(items) }
                for index in items.indices where items[index].list == nil { try update(&items[index], rule) }
            case .map(let map):
                guard let name = map["name"]?.scalar?.text else {
                    throw FieldFailure(message: "\(rule.spec.path) leads to a mapping without name")
                }
                let namespace = map["namespace"].map { $0.scalar?.text ?? "" }
                guard let target = try target(of: rule, named: name, namespace: .some(namespace)) else { return }
                if target.name == name, target.namespace.isEmpty { return }
                node.modify(at: ["name"]) { $0 = .string(target.name) }
                if !target.namespace.isEmpty {
                    node.modify(at: ["namespace"], create: true) { $0 = .string(target.namespace) }
                }
            }
        }

        /// - Parameter namespace: nil where the field is only a name; a mapping gives the namespace too, if it has one.
        private func target(of rule: Rule, named name: String, namespace: String?? = nil) throws -> Resource? {
            let named = targets.index.resources(previouslyNamed: name)
            try targets.budget.spend(steps: named.count * 10)
            var candidates = named.map { targets.resources[$0] }.filter(canBeReferenced)
            if case .some(.some(let namespace)) = namespace {
                let isOriginal = hasCandidates(originallyIn: namespace)
                candidates = candidates.filter {
                    isOriginal
                        ? $0.originalID.effectiveNamespace == namespace && !$0.originalID.kind.isClusterScoped
                        : $0.id.effectiveNamespace == namespace && !$0.kind.isClusterScoped
                }
            }
            candidates = candidates.filter { $0.previousIDs.contains { rule.target.matches($0.kind) } }
            if let roleKind = roleKind(rule) {
                candidates = candidates.filter { $0.previousIDs.contains { roleKind.matches($0.kind) } }
            }
            candidates = candidates.filter(isInReach)
            if candidates.count == 1 { return candidates[0] }
            candidates = candidates.filter { hasSameAffixes($0, orNone: true) }
            if candidates.count > 1 { candidates = candidates.filter { hasSameAffixes($0, orNone: false) } }
            guard let first = candidates.first else { return nil }
            let isWhole = namespace != nil
            guard candidates.allSatisfy({ $0.name == first.name && (!isWhole || $0.namespace == first.namespace) }) else {
                throw Ambiguity(
                    message:
                        "\(referrerID) names “\(name)”, which can be \(candidates.map(\.id.description).joined(separator: " or "))"
                )
            }
            return first
        }

        /// Whether any object at all that could be meant was first read in `namespace`.
        private func hasCandidates(originallyIn namespace: String) -> Bool {
            (targets.namespaces[namespace] ?? []).contains { now in
                referrerID.kind.isClusterScoped || now.isEmpty || now == referrerID.effectiveNamespace
                    || subjectNamespaces.contains(now)
            }
        }

        private func canBeReferenced(_ resource: Resource) -> Bool {
            referrerID.kind.isClusterScoped || resource.kind.isClusterScoped
                || resource.id.effectiveNamespace == referrerID.effectiveNamespace
                || subjectNamespaces.contains(resource.namespace)
        }

        private func isInReach(_ resource: Resource) -> Bool {
            referrerID.kind.isClusterScoped || resource.kind.isClusterScoped || resource.kind.kind == "ServiceAccount"
                || resource.id.effectiveNamespace == referrerID.effectiveNamespace
        }

        private func hasSameAffixes(_ resource: Resource, orNone: Bool) -> Bool {
            func agree(_ left: [String], _ right: [String]) -> Bool {
                if left.isEmpty || right.isEmpty { return orNone || left.count == right.count }
                let count = min(left.count, right.count)
                return left.suffix(count) == right.suffix(count)
            }
            return agree(resource.prefixes, referrer.prefixes) && agree(resource.suffixes, referrer.suffixes)
        }
    }
}
