import GitOpsTypes
import YAMLEditing

/// A patch, read: objects to merge, or operations to carry out.
enum PatchContent {
    case strategic([ManifestNode])
    case operations([JSONPatchOperation])
}

/// Applies one patch to the resources it is for.
struct PatchApplication {
    let rule: Kustomization.PatchRule
    let kustomize: KustomizeVersion
    /// The schema as it is when it is needed first.
    let schema: () -> MergeSchema
    /// The kustomization the patch is listed in, for messages.
    let path: RepositoryPath
    let budget: RenderBudget

    /// - Parameter remembers: whether resources that operations change keep their present identity.
    func apply(_ content: PatchContent, to resources: inout ResourceList, remembers: Bool = true) throws {
        switch content {
        case .strategic(let patches):
            if rule.target != nil, patches.count > 1 {
                throw error(.invalid, "a patch with a target is one document", hint: "give every document an entry of its own")
            }
            var deletes = false
            for patch in patches {
                guard !deletes || kustomize.deletesRepeatedly || rule.isFromStrategicMergeField else {
                    throw error(
                        .invalid, "Kustomize \(kustomize.rawValue) crashes on what follows $patch: delete in one patch",
                        hint: "give it an entry of its own")
                }
                let count = resources.count
                try merge(patch, into: &resources)
                deletes = deletes || resources.count < count
            }
        case .operations(let operations): try carryOut(operations, on: &resources, remembers: remembers)
        }
    }

    private func merge(_ patch: ManifestNode, into resources: inout ResourceList) throws {
        guard let asResource = Resource(patch, origin: path), !asResource.name.isEmpty else {
            throw error(.invalid, "a patch needs kind and metadata.name, also where it has a target")
        }
        let matches: [Int]
        var patch = patch
        if rule.allowNameChange || rule.allowKindChange { patch.stringifyEntries(of: "annotations") }
        if let target = rule.target {
            matches = try self.matches(target, &resources)
        } else {
            let id = asResource.id
            matches = resources.positions(of: id).filter { resources[$0].hasID(id) }
            try budget.spend(steps: matches.count)
            guard matches.count == 1 else {
                throw error(
                    .conflict, "\(matches.isEmpty ? "no object" : "more than one object") matches the patch for \(asResource.id)",
                    hint: "correct apiVersion, kind, name and namespace, or give the patch a target")
            }
        }
        if rule.stringifiesMetadata {
            patch.stringifyEntries(of: "labels")
            patch.stringifyEntries(of: "annotations")
        }
        var deleted: [Int] = []
        let size = patch.size
        for index in matches {
            try budget.spend(values: size.values, bytes: size.bytes, steps: size.values)
            try resources.change(index) { resource in
                if try !merge(patch, asResource, into: &resource) { deleted.append(index) }
            }
        }
        if !deleted.isEmpty { resources.remove(deleted) }
        if rule.stringifiesMetadata, resources.hasRepetitions() { try requireDistinctIDs(resources.all) }
    }

    /// False when the patch deletes the resource.
    private func merge(_ patch: ManifestNode, _ asResource: Resource, into resource: inout Resource) throws -> Bool {
        let (name, namespace, kind, id) = (resource.name, resource.namespace, resource.kind, resource.id)
        if rule.allowNameChange || rule.allowKindChange { resource.remember() }
        let hasVersion = resource.node["apiVersion"]?.isNull == false
        var patch = patch
        if rule.target != nil, case .map(var map) = patch {
            map["apiVersion"] = hasVersion ? resource.node["apiVersion"] : nil
            map["kind"] = .string(asResource.kind.kind)
            patch = .map(map)
        }
        let merged: ManifestNode?
        do {
            merged = try StrategicMerge(schema: schema(), budget: budget).merge(patch, into: resource.takeNode())
        } catch let failure as StrategicMerge.Failure {
            throw error(.invalid, "\(Resource.label(id, resource.origin)): \(failure.message)")
        }
        guard let merged, merged.map?.isEmpty == false else { return false }
        resource.node = merged
        // Kustomize gives the patch the object's version, and so the object that of the patch.
        if rule.target != nil, !hasVersion { resource.node.modify(at: ["apiVersion"], create: true) { $0 = .null } }
        if !rule.allowKindChange { resource.node.modify(at: ["kind"], create: true) { $0 = .string(kind.kind) } }
        if !rule.allowNameChange { resource.setName(name) }
        if namespace.isEmpty {
            resource.node.modify(at: ["metadata"]) { metadata in
                guard case .map(var map) = metadata else { return }
                map["namespace"] = nil
                metadata = .map(map)
            }
        } else {
            resource.node.modify(at: ["metadata", "namespace"], create: true) { $0 = .string(namespace) }
        }
        resource.updateKind()
        resource.shared.noteChange()
        resource.settleSharedValues()
        return true
    }

    private func carryOut(
        _ operations: [JSONPatchOperation], on resources: inout ResourceList, remembers: Bool
    ) throws {
        guard let target = rule.target else {
            throw error(.invalid, "a JSON 6902 patch needs a target", hint: "add target: with kind and name")
        }
        for index in try matches(target, &resources) {
            try resources.change(index) { try carryOut(operations, on: &$0, remembers: remembers) }
        }
    }

    private func carryOut(_ operations: [JSONPatchOperation], on resource: inout Resource, remembers: Bool) throws {
        if remembers { resource.remember() }
        if resource.hasNotes, resource.node["metadata"]?["annotations"]?.isNull ?? true {
            // Kustomize keeps its notes in annotations, so that these are there for operations to add to.
            resource.node.modify(at: ["metadata", "annotations"], create: true) { annotations in
                if annotations.isNull { annotations = .map(ManifestMap()) }
            }
        }
        let (id, origin) = (resource.id, resource.origin)
        try resource.changeThroughJSON(keepsForm: operations.allSatisfy(\.keepsJSONForm)) { node in
            for operation in operations {
                try spend(on: operation, node)
                do {
                    try operation.apply(to: &node)
                } catch let failure as JSONPatchOperation.Failure {
                    throw error(.invalid, "\(Resource.label(id, origin)): \(failure.message)")
                }
            }
        }
        resource.updateKind()
    }

    /// What an operation puts into an object, and the work of comparing what it tests.
    private func spend(on operation: JSONPatchOperation, _ node: ManifestNode) throws(KustomizeError) {
        let added: ManifestNode.Size?
        switch operation.action {
        case .add(let value), .replace(let value): added = value.size
        case .copy(let from), .move(let from): added = JSONPatchOperation.value(at: from, in: node)?.size
        case .test(let value):
            added = nil
            try budget.spend(steps: value.size.values * (value.map?.entries.count ?? 1))
        case .remove: added = nil
        }
        try budget.spend(values: added?.values ?? 0, bytes: added?.bytes ?? 0, steps: (added?.values ?? 0) + 10)
        guard (added?.depth ?? 0) + operation.path.parts.count <= RenderBudget.maximumDepth else {
            throw error(
                .limit, "the operation nests values deeper than \(RenderBudget.maximumDepth) levels",
                hint: "take it out of the patch")
        }
    }

    private func requireDistinctIDs(_ resources: [Resource]) throws {
        do {
            try resources.requireDistinctIDs(after: "the patch")
        } catch {
            throw self.error(.conflict, error.message, hint: error.hint)
        }
    }

    private func matches(_ target: PatchTarget, _ resources: inout ResourceList) throws -> [Int] {
        let matcher = try PatchTargetMatcher(target) { text in
            KustomizeError(.invalid, "“\(text)” is no regular expression or selector", in: path, at: rule.position)
        }
        let candidates = resources.positions(matcher.query)
        return try candidates.filter { position in
            try budget.spend(steps: matcher.steps(for: resources[position]))
            return matcher.matches(resources[position])
        }
    }

    private func error(_ code: KustomizeError.Code, _ message: String, hint: String? = nil) -> KustomizeError {
        KustomizeError(code, message, in: path, at: rule.position, hint: hint)
    }
}

extension PatchTarget {
    /// What it takes to hold an object against a target's expressions.
    static let stepsOfMatching = 8
}

/// The resources that a target means: by the name and namespace they were read with or have now.
struct PatchTargetMatcher {
    private let name: AnchoredPattern
    private let namespace: AnchoredPattern
    private let group: AnchoredPattern
    private let version: AnchoredPattern
    private let kind: AnchoredPattern
    private let labels: LabelSelector
    private let annotations: LabelSelector

    /// - Parameter failure: makes the error for a pattern that cannot be read.
    init(_ target: PatchTarget, failure: (String) -> KustomizeError) throws(KustomizeError) {
        func pattern(_ text: String?) throws(KustomizeError) -> AnchoredPattern {
            guard let text, !text.isEmpty else { return AnchoredPattern.any }
            guard let pattern = AnchoredPattern(text) else { throw failure(text) }
            return pattern
        }
        func selector(_ text: String?) throws(KustomizeError) -> LabelSelector {
            guard let text, !text.isEmpty else { return LabelSelector(requirements: []) }
            guard let selector = LabelSelector(text) else { throw failure(text) }
            return selector
        }
        (name, namespace) = (try pattern(target.name), try pattern(target.namespace))
        (group, version, kind) = (try pattern(target.group), try pattern(target.version), try pattern(target.kind))
        (labels, annotations) = (try selector(target.labelSelector), try selector(target.annotationSelector))
    }

    /// What objects have in any case that match.
    var query: ResourceQuery {
        ResourceQuery(name: name.asName, namespace: namespace.exactText, kind: kind.exactText, label: labels.label)
    }

    /// About how much work it is to look at an object.
    func steps(for resource: Resource) -> Int {
        let own = name.steps(for: resource.name.utf8.count) + kind.steps(for: resource.kind.kind.utf8.count)
        let others = namespace.steps(for: resource.namespace.utf8.count) + group.steps(for: resource.kind.group.utf8.count)
        return PatchTarget.stepsOfMatching + 2 * (own + others) + version.steps(for: resource.kind.version.utf8.count)
    }

    func matches(_ resource: Resource) -> Bool {
        guard kind.matches(resource.kind.kind), group.matches(resource.kind.group), version.matches(resource.kind.version)
        else { return false }
        let (original, current) = (resource.originalID, resource.id)
        return (name.matches(original.name) || name.matches(current.name))
            && (namespace.matches(original.patternNamespace) || namespace.matches(current.patternNamespace))
            && labels.matches(resource.node["metadata"]?["labels"])
            && annotations.matches(resource.node["metadata"]?["annotations"])
    }
}

extension ResourceID {
    /// What a target's namespace is compared with; what is cluster-wide has a name there that no namespace has.
    fileprivate var patternNamespace: String { kind.isClusterScoped ? Self.noNamespace : effectiveNamespace }
}

extension ManifestNode {
    /// Makes texts of a patch's labels or annotations, null included, as Kustomize does on some ways.
    fileprivate mutating func stringifyEntries(of field: String) {
        modify(at: ["metadata"]) { metadata in
            guard case .map(var map) = metadata, map[field] != nil else { return }
            let entries = (map[field]?.map?.entries ?? []).map { entry in
                ManifestMap.Entry(key: entry.key, value: .string(entry.value.scalar?.text ?? ""))
            }
            map[field] = entries.isEmpty ? nil : .map(ManifestMap(entries))
            metadata = .map(map)
        }
    }
}

/// A regular expression that must match all of a text; plain names are compared as they are.
struct AnchoredPattern {
    private enum Matcher {
        case any
        case exact(String)
        /// With what every text that matches begins with, where that is known.
        case expression(GoExpression, prefix: String?)
    }

    private let matcher: Matcher
    static var any: AnchoredPattern { AnchoredPattern(matcher: .any) }

    private init(matcher: Matcher) {
        self.matcher = matcher
    }

    init?(_ text: String) {
        if text.utf8.allSatisfy({ Self.isLiteral($0) }) {
            matcher = .exact(text)
            return
        }
        guard let expression = GoExpression(text) else { return nil }
        matcher = .expression(expression, prefix: Self.literalPrefix(of: text))
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// The characters before the first that means something else, less one that is repeated or left out; nil where there is a choice or
    /// a flag, which may be about all of it.
    private static func literalPrefix(of text: String) -> String? {
        guard !text.utf8.contains(UInt8(ascii: "|")), !text.contains("(?") else { return nil }
        let body = text.utf8.drop { $0 == UInt8(ascii: "^") }
        var prefix = body.prefix(while: isLiteral)
        if let next = body[prefix.endIndex...].first, "*?+{".utf8.contains(next) { prefix = prefix.dropLast() }
        return prefix.isEmpty ? nil : String(Substring(prefix))
    }

    /// The one text that matches; nil where there can be others.
    var exactText: String? { if case .exact(let text) = matcher { text } else { nil } }

    /// What is known of a name that matches.
    var asName: ResourceQuery.Name? {
        switch matcher {
        case .any: nil
        case .exact(let text): .exactly(text)
        case .expression(_, let prefix): prefix.map { .beginning(with: $0) }
        }
    }

    /// About how much work it is to look at a text of so many bytes, besides comparing it.
    func steps(for bytes: Int) -> Int {
        if case .expression(let expression, _) = matcher { expression.steps(for: bytes) } else { 0 }
    }

    func matches(_ text: String) -> Bool {
        switch matcher {
        case .any: true
        case .exact(let exact): exact == text
        case .expression(let expression, _): expression.matchesWhole(text)
        }
    }
}
