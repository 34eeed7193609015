/// Which lists strategic merge merges item by item, and by what key: the part of an OpenAPI schema that a patch needs.
struct MergeSchema: Sendable {
    /// A type of the schema: its fields that lead to merged lists. What has no entry is replaced as a whole.
    struct ObjectType: Sendable {
        var fields: [String: Field] = [:]
        /// The type of every value, for mappings with free keys.
        var values: Field?
    }

    indirect enum Field: Sendable {
        /// An object of the named type.
        case object(type: String)
        /// A list merged by `keys`, or by value where there are none; items are of the named type.
        case list(keys: [String], type: String?)
    }

    private var types: [String: ObjectType]
    private var roots: [GroupVersionKind: String]

    init(types: [String: ObjectType], roots: [GroupVersionKind: String]) {
        self.types = types
        self.roots = roots
    }

    /// Where the fields of objects of `kind` are described; nil for a kind that the schema does not have.
    func type(of kind: GroupVersionKind) -> String? { roots[kind] }

    func field(_ name: String, of type: String?) -> Field? {
        guard let type, let known = types[type] ?? types[Self.shortName(of: type)] else { return nil }
        return known.fields[name] ?? known.values
    }

    /// What a type of Kubernetes is called in the built-in schema, where types that merge alike are one.
    private static func shortName(of type: String) -> String {
        guard type.hasPrefix("io.k8s."), let dot = type.lastIndex(of: ".") else { return type }
        let name = String(type[type.index(after: dot)...])
        return workloads[name] ?? name
    }

    private static let workloads: [String: String] = {
        let kinds = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "Job"]
        return Dictionary(uniqueKeysWithValues: kinds.flatMap { [($0, "Workload"), ("\($0)Spec", "WorkloadSpec")] })
    }()

    /// Takes over the types of another schema, in the place of those of the same name.
    mutating func add(_ other: MergeSchema) {
        guard !types.isEmpty else {
            self = other
            return
        }
        types.merge(other.types) { $1 }
        roots.merge(other.roots) { $1 }
    }
}

extension MergeSchema {
    /// The schema that Kustomize v5.5 has built in.
    ///
    /// Source: `x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the Kubernetes
    /// 1.21 OpenAPI schema, reduced to the types that lead to a merged list.
    static let kubernetes: MergeSchema = {
        var types: [String: ObjectType] = [:]
        for (name, fields) in kubernetesTypes {
            var type = ObjectType()
            for field in fields.split(separator: " ") {
                if let colon = field.firstIndex(of: ":") {
                    type.fields[String(field[..<colon])] = .object(type: String(field[field.index(after: colon)...]))
                } else if let open = field.firstIndex(of: "["), let close = field.firstIndex(of: "]") {
                    let keys = field[field.index(after: open)..<close].split(separator: ",").map(String.init)
                    let item = String(field[field.index(after: close)...])
                    type.fields[String(field[..<open])] = .list(keys: keys, type: item.isEmpty ? nil : item)
                }
            }
            types[name] = type
        }
        var roots: [GroupVersionKind: String] = [:]
        for (type, kinds) in kubernetesKinds {
            for kind in kinds.split(separator: " ") {
                guard let last = kind.lastIndex(of: "/") else { continue }
                let id = GroupVersionKind(apiVersion: String(kind[..<last]), kind: String(kind[kind.index(after: last)...]))
                roots[id] = type
            }
        }
        return MergeSchema(types: types, roots: roots)
    }()

    /// `field:Type` is an object, `field[key]Type` a list.
    private static let kubernetesTypes: [(name: String, fields: String)] = [
        ("Conditions", "conditions[type]"),
        ("Container", "env[name] ports[containerPort,protocol] volumeDevices[devicePath] volumeMounts[mountPath]"),
        ("ComponentStatus", "conditions[type] metadata:ObjectMeta"),
        ("CronJob", "metadata:ObjectMeta spec:CronJobSpec"),
        ("CronJobSpec", "jobTemplate:JobTemplateSpec"),
        ("CSINode", "metadata:ObjectMeta spec:CSINodeSpec"),
        ("CSINodeSpec", "drivers[name]"),
        ("EphemeralContainer", "env[name] volumeDevices[devicePath] volumeMounts[mountPath]"),
        ("EphemeralVolumeSource", "volumeClaimTemplate:Object"),
        ("JobTemplateSpec", "metadata:ObjectMeta spec:WorkloadSpec"),
        ("Node", "metadata:ObjectMeta spec:NodeSpec status:NodeStatus"),
        ("NodeSpec", "podCIDRs[]"),
        ("NodeStatus", "addresses[type] conditions[type]"),
        ("Object", "metadata:ObjectMeta"),
        ("ObjectMeta", "finalizers[] ownerReferences[uid]"),
        ("Pod", "metadata:ObjectMeta spec:PodSpec status:PodStatus"),
        (
            "PodSpec",
            "containers[name]Container ephemeralContainers[name]EphemeralContainer hostAliases[ip] imagePullSecrets[name] initContainers[name]Container topologySpreadConstraints[topologyKey,whenUnsatisfiable] volumes[name]Volume"
        ),
        ("PodStatus", "conditions[type] podIPs[ip]"),
        ("PodTemplate", "metadata:ObjectMeta template:PodTemplateSpec"),
        ("PodTemplateSpec", "metadata:ObjectMeta spec:PodSpec"),
        ("Service", "metadata:ObjectMeta spec:ServiceSpec status:Conditions"),
        ("ServiceAccount", "metadata:ObjectMeta secrets[name]"),
        ("ServiceSpec", "ports[port,protocol]"),
        ("Volume", "ephemeral:EphemeralVolumeSource"),
        ("WebhookConfiguration", "metadata:ObjectMeta webhooks[name]"),
        ("WithConditions", "metadata:ObjectMeta status:Conditions"),
        ("Workload", "metadata:ObjectMeta spec:WorkloadSpec status:Conditions"),
        ("WorkloadSpec", "template:PodTemplateSpec"),
    ]

    private static let kubernetesKinds: [(type: String, kinds: String)] = [
        (
            "Workload",
            "apps/v1/DaemonSet apps/v1/Deployment apps/v1/ReplicaSet apps/v1/StatefulSet batch/v1/Job v1/ReplicationController"
        ),
        ("CronJob", "batch/v1/CronJob batch/v1beta1/CronJob"),
        ("Pod", "v1/Pod"),
        ("PodTemplate", "v1/PodTemplate"),
        ("Service", "v1/Service"),
        ("ServiceAccount", "v1/ServiceAccount"),
        ("Node", "v1/Node"),
        ("ComponentStatus", "v1/ComponentStatus"),
        ("CSINode", "storage.k8s.io/v1/CSINode storage.k8s.io/v1beta1/CSINode"),
        (
            "WebhookConfiguration",
            "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration"
        ),
        (
            "WithConditions",
            "apiregistration.k8s.io/v1/APIService apiregistration.k8s.io/v1beta1/APIService policy/v1/PodDisruptionBudget policy/v1beta1/PodDisruptionBudget v1/Namespace v1/PersistentVolumeClaim"
        ),
        (
            "Object",
            "apiextensions.k8s.io/v1/CustomResourceDefinition apiextensions.k8s.io/v1beta1/CustomResourceDefinition apps/v1/ControllerRevision authentication.k8s.io/v1/TokenRequest authentication.k8s.io/v1/TokenReview authentication.k8s.io/v1beta1/TokenReview authorization.k8s.io/v1/LocalSubjectAccessReview authorization.k8s.io/v1/SelfSubjectAccessReview authorization.k8s.io/v1/SelfSubjectRulesReview authorization.k8s.io/v1/SubjectAccessReview authorization.k8s.io/v1beta1/LocalSubjectAccessReview authorization.k8s.io/v1beta1/SelfSubjectAccessReview authorization.k8s.io/v1beta1/SelfSubjectRulesReview authorization.k8s.io/v1beta1/SubjectAccessReview autoscaling/v1/HorizontalPodAutoscaler autoscaling/v1/Scale autoscaling/v2beta1/HorizontalPodAutoscaler autoscaling/v2beta2/HorizontalPodAutoscaler certificates.k8s.io/v1/CertificateSigningRequest certificates.k8s.io/v1beta1/CertificateSigningRequest coordination.k8s.io/v1/Lease coordination.k8s.io/v1beta1/Lease discovery.k8s.io/v1/EndpointSlice discovery.k8s.io/v1beta1/EndpointSlice events.k8s.io/v1/Event events.k8s.io/v1beta1/Event extensions/v1beta1/Ingress flowcontrol.apiserver.k8s.io/v1beta1/FlowSchema flowcontrol.apiserver.k8s.io/v1beta1/PriorityLevelConfiguration networking.k8s.io/v1/Ingress networking.k8s.io/v1/IngressClass networking.k8s.io/v1/NetworkPolicy networking.k8s.io/v1beta1/Ingress networking.k8s.io/v1beta1/IngressClass node.k8s.io/v1/RuntimeClass node.k8s.io/v1beta1/RuntimeClass policy/v1beta1/Eviction policy/v1beta1/PodSecurityPolicy rbac.authorization.k8s.io/v1/ClusterRole rbac.authorization.k8s.io/v1/ClusterRoleBinding rbac.authorization.k8s.io/v1/Role rbac.authorization.k8s.io/v1/RoleBinding rbac.authorization.k8s.io/v1beta1/ClusterRole rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding rbac.authorization.k8s.io/v1beta1/Role rbac.authorization.k8s.io/v1beta1/RoleBinding scheduling.k8s.io/v1/PriorityClass scheduling.k8s.io/v1beta1/PriorityClass storage.k8s.io/v1/CSIDriver storage.k8s.io/v1/StorageClass storage.k8s.io/v1/VolumeAttachment storage.k8s.io/v1beta1/CSIDriver storage.k8s.io/v1beta1/CSIStorageCapacity storage.k8s.io/v1beta1/StorageClass storage.k8s.io/v1beta1/VolumeAttachment v1/Binding v1/ConfigMap v1/Endpoints v1/Event v1/LimitRange v1/PersistentVolume v1/ResourceQuota v1/Secret"
        ),
    ]
}
