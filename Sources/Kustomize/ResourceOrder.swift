/// The order in which manifests are printed.
enum ResourceOrder: Sendable {
    /// The order in which they were read.
    case asRead
    /// By kind: some first, some last, the others by name in between.
    case byKind(first: [String], last: [String])

    /// What others need first, webhooks last: the order of `kustomize build` v5.5 when nothing else is asked for.
    static let standard = ResourceOrder.byKind(first: standardFirst, last: standardLast)

    static let standardFirst = [
        "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role",
        "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange",
        "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
        "PodDisruptionBudget",
    ]
    static let standardLast = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]

    func sorted(_ resources: [Resource]) -> [Resource] {
        guard case .byKind(let first, let last) = self else { return resources }
        let positions = Self.positions(first: first, last: last)
        return resources.map { (key: SortKey($0, positions), resource: $0) }.sorted { $0.key < $1.key }.map(\.resource)
    }

    /// The place of a kind in the standard order, for lists that are ordered by it.
    static func rank(_ kinds: KindSelector) -> (position: Int, text: String) {
        (standardPositions[kinds.kind] ?? 0, sortText(kinds.group, kinds.version, kinds.kind))
    }

    private static let standardPositions = positions(first: standardFirst, last: standardLast)

    private static func positions(first: [String], last: [String]) -> [String: Int] {
        var result: [String: Int] = [:]
        for (index, kind) in first.enumerated() { result[kind] = index - first.count }
        for (index, kind) in last.enumerated() { result[kind] = index + 1 }
        return result
    }

    private static func sortText(_ group: String, _ version: String, _ kind: String) -> String {
        "\(group.isEmpty ? "~G" : group)_\(version.isEmpty ? "~V" : version)_\(kind.isEmpty ? "~K" : kind)"
    }

    private struct SortKey: Comparable {
        let position: Int
        let kind: String
        let name: String
        let isNamespace: Bool

        init(_ resource: Resource, _ positions: [String: Int]) {
            let id = resource.id
            position = positions[id.kind.kind] ?? 0
            kind = sortText(id.kind.group, id.kind.version, id.kind.kind)
            name = "\(id.namespace.isEmpty ? "~X" : id.namespace)|\(id.name)"
            isNamespace = id.kind.kind == "Namespace"
        }

        static func < (left: SortKey, right: SortKey) -> Bool {
            if left.position != right.position { return left.position < right.position }
            if left.kind != right.kind {
                // Kubernetes' own namespaces come before other kinds of that name.
                let isCore = left.isNamespace && right.isNamespace && (left.kind.hasPrefix("~G") || right.kind.hasPrefix("~G"))
                return isCore
                    ? right.kind.utf8.lexicographicallyPrecedes(left.kind.utf8)
                    : left.kind.utf8.lexicographicallyPrecedes(right.kind.utf8)
            }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }
}
