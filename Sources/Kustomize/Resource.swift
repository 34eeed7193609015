import GitOpsTypes

/// The kind of an object: `apps/v1, Kind=Deployment`.
struct GroupVersionKind: Hashable, Sendable {
    let group: String
    let version: String
    let kind: String

    /// From `apiVersion` and `kind` as a manifest has them; `v1` is the core group.
    init(apiVersion: String, kind: String) {
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        group = parts.count == 2 ? String(parts[0]) : ""
        version = parts.last.map(String.init) ?? ""
        self.kind = kind
    }

    /// Whether objects of this kind belong to no namespace.
    var isClusterScoped: Bool {
        switch (group, kind) {
        case ("", "Namespace"), ("", "Node"), ("", "PersistentVolume"), ("apiextensions.k8s.io", "CustomResourceDefinition"),
            ("rbac.authorization.k8s.io", "ClusterRole"), ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
            ("storage.k8s.io", "StorageClass"), ("storage.k8s.io", "CSIDriver"), ("storage.k8s.io", "CSINode"),
            ("storage.k8s.io", "VolumeAttachment"), ("scheduling.k8s.io", "PriorityClass"), ("node.k8s.io", "RuntimeClass"),
            ("networking.k8s.io", "IngressClass"), ("certificates.k8s.io", "CertificateSigningRequest"),
            ("apiregistration.k8s.io", "APIService"), ("policy", "PodSecurityPolicy"),
            ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
            ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
            ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
            ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
            ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"):
            true
        default: false
        }
    }

    /// Whether the API group is one of Kubernetes' own, whose schema gives lists a merge key.
    var isBuiltIn: Bool {
        group.isEmpty || group.hasSuffix(".k8s.io") && !group.contains("gateway")
            || ["apps", "batch", "policy", "autoscaling", "extensions"].contains(group)
    }
}

/// What tells resources of one render apart.
struct ResourceID: Hashable, Sendable, CustomStringConvertible {
    let kind: GroupVersionKind
    let name: String
    let namespace: String

    /// The version is not part of an object's identity.
    static func == (left: ResourceID, right: ResourceID) -> Bool {
        left.kind.group == right.kind.group && left.kind.kind == right.kind.kind && left.name == right.name
            && left.namespace == right.namespace
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(kind.group)
        hasher.combine(kind.kind)
        hasher.combine(name)
        hasher.combine(namespace)
    }

    var description: String {
        "\(kind.kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)"
    }
}

/// One object on its way through the transformers, with the names it had before: references and patches may use any of them.
struct Resource: Sendable {
    var node: ManifestNode
    let kind: GroupVersionKind
    /// Earlier identities, oldest first.
    private(set) var previous: [ResourceID] = []
    /// Prefixes and suffixes put on so far, outermost last.
    var prefixes: [String] = []
    var suffixes: [String] = []
    /// Whether a generator made it, and wants its content's hash in the name.
    var needsHash = false
    /// The file the object was read from, for messages.
    let origin: RepositoryPath

    /// Nil when `node` is no Kubernetes object with kind and name.
    init?(_ node: ManifestNode, origin: RepositoryPath) {
        guard let kind = node["kind"]?.text, !kind.isEmpty else { return nil }
        self.node = node
        self.kind = GroupVersionKind(apiVersion: node["apiVersion"]?.text ?? "", kind: kind)
        self.origin = origin
    }

    var name: String { node["metadata"]?["name"]?.text ?? "" }
    var namespace: String { kind.isClusterScoped ? "" : node["metadata"]?["namespace"]?.text ?? "" }

    var id: ResourceID {
        // An object without a namespace is in the namespace that the client calls default.
        ResourceID(kind: kind, name: name, namespace: namespace == "default" ? "" : namespace)
    }

    /// The identity the object was first read with.
    var originalID: ResourceID { previous.first ?? id }

    func hasID(_ other: ResourceID) -> Bool {
        id == other || previous.contains(other)
    }

    mutating func setName(_ name: String) {
        remember()
        node.modify(at: ["metadata", "name"], create: true) { $0 = .string(name) }
    }

    mutating func setNamespace(_ namespace: String) {
        guard !kind.isClusterScoped else { return }
        remember()
        node.modify(at: ["metadata", "namespace"], create: true) { $0 = .string(namespace) }
    }

    /// Keeps the present identity before a change of name or namespace.
    mutating func remember() {
        if previous.last != id { previous.append(id) }
    }
}
