/// The kind of an object: `apps/v1, Kind=Deployment`.
struct GroupVersionKind: Hashable, Sendable {
    let group: String
    let version: String
    let kind: String

    init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// From `apiVersion` and `kind` as a manifest has them; `v1` is the core group.
    init(apiVersion: String, kind: String) {
        if let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")) {
            group = String(apiVersion[..<slash])
            version = String(apiVersion[apiVersion.index(after: slash)...])
        } else {
            group = ""
            version = apiVersion
        }
        self.kind = kind
    }

    /// Whether objects of this kind are known to belong to no namespace.
    ///
    /// Source: the scopes in the Kubernetes 1.21 API, which Kustomize v5.5 has built in. Kinds it does not know, newer ones of
    /// Kubernetes' own included, count as namespaced there, and so here.
    var isClusterScoped: Bool { Self.clusterScopedKinds.contains(self) }

    /// Whether Kustomize tells the scope of this kind without reading a schema.
    var isBuiltIn: Bool { isClusterScoped || Self.namespacedKinds.contains(self) }

    /// Source: the kinds whose scope Kustomize has in a table of its own.
    private static let namespacedKinds = kinds([
        (
            "", ["v1"],
            [
                "ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolumeClaim", "Pod", "PodAttachOptions",
                "PodExecOptions", "PodPortForwardOptions", "PodProxyOptions", "PodTemplate", "ReplicationController",
                "ResourceQuota", "Secret", "Service", "ServiceAccount", "ServiceProxyOptions",
            ]
        ),
        ("apps", ["v1"], ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
        ("autoscaling", ["v1", "v2beta1", "v2beta2"], ["HorizontalPodAutoscaler"]),
        ("autoscaling", ["v1"], ["Scale"]), ("batch", ["v1", "v1beta1"], ["CronJob"]), ("batch", ["v1"], ["Job"]),
        ("coordination.k8s.io", ["v1", "v1beta1"], ["Lease"]), ("discovery.k8s.io", ["v1", "v1beta1"], ["EndpointSlice"]),
        ("events.k8s.io", ["v1", "v1beta1"], ["Event"]), ("extensions", ["v1beta1"], ["Ingress"]),
        ("networking.k8s.io", ["v1", "v1beta1"], ["Ingress"]), ("networking.k8s.io", ["v1"], ["NetworkPolicy"]),
        ("policy", ["v1", "v1beta1"], ["PodDisruptionBudget"]),
        ("rbac.authorization.k8s.io", ["v1", "v1beta1"], ["Role", "RoleBinding"]),
        ("storage.k8s.io", ["v1beta1"], ["CSIStorageCapacity"]),
    ])

    private static func kinds(
        _ table: [(group: String, versions: [String], kinds: [String])]
    ) -> Set<GroupVersionKind> {
        var result: Set<GroupVersionKind> = []
        for (group, versions, kinds) in table {
            for version in versions {
                for kind in kinds { result.insert(GroupVersionKind(group: group, version: version, kind: kind)) }
            }
        }
        return result
    }

    private static let clusterScopedKinds = kinds([
        ("", ["v1"], ["ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"]),
        (
            "admissionregistration.k8s.io", ["v1", "v1beta1"],
            ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
        ),
        ("apiextensions.k8s.io", ["v1", "v1beta1"], ["CustomResourceDefinition"]),
        ("apiregistration.k8s.io", ["v1", "v1beta1"], ["APIService"]),
        ("certificates.k8s.io", ["v1", "v1beta1"], ["CertificateSigningRequest"]),
        ("flowcontrol.apiserver.k8s.io", ["v1beta1"], ["FlowSchema", "PriorityLevelConfiguration"]),
        ("networking.k8s.io", ["v1", "v1beta1"], ["IngressClass"]),
        ("node.k8s.io", ["v1", "v1beta1"], ["RuntimeClass"]),
        ("policy", ["v1beta1"], ["PodSecurityPolicy"]),
        ("rbac.authorization.k8s.io", ["v1", "v1beta1"], ["ClusterRole", "ClusterRoleBinding"]),
        ("scheduling.k8s.io", ["v1", "v1beta1"], ["PriorityClass"]),
        ("storage.k8s.io", ["v1", "v1beta1"], ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"]),
    ])
}

/// A choice of kinds: what is not given matches everything.
struct KindSelector: Hashable, Sendable {
    var group = ""
    var version = ""
    var kind = ""

    func matches(_ other: GroupVersionKind) -> Bool {
        (kind.isEmpty || kind == other.kind) && (group.isEmpty || group == other.group)
            && (version.isEmpty || version == other.version)
    }

    /// Whether every kind that this selects is one that `other` selects.
    func isSelected(by other: KindSelector) -> Bool {
        (other.kind.isEmpty || kind == other.kind) && (other.group.isEmpty || group == other.group)
            && (other.version.isEmpty || version == other.version)
    }

    var isEmpty: Bool { group.isEmpty && version.isEmpty && kind.isEmpty }
}

/// What tells the resources of one render apart.
struct ResourceID: Hashable, Sendable, CustomStringConvertible {
    let kind: GroupVersionKind
    let name: String
    /// As the manifest has it; empty where it has none.
    let namespace: String

    /// The namespace the object ends up in: none has the client's default one, and what is cluster-wide is in none.
    var effectiveNamespace: String {
        if kind.isClusterScoped { return "" }
        return namespace.isEmpty ? "default" : namespace
    }

    /// What selectors hold against the namespace of what is cluster-wide: no namespace has that name.
    static let noNamespace = "_non_namespaceable_"

    /// Whether the namespace that a selector names is this one.
    func isInNamespace(_ wanted: String) -> Bool {
        (namespace.isEmpty ? "default" : namespace) == (wanted.isEmpty ? "default" : wanted)
    }

    static func == (left: ResourceID, right: ResourceID) -> Bool {
        left.name == right.name && left.kind == right.kind && left.effectiveNamespace == right.effectiveNamespace
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(kind.kind)
        hasher.combine(name)
        hasher.combine(effectiveNamespace)
    }

    var description: String {
        "\(kind.kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)"
    }
}
