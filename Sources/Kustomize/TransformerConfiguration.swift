import GitOpsTypes

/// Where the transformers write: the fields that Kustomize knows, and those that `configurations` and `crds` add.
struct TransformerConfiguration: Sendable {
    var namePrefix: [FieldSpec] = []
    var nameSuffix: [FieldSpec] = []
    var namespace: [FieldSpec] = []
    /// Labels and selectors: where `commonLabels` and `labels` with `includeSelectors` write.
    var commonLabels: [FieldSpec] = []
    /// Where every `labels` entry writes.
    var labels: [FieldSpec] = []
    /// Where `labels` with `includeTemplates` writes.
    var templateLabels: [FieldSpec] = []
    var commonAnnotations: [FieldSpec] = []
    var nameReferences: [NameReference] = []
    var varReferences: [FieldSpec] = []
    var images: [FieldSpec] = []
    var replicas: [FieldSpec] = []
    /// Whether this is more than what Kustomize knows by itself.
    private(set) var isStandard = false

    /// The fields, by the names that a configuration file gives them.
    static let fieldSpecLists: [(name: String, list: any WritableKeyPath<TransformerConfiguration, [FieldSpec]> & Sendable)] = [
        ("namePrefix", \.namePrefix), ("nameSuffix", \.nameSuffix), ("namespace", \.namespace),
        ("commonLabels", \.commonLabels), ("labels", \.labels), ("templateLabels", \.templateLabels),
        ("commonAnnotations", \.commonAnnotations), ("varReference", \.varReferences), ("images", \.images),
        ("replicas", \.replicas),
    ]

    struct Conflict: Error {
        let message: String
    }

    var fieldCount: Int {
        Self.fieldSpecLists.reduce(0) { $0 + self[keyPath: $1.list].count }
            + nameReferences.reduce(0) { $0 + $1.referrers.count + 1 }
    }

    /// Adds what `other` has and this does not, and sorts all fields by the kinds they are for.
    ///
    /// As in Kustomize, a field for all kinds is not added where one with the same path for some kind is: so a configuration
    /// that names `metadata/name` of a kind under `namePrefix` confines prefixes to it.
    ///
    /// - Throws: `Conflict` when both name a field and disagree on whether it is created.
    mutating func merge(_ other: TransformerConfiguration) throws(Conflict) {
        for (_, list) in Self.fieldSpecLists {
            try self[keyPath: list].merge(other[keyPath: list])
            self[keyPath: list] = Self.sorted(self[keyPath: list], by: \.kinds)
        }
        for reference in other.nameReferences {
            if let index = nameReferences.firstIndex(where: { $0.target == reference.target }) {
                try nameReferences[index].referrers.merge(reference.referrers)
            } else {
                nameReferences.append(reference)
            }
        }
        nameReferences = Self.sorted(nameReferences, by: \.target)
        isStandard = false
    }

    private static func sorted<Element>(_ list: [Element], by kinds: (Element) -> KindSelector) -> [Element] {
        var ranked: [(rank: (position: Int, text: String), offset: Int, element: Element)] = []
        for (offset, element) in list.enumerated() {
            ranked.append((rank: ResourceOrder.rank(kinds(element)), offset: offset, element: element))
        }
        ranked.sort { left, right in
            left.rank == right.rank ? left.offset < right.offset : left.rank < right.rank
        }
        return ranked.map(\.element)
    }
}

/// The fields by which objects name an object of some kind, so that it can be renamed.
struct NameReference: Sendable {
    /// The kind of the object that is named.
    var target: KindSelector
    /// The fields that name it, and in objects of which kinds.
    var referrers: [FieldSpec]
}

extension Array<FieldSpec> {
    /// Adds the specs that are not covered by one that is here.
    mutating func merge(_ others: [FieldSpec]) throws(TransformerConfiguration.Conflict) {
        for spec in others {
            guard let known = first(where: { $0.path == spec.path && $0.kinds.isSelected(by: spec.kinds) }) else {
                append(spec)
                continue
            }
            guard known.create == spec.create else {
                throw TransformerConfiguration.Conflict(
                    message: "\(spec.path) is given twice, with create: true and with create: false")
            }
        }
    }

    func merging(_ others: [FieldSpec]) throws(TransformerConfiguration.Conflict) -> [FieldSpec] {
        var result = self
        try result.merge(others)
        return result
    }
}

extension TransformerConfiguration {
    /// What Kustomize knows without being told.
    ///
    /// Source: its default transformer configurations. Those of all versions name the same objects by the same fields.
    static func standard(of kustomize: KustomizeVersion) -> TransformerConfiguration {
        kustomize.changesImageVolumes ? standardWithImageVolumes : standardOfContainers
    }

    private static let standardWithImageVolumes: TransformerConfiguration = {
        var result = standardOfContainers
        result.images += ["spec/volumes[]/image/reference", "spec/template/spec/volumes[]/image/reference"].map {
            FieldSpec($0, create: true)
        }
        return result
    }()

    private static let standardOfContainers: TransformerConfiguration = {
        var result = TransformerConfiguration()
        result.namePrefix = [FieldSpec("metadata/name")]
        result.nameSuffix = [FieldSpec("metadata/name")]
        result.namespace = [
            FieldSpec("metadata/name", kind: "Namespace", create: true),
            FieldSpec("spec/service/namespace", kind: "APIService", group: "apiregistration.k8s.io", create: true),
            FieldSpec(
                "spec/conversion/webhook/clientConfig/service/namespace", kind: "CustomResourceDefinition",
                group: "apiextensions.k8s.io"),
        ]
        result.commonLabels = standardSelectors + standardLabels
        result.templateLabels = standardLabels
        result.commonAnnotations =
            [FieldSpec("metadata/annotations", create: true)]
            + podTemplates("spec/template/metadata/annotations", statefulSetGroup: "")
            + cronJobTemplates("annotations")
        result.nameReferences = standardNameReferences
        result.varReferences = standardVarReferences
        result.images = ["spec/containers[]/image", "spec/initContainers[]/image"].flatMap {
            [FieldSpec($0, create: true), FieldSpec("spec/template/\($0)", create: true)]
        }
        result.replicas = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map {
            FieldSpec("spec/replicas", kind: $0, create: true)
        }
        result.isStandard = true
        return result
    }()

    private static func podTemplates(_ path: String, statefulSetGroup: String) -> [FieldSpec] {
        [
            FieldSpec(path, kind: "ReplicationController", version: "v1", create: true),
            FieldSpec(path, kind: "Deployment", create: true), FieldSpec(path, kind: "ReplicaSet", create: true),
            FieldSpec(path, kind: "DaemonSet", create: true),
            FieldSpec(path, kind: "StatefulSet", group: statefulSetGroup, create: true),
            FieldSpec(path, kind: "Job", group: "batch", create: true),
        ]
    }

    private static func cronJobTemplates(_ field: String) -> [FieldSpec] {
        ["spec/jobTemplate/metadata", "spec/jobTemplate/spec/template/metadata"].map {
            FieldSpec("\($0)/\(field)", kind: "CronJob", group: "batch", create: true)
        }
    }

    private static let standardLabels: [FieldSpec] =
        [FieldSpec("metadata/labels", create: true)]
        + podTemplates("spec/template/metadata/labels", statefulSetGroup: "apps")
        + [FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", kind: "StatefulSet", group: "apps", create: true)]
        + cronJobTemplates("labels")

    private static let standardSelectors: [FieldSpec] = {
        let terms = ["podAffinity", "podAntiAffinity"].flatMap { affinity in
            ["preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm", "requiredDuringSchedulingIgnoredDuringExecution"]
                .map { "affinity/\(affinity)/\($0)" }
        }
        let podSelectors = ["Deployment", "StatefulSet"].flatMap { kind in
            (terms + ["topologySpreadConstraints"]).map {
                FieldSpec("spec/template/spec/\($0)/labelSelector/matchLabels", kind: kind, group: "apps")
            }
        }
        return [
            FieldSpec("spec/selector", kind: "Service", version: "v1", create: true),
            FieldSpec("spec/selector", kind: "ReplicationController", version: "v1", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "Deployment", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "ReplicaSet", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "DaemonSet", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "StatefulSet", group: "apps", create: true),
            FieldSpec("spec/selector/matchLabels", kind: "Job", group: "batch"),
            FieldSpec("spec/jobTemplate/spec/selector/matchLabels", kind: "CronJob", group: "batch"),
            FieldSpec("spec/selector/matchLabels", kind: "PodDisruptionBudget", group: "policy"),
        ] + podSelectors
            + ["spec/podSelector", "spec/ingress/from/podSelector", "spec/egress/to/podSelector"].map {
                FieldSpec("\($0)/matchLabels", kind: "NetworkPolicy", group: "networking.k8s.io")
            }
    }()

    /// Kinds with a pod inside, and where it is.
    private static let pods: [(kind: String, spec: String, version: String)] = [
        ("Pod", "spec", "v1"), ("PodTemplate", "template/spec", ""), ("Deployment", "spec/template/spec", ""),
        ("ReplicaSet", "spec/template/spec", ""), ("DaemonSet", "spec/template/spec", ""),
        ("StatefulSet", "spec/template/spec", ""), ("Job", "spec/template/spec", ""),
        ("CronJob", "spec/jobTemplate/spec/template/spec", ""),
    ]

    /// Names of config maps and secrets in pods.
    private static func podFields(_ paths: [String]) -> [FieldSpec] {
        pods.flatMap { pod in
            paths.map { FieldSpec("\(pod.spec)/\($0)", kind: pod.kind, version: pod.version) }
        }
    }

    private static func environment(_ source: String) -> [String] {
        ["containers", "initContainers"].flatMap {
            ["\($0)/env/valueFrom/\(source)KeyRef/name", "\($0)/envFrom/\(source)Ref/name"]
        }
    }

    /// Kinds that name a service account, a volume claim or a priority class; fewer than have a pod.
    private static func accountFields(_ path: String) -> [FieldSpec] {
        [
            ("Pod", "spec"), ("StatefulSet", "spec/template/spec"), ("Deployment", "spec/template/spec"),
            ("ReplicationController", "spec/template/spec"), ("CronJob", "spec/jobTemplate/spec/template/spec"),
            ("Job", "spec/template/spec"), ("DaemonSet", "spec/template/spec"),
        ].map { FieldSpec("\($0.1)/\(path)", kind: $0.0) }
    }

    private static let standardNameReferences: [NameReference] = {
        let rbac = "rbac.authorization.k8s.io"
        let admission = "admissionregistration.k8s.io"
        let roleRules = ["Role", "ClusterRole"].map { FieldSpec("rules/resourceNames", kind: $0) }
        let ingress = [
            "ingress.kubernetes.io\\/auth-secret", "nginx.ingress.kubernetes.io\\/auth-secret",
            "nginx.ingress.kubernetes.io\\/auth-tls-secret",
        ]
        .map { FieldSpec("metadata/annotations/\($0)", kind: "Ingress") }
        let storageParameters = ["secretName", "adminSecretName", "userSecretName", "secretRef"].map {
            FieldSpec("parameters/\($0)", kind: "StorageClass")
        }
        var configMaps = podFields(
            ["volumes/configMap/name", "volumes/projected/sources/configMap/name"] + environment("configMap"))
        configMaps.append(FieldSpec("spec/configSource/configMap", kind: "Node"))
        configMaps += roleRules
        configMaps.append(
            FieldSpec("metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap", kind: "Ingress"))
        var secrets = podFields(
            ["volumes/secret/secretName", "imagePullSecrets/name", "volumes/projected/sources/secret/name"]
                + environment("secret"))
        secrets.append(FieldSpec("spec/tls/secretName", kind: "Ingress"))
        secrets += ingress
        secrets.append(FieldSpec("imagePullSecrets/name", kind: "ServiceAccount"))
        secrets += storageParameters + roleRules
        secrets.append(
            FieldSpec(
                "spec/template/spec/containers/env/valueFrom/secretKeyRef/name", kind: "Service", group: "serving.knative.dev",
                version: "v1"))
        secrets.append(FieldSpec("spec/azureFile/secretName", kind: "PersistentVolume"))
        let services =
            [FieldSpec("spec/serviceName", kind: "StatefulSet", group: "apps")]
            + [
                "spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName",
                "spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name",
            ].map { FieldSpec($0, kind: "Ingress") } + [
                FieldSpec("spec/service/name", kind: "APIService", group: "apiregistration.k8s.io"),
                FieldSpec("webhooks/clientConfig/service", kind: "ValidatingWebhookConfiguration", group: admission),
                FieldSpec("webhooks/clientConfig/service", kind: "MutatingWebhookConfiguration", group: admission),
            ]
        let roleBinding = FieldSpec("roleRef/name", kind: "RoleBinding", group: rbac)
        let subjects = ["RoleBinding", "ClusterRoleBinding"].map { FieldSpec("subjects", kind: $0, group: rbac) }
        let scaled = [FieldSpec("spec/scaleTargetRef/name", kind: "HorizontalPodAutoscaler")]
        func core(_ kind: String) -> KindSelector { KindSelector(version: "v1", kind: kind) }
        return [
            NameReference(target: KindSelector(kind: "ReplicationController"), referrers: scaled),
            NameReference(target: KindSelector(kind: "ReplicaSet"), referrers: scaled),
            NameReference(target: KindSelector(kind: "Deployment"), referrers: scaled),
            NameReference(target: KindSelector(kind: "StatefulSet"), referrers: scaled),
            NameReference(target: core("ConfigMap"), referrers: configMaps),
            NameReference(target: core("Secret"), referrers: secrets),
            NameReference(target: core("Service"), referrers: services),
            NameReference(target: KindSelector(group: rbac, kind: "Role"), referrers: [roleBinding]),
            NameReference(
                target: KindSelector(group: rbac, kind: "ClusterRole"),
                referrers: [roleBinding, FieldSpec("roleRef/name", kind: "ClusterRoleBinding", group: rbac)]),
            NameReference(target: core("ServiceAccount"), referrers: subjects + accountFields("serviceAccountName")),
            NameReference(
                target: core("PersistentVolumeClaim"), referrers: accountFields("volumes/persistentVolumeClaim/claimName")),
            NameReference(
                target: core("PersistentVolume"),
                referrers: [
                    FieldSpec("spec/volumeName", kind: "PersistentVolumeClaim"),
                    FieldSpec("rules/resourceNames", kind: "ClusterRole"),
                ]),
            NameReference(
                target: KindSelector(group: "storage.k8s.io", version: "v1", kind: "StorageClass"),
                referrers: [
                    FieldSpec("spec/storageClassName", kind: "PersistentVolume"),
                    FieldSpec("spec/storageClassName", kind: "PersistentVolumeClaim"),
                    FieldSpec("spec/volumeClaimTemplates/spec/storageClassName", kind: "StatefulSet"),
                ]),
            NameReference(
                target: KindSelector(group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass"),
                referrers: accountFields("priorityClassName")),
            // Kustomize writes the group so; no object is in it, and no reference to an ingress class is ever followed.
            NameReference(
                target: KindSelector(group: "networking.k8s.io/v1", version: "v1", kind: "IngressClass"),
                referrers: [FieldSpec("spec/ingressClassName", kind: "Ingress")]),
            NameReference(
                target: KindSelector(group: admission, kind: "ValidatingAdmissionPolicy"),
                referrers: [FieldSpec("spec/policyName", kind: "ValidatingAdmissionPolicyBinding", group: admission)]),
        ]
    }()

    private static let standardVarReferences: [FieldSpec] = {
        let fields = ["containers", "initContainers"].flatMap { list in
            ["args", "command", "env/value", "volumeMounts/mountPath"].map { "\(list)/\($0)" }
        }
        let pods = [
            ("CronJob", "spec/jobTemplate/spec/template/spec"), ("DaemonSet", "spec/template/spec"),
            ("Deployment", "spec/template/spec"), ("Job", "spec/template/spec"), ("Pod", "spec"),
            ("ReplicaSet", "spec/template/spec"), ("StatefulSet", "spec/template/spec"),
        ]
        var result = pods.flatMap { kind, spec in fields.map { FieldSpec("\(spec)/\($0)", kind: kind) } }
        result += ["DaemonSet", "Deployment", "Job", "ReplicaSet"].map {
            FieldSpec("spec/template/spec/volumes/nfs/server", kind: $0)
        }
        result += [
            FieldSpec("spec/jobTemplate/spec/template/volumes/nfs/server", kind: "CronJob"),
            FieldSpec("spec/volumes/nfs/server", kind: "Pod"),
            FieldSpec("spec/volumeClaimTemplates/spec/nfs/server", kind: "StatefulSet"),
            FieldSpec("spec/nfs/server", kind: "PersistentVolume"),
            FieldSpec("spec/template/metadata/annotations", kind: "Deployment"),
            FieldSpec("spec/rules/host", kind: "Ingress"), FieldSpec("spec/tls/hosts", kind: "Ingress"),
            FieldSpec("spec/tls/secretName", kind: "Ingress"),
            FieldSpec("spec/ports/port", kind: "Service"), FieldSpec("spec/ports/targetPort", kind: "Service"),
            FieldSpec("metadata/labels"), FieldSpec("metadata/annotations"),
        ]
        return result
    }()
}
