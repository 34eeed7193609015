/// The order in which manifests are printed: what others need first, webhooks last, the rest by kind.
///
/// Source: the default order of `kustomize build` v5.5 ("legacy").
struct ResourceOrder {
    private static let first = [
        "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role",
        "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange",
        "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
        "PodDisruptionBudget",
    ]
    private static let last = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]

    private static let positions: [String: Int] = {
        var result: [String: Int] = [:]
        for (index, kind) in first.enumerated() { result[kind] = index - first.count }
        for (index, kind) in last.enumerated() { result[kind] = index + 1 }
        return result
    }()

    static func sorted(_ resources: [Resource]) -> [Resource] {
        resources.map { (key: SortKey($0), resource: $0) }.sorted { $0.key < $1.key }.map(\.resource)
    }

    private struct SortKey: Comparable {
        let position: Int
        let kind: String
        let name: String

        init(_ resource: Resource) {
            let id = resource.id
            position = ResourceOrder.positions[id.kind.kind] ?? 0
            kind =
                "\(id.kind.group.isEmpty ? "~G" : id.kind.group)_\(id.kind.version.isEmpty ? "~V" : id.kind.version)_\(id.kind.kind)"
            let namespace = id.kind.isClusterScoped ? "~X" : resource.node["metadata"]?["namespace"]?.text ?? "~X"
            name = "\(namespace)|\(id.name)"
        }

        static func < (left: SortKey, right: SortKey) -> Bool {
            if left.position != right.position { return left.position < right.position }
            if left.kind != right.kind { return left.kind.utf8.lexicographicallyPrecedes(right.kind.utf8) }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }
}
