import GitOpsTypes

/// The transformers that go over every resource of a kustomization.
extension Array<Resource> {
    /// Puts every namespaced object into `namespace`, renames the Namespace object itself, and moves what names a
    /// namespace by convention along.
    mutating func setNamespace(_ namespace: String) {
        for index in indices {
            let kind = self[index].kind
            self[index].setNamespace(namespace)
            if kind.kind == "Namespace", kind.group.isEmpty { self[index].setName(namespace) }
            if kind.kind == "RoleBinding" || kind.kind == "ClusterRoleBinding" {
                self[index].node.modifyAll(at: ["subjects"], create: false) { subjects in
                    guard case .list(var items) = subjects else { return }
                    for item in items.indices
                    where items[item]["kind"]?.text == "ServiceAccount" && items[item]["name"]?.text == "default" {
                        items[item].modify(at: ["namespace"], create: true) { $0 = .string(namespace) }
                    }
                    subjects = .list(items)
                }
            }
            if kind.kind == "APIService" {
                self[index].node.modifyAll(at: ["spec", "service", "namespace"], create: true) { $0 = .string(namespace) }
            }
            if kind.kind == "CustomResourceDefinition" {
                self[index].node.modifyAll(
                    at: ["spec", "conversion", "webhook", "clientConfig", "service", "namespace"], create: false
                ) { $0 = .string(namespace) }
            }
        }
    }

    /// Puts `prefix` and `suffix` around every name but those that are not free to choose.
    mutating func addAffixes(prefix: String, suffix: String) {
        guard !prefix.isEmpty || !suffix.isEmpty else { return }
        for index in indices {
            switch self[index].kind.kind {
            case "Namespace", "CustomResourceDefinition", "APIService": continue
            default:
                self[index].setName(prefix + self[index].name + suffix)
                if !prefix.isEmpty { self[index].prefixes.append(prefix) }
                if !suffix.isEmpty { self[index].suffixes.append(suffix) }
            }
        }
    }

    mutating func addLabels(_ rule: Kustomization.LabelRule) {
        var specs = FieldSpec.labels
        if rule.includeSelectors { specs += FieldSpec.selectorLabels + FieldSpec.templateLabels }
        if rule.includeTemplates, !rule.includeSelectors { specs += FieldSpec.templateLabels }
        set(rule.pairs, at: specs)
    }

    mutating func addAnnotations(_ pairs: [(key: String, value: String)]) {
        set(pairs, at: FieldSpec.annotations)
    }

    private mutating func set(_ pairs: [(key: String, value: String)], at specs: [FieldSpec]) {
        guard !pairs.isEmpty else { return }
        for index in indices {
            for spec in specs where spec.applies(to: self[index].kind) {
                self[index].node.modifyAll(at: spec.path[...], create: spec.create) { node in
                    var map = node.map ?? ManifestMap()
                    for (key, value) in pairs { map[key] = .string(value) }
                    node = .map(map)
                }
            }
        }
    }

    mutating func setReplicas(_ rule: Kustomization.ReplicaRule, in path: RepositoryPath) throws(KustomizeError) {
        var found = false
        for index in indices {
            let resource = self[index]
            guard resource.name == rule.name || resource.previous.contains(where: { $0.name == rule.name }) else { continue }
            for spec in FieldSpec.replicas where spec.applies(to: resource.kind) {
                self[index].node.modifyAll(at: spec.path[...], create: spec.create) { $0 = .integer(rule.count) }
                found = true
            }
        }
        guard found else {
            throw KustomizeError(
                .conflict,
                "replicas names “\(rule.name)”, and no Deployment, StatefulSet, ReplicaSet or ReplicationController has that name",
                in: path, at: rule.position, hint: "correct the name or remove the entry")
        }
    }

    mutating func setImages(_ rules: [Kustomization.ImageRule]) {
        guard !rules.isEmpty else { return }
        for index in indices where self[index].kind.kind != "CustomResourceDefinition" {
            for rule in rules { self[index].node.setImage(rule) }
        }
    }
}

extension ManifestNode {
    /// Applies an `images` entry to every container and init container, at any depth.
    ///
    /// Source: Kustomize v5.5. A tag drops a digest the manifest had; a digest drops its tag; both together write both.
    fileprivate mutating func setImage(_ rule: Kustomization.ImageRule) {
        switch self {
        case .scalar: return
        case .list(var items):
            self = .null
            for index in items.indices { items[index].setImage(rule) }
            self = .list(items)
        case .map(var map):
            self = .null
            for index in map.entries.indices {
                let key = map.entries[index].key
                if key == "containers" || key == "initContainers", case .list(var containers) = map.entries[index].value {
                    map.entries[index].value = .null
                    for container in containers.indices {
                        containers[container].modify(at: ["image"]) { image in
                            if let text = image.text, let changed = rule.applied(to: text) { image = .string(changed) }
                        }
                    }
                    map.entries[index].value = .list(containers)
                } else {
                    map.entries[index].value.setImage(rule)
                }
            }
            self = .map(map)
        }
    }
}

extension Kustomization.ImageRule {
    /// The image that `text` becomes; nil when the rule is for another name.
    func applied(to text: String) -> String? {
        let parts = ImageText(text)
        guard parts.name == name else { return nil }
        var result = newName ?? parts.name
        switch (newTag.flatMap { $0.isEmpty ? nil : $0 }, digest.flatMap { $0.isEmpty ? nil : $0 }) {
        case (let tag?, let digest?): result += ":\(tag)@\(digest)"
        case (let tag?, nil): result += ":\(tag)"
        case (nil, let digest?): result += "@\(digest)"
        case (nil, nil):
            if let tag = parts.tag { result += ":\(tag)" }
            if let digest = parts.digest { result += "@\(digest)" }
        }
        return result
    }
}

/// The parts of an image as a manifest writes it, valid or not.
public struct ImageText: Hashable, Sendable {
    public let name: String
    public let tag: String?
    public let digest: String?

    /// The tag begins at a colon after the last slash, the digest at `@`.
    public init(_ text: String) {
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        } else {
            digest = nil
        }
        let start = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[start...].firstIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        } else {
            tag = nil
        }
        name = String(rest)
    }
}
