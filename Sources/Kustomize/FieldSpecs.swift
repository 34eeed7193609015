/// A place in objects of some kinds that a transformer writes to.
///
/// Source: Kustomize v5.5's default transformer configurations.
struct FieldSpec: Sendable {
    /// Nil for every kind.
    let kind: String?
    /// Nil for every group.
    let group: String?
    /// Keys from the object down. One that ends in `[]` names a list, whose items are meant; a list is never made.
    let path: [String]
    /// Whether what is missing on the way is made.
    let create: Bool

    init(_ path: String, kind: String? = nil, group: String? = nil, create: Bool = false) {
        self.kind = kind
        self.group = group
        self.path = path.split(separator: "/").map(String.init)
        self.create = create
    }

    func applies(to other: GroupVersionKind) -> Bool {
        (kind == nil || kind == other.kind) && (group == nil || group == other.group)
    }

    static let labels = [FieldSpec("metadata/labels", create: true)]

    static let templateLabels: [FieldSpec] =
        ["ReplicationController", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"].map {
            FieldSpec("spec/template/metadata/labels", kind: $0, create: true)
        } + [
            FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", kind: "StatefulSet", group: "apps", create: true),
            FieldSpec("spec/jobTemplate/metadata/labels", kind: "CronJob", group: "batch", create: true),
            FieldSpec("spec/jobTemplate/spec/template/metadata/labels", kind: "CronJob", group: "batch", create: true),
        ]

    static let selectorLabels: [FieldSpec] =
        [
            FieldSpec("spec/selector", kind: "Service", create: true),
            FieldSpec("spec/selector", kind: "ReplicationController", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "Deployment", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "ReplicaSet", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "DaemonSet", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "StatefulSet", group: "apps", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "Job", group: "batch"),
            FieldSpec("spec/jobTemplate/spec/selector/matchLabels", kind: "CronJob", group: "batch"),
            FieldSpec("spec/selector/matchLabels", kind: "PodDisruptionBudget", group: "policy"),
            FieldSpec("spec/podSelector/matchLabels", kind: "NetworkPolicy", group: "networking.k8s.io"),
            FieldSpec("spec/ingress/from/podSelector/matchLabels", kind: "NetworkPolicy", group: "networking.k8s.io"),
            FieldSpec("spec/egress/to/podSelector/matchLabels", kind: "NetworkPolicy", group: "networking.k8s.io"),
        ]
        + ["Deployment", "StatefulSet"].flatMap { kind in
            ["podAffinity", "podAntiAffinity"].flatMap { affinity in
                [
                    FieldSpec(
                        "spec/template/spec/affinity/\(affinity)/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
                        kind: kind, group: "apps"),
                    FieldSpec(
                        "spec/template/spec/affinity/\(affinity)/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
                        kind: kind, group: "apps"),
                ]
            } + [FieldSpec("spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", kind: kind, group: "apps")]
        }

    static let annotations: [FieldSpec] =
        [FieldSpec("metadata/annotations", create: true)]
        + ["ReplicationController", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"].map {
            FieldSpec("spec/template/metadata/annotations", kind: $0, create: true)
        } + [
            FieldSpec("spec/jobTemplate/metadata/annotations", kind: "CronJob", group: "batch", create: true),
            FieldSpec("spec/jobTemplate/spec/template/metadata/annotations", kind: "CronJob", group: "batch", create: true),
        ]

    static let replicas = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map {
        FieldSpec("spec/replicas", kind: $0, create: true)
    }
}
