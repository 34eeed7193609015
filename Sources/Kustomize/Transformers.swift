import GitOpsTypes
import YAMLEditing

/// A transformer cannot do what it is asked; the renderer adds the place.
struct TransformerFailure: Error {
    let message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// Which subjects of role bindings move with a namespace.
enum RoleBindingSubjects: String, Sendable {
    /// Only service accounts called `default`.
    case defaultOnly
    case allServiceAccounts
    case none
}

/// The transformers that go over every resource.
///
/// Source: behaviour of Kustomize v5.5's built-in transformers.
extension Array<Resource> {
    /// Puts every namespaced object into `namespace`, renames Namespace objects, and moves what names a namespace by
    /// convention along.
    ///
    /// - Parameters:
    ///   - unsetOnly: leaves objects alone that have one.
    ///   - sparingCharts: leaves objects alone that Helm has made.
    /// - Throws: `TransformerFailure` when two objects become the same.
    mutating func setNamespace(
        _ namespace: String, at specs: [FieldSpec], subjects: RoleBindingSubjects = .defaultOnly, unsetOnly: Bool = false,
        sparingCharts: Bool, _ budget: RenderBudget
    ) throws {
        try budget.spend(steps: count * specs.count)
        let metadata = FieldSpec("metadata/namespace", create: true)
        func set(_ node: inout ManifestNode) throws {
            guard node.scalar != nil else { throw FieldFailure(message: "a namespace has the place of a mapping or a list") }
            if unsetOnly, let scalar = node.scalar, scalar.kind != .null, !scalar.text.isEmpty { return }
            node = .string(namespace)
        }
        try changeEach { resource in
            if sparingCharts, resource.annotation(BuildNotes.helmKey) == "true" { return }
            resource.remember()
            let isBinding = resource.kind.kind == "RoleBinding" || resource.kind.kind == "ClusterRoleBinding"
            let isCore = resource.kind.group.isEmpty && resource.kind.version == "v1"
            if !resource.kind.isClusterScoped { try resource.visit(metadata, creating: .scalar, set) }
            if isBinding {
                try resource.node.modify(at: ["subjects"]) { try $0.setNamespaceOfSubjects(subjects, set) }
            }
            for spec in specs {
                if spec.path == metadata.path || spec.path == "metadata/name" && !isCore { continue }
                if isBinding, spec.path == "subjects/namespace", spec.kinds.kind.hasSuffix("RoleBinding") { continue }
                try resource.visit(spec, creating: .scalar, set)
            }
        }
        try requireDistinctIDs(after: "namespace")
    }

    /// - Throws: `TransformerFailure` when two objects are the same.
    func requireDistinctIDs(after step: String) throws(TransformerFailure) {
        var seen: Set<ResourceID> = []
        for resource in self where !seen.insert(resource.id).inserted {
            throw TransformerFailure("after \(step), two objects are \(resource.id)", hint: "rename one of them")
        }
    }

    /// Puts `prefix` and `suffix` around names, except those that are not free to choose.
    mutating func addAffixes(
        prefix: String, at prefixSpecs: [FieldSpec], suffix: String, at suffixSpecs: [FieldSpec], _ budget: RenderBudget
    ) throws {
        for (affix, specs, isPrefix) in [(prefix, prefixSpecs, true), (suffix, suffixSpecs, false)] where !affix.isEmpty {
            try budget.spend(steps: count * specs.count)
            try changeEach { resource in
                let original = resource.originalID.kind
                switch original.kind {
                case "Namespace", "CustomResourceDefinition": return
                case "APIService" where original.group == "apiregistration.k8s.io": return
                default: break
                }
                for spec in specs where spec.kinds.matches(original) {
                    if spec.path == "metadata/name" {
                        resource.remember()
                        if isPrefix { resource.prefixes.append(affix) } else { resource.suffixes.append(affix) }
                    }
                    try resource.visit(spec, creating: .scalar) { node in
                        guard let scalar = node.scalar else { throw FieldFailure(message: "\(spec.path) is no text") }
                        let old = scalar.kind == .null ? "" : scalar.text
                        let text = isPrefix ? affix + old : old + affix
                        try budget.spend(bytes: text.utf8.count)
                        node = .scalar(ManifestScalar(text: text, kind: ScalarKind(plain: text)).replacing(scalar))
                    }
                }
            }
        }
    }

    /// Sets labels or annotations in the mappings that `specs` lead to.
    mutating func setEntries(
        _ pairs: [(key: String, value: String)], at specs: [FieldSpec], _ budget: RenderBudget
    ) throws {
        guard !pairs.isEmpty else { return }
        try budget.spend(steps: count * specs.count)
        let pairs = pairs.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        try changeEach { resource in
            try budget.spend(steps: pairs.count)
            var shared = resource.shared
            let shares = pairs.map { _ in shared.next() }
            var additions = Array<Int>(repeating: 0, count: pairs.count)
            for spec in specs {
                try resource.visit(spec, creating: .map) { node in
                    if node.isNull, !spec.create { return }
                    guard case .map(var map) = node else { throw FieldFailure(message: "\(spec.path) is no mapping") }
                    try budget.spend(values: pairs.count, steps: pairs.count * (map.entries.count + pairs.count) / 8)
                    node = .null
                    defer { node = .map(map) }
                    for (number, pair) in pairs.enumerated() {
                        var value = ManifestScalar(text: pair.value, kind: .string)
                        if let old = map[pair.key] {
                            value.share = old.scalar?.share ?? 0
                            shared.noteChange()
                        } else {
                            guard pair.key.isPlainText else {
                                throw FieldFailure(
                                    message: "the key “\(pair.key)” is read as no text, and Kustomize cannot quote it")
                            }
                            value.share = shares[number]
                            additions[number] += 1
                        }
                        map[pair.key] = .scalar(value)
                    }
                }
            }
            for (number, pair) in pairs.enumerated() where additions[number] > 1 {
                shared.add(ManifestScalar(text: pair.value, kind: .string), as: shares[number])
            }
            resource.shared = shared
            resource.settleSharedValues()
        }
    }

    /// Changes the images of containers and init containers at any depth, and those in the fields that `specs` lead to.
    mutating func setImage(_ rule: Kustomization.ImageRule, at specs: [FieldSpec], _ budget: RenderBudget) throws {
        let matcher = try ImageMatcher(rule, budget)
        try budget.spend(steps: count * specs.count)
        try changeEach { resource in
            guard resource.kind.kind != "CustomResourceDefinition" else { return }
            try budget.spend(steps: resource.node.size.values)
            try resource.node.setImages(matcher)
            for spec in specs { try resource.visit(spec) { try $0.setImage(matcher, in: spec.path) } }
        }
    }
}

extension ManifestNode {
    fileprivate mutating func setNamespaceOfSubjects(
        _ choice: RoleBindingSubjects, _ set: (inout ManifestNode) throws -> Void
    ) throws {
        guard choice != .none, case .list(var items) = self else { return }
        self = .null
        defer { self = .list(items) }
        for index in items.indices {
            let isMeant =
                choice == .defaultOnly
                ? items[index]["name"]?.scalar?.text == "default" : items[index]["kind"]?.scalar?.text == "ServiceAccount"
            if isMeant { try items[index].modify(at: ["namespace"], create: true, set) }
        }
    }

    /// Changes the image of every container and init container below.
    fileprivate mutating func setImages(_ matcher: ImageMatcher) throws {
        switch self {
        case .scalar: return
        case .list(var items):
            self = .null
            defer { self = .list(items) }
            for index in items.indices { try items[index].setImages(matcher) }
        case .map(var map):
            self = .null
            defer { self = .map(map) }
            for index in map.entries.indices {
                try map.entries[index].value.setImages(matcher)
                let key = map.entries[index].key
                guard key == "containers" || key == "initContainers", case .list(var containers) = map.entries[index].value else {
                    continue
                }
                map.entries[index].value = .null
                defer { map.entries[index].value = .list(containers) }
                for container in containers.indices {
                    if containers[container].map == nil, !containers[container].isNull {
                        throw FieldFailure(message: "an item of \(key) is no mapping, and has no image")
                    }
                    try containers[container].modify(at: ["image"]) { image in
                        try image.setImage(matcher, in: "\(key)[\(container)].image")
                    }
                }
            }
        }
    }

    fileprivate mutating func setImage(_ matcher: ImageMatcher, in field: String) throws {
        if isNull { return }
        guard case .scalar(let scalar) = self else { throw FieldFailure(message: "\(field) is no text, and no image") }
        if let changed = try matcher.applied(to: scalar.text) {
            // Written without a type, so that an image called 7 becomes a number where it is not in quotes.
            self = .scalar(ManifestScalar(text: changed, kind: ScalarKind(plain: changed)).replacing(scalar))
        }
    }
}

/// An `images` entry, applied to images as manifests write them.
struct ImageMatcher {
    private let rule: Kustomization.ImageRule
    /// Kustomize takes the name for a regular expression; where that makes a difference, this is it.
    private let expression: GoExpression?
    private let budget: RenderBudget

    /// - Throws: `TransformerFailure` when the name is no expression.
    init(_ rule: Kustomization.ImageRule, _ budget: RenderBudget) throws(TransformerFailure) {
        self.rule = rule
        self.budget = budget
        guard GoExpression.isNeeded(for: rule.name.filter { $0 != "." }) else {
            expression = nil
            return
        }
        guard let expression = GoExpression("^\(rule.name)(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$") else {
            throw TransformerFailure("images: “\(rule.name)” is no regular expression, which a name is taken for")
        }
        self.expression = expression
    }

    /// The image that `text` becomes; nil when the rule is for another name.
    ///
    /// Source: Kustomize v5.5. A tag drops a digest the manifest had; a digest drops its tag; both together write both.
    func applied(to text: String) throws(KustomizeError) -> String? {
        if let expression { try budget.spend(steps: expression.steps(for: text.utf8.count)) }
        guard matches(text) else { return nil }
        let parts = ImageText(text)
        var result = rule.newName ?? parts.name
        let tag = rule.newTag ?? ""
        let digest = rule.digest ?? ""
        if tag.isEmpty, digest.isEmpty {
            if let suffix = rule.tagSuffix {
                result += ":\(parts.tag ?? "")\(suffix)"
            } else {
                if let tag = parts.tag, !tag.isEmpty { result += ":\(tag)" }
                if let digest = parts.digest, !digest.isEmpty { result += "@\(digest)" }
            }
        } else {
            if !tag.isEmpty { result += ":\(tag)" }
            if !digest.isEmpty { result += "@\(digest)" }
        }
        try budget.spend(bytes: result.utf8.count)
        return result
    }

    private func matches(_ text: String) -> Bool {
        if let expression { return expression.isFound(in: text) }
        // A dot stands for any character.
        var rest = Substring(text)
        for character in rule.name {
            guard let next = rest.popFirst(), next == character || character == "." else { return false }
        }
        if rest.first == ":" { rest = rest.dropFirst().drop(while: Self.isTagCharacter) }
        if rest.hasPrefix("@sha256:") { rest = rest.dropFirst(8).drop(while: Self.isTagCharacter) }
        return rest.isEmpty
    }

    private static func isTagCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || "_.{}-".contains(character)
    }
}

/// The parts of an image as a manifest writes it, valid or not.
public struct ImageText: Hashable, Sendable {
    public let name: String
    public let tag: String?
    public let digest: String?

    /// The tag begins at the first colon after the first slash, the digest at `@`.
    ///
    /// Source: Kustomize v5.5; the host before the first slash may have a colon for its port.
    public init(_ text: String) {
        let start = text.firstIndex(of: "/") ?? text.startIndex
        let at = text[start...].firstIndex(of: "@")
        let colon = text[start..<(at ?? text.endIndex)].firstIndex(of: ":")
        name = String(text[..<(colon ?? at ?? text.endIndex)])
        tag = colon.map { String(text[text.index(after: $0)..<(at ?? text.endIndex)]) }
        digest = at.map { String(text[text.index(after: $0)...]) }
    }
}
