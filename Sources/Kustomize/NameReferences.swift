/// The fields that name another object, so that a renamed object is still found.
///
/// Source: Kustomize v5.5's default name references.
struct NameReference: Sendable {
    /// The kind of the object that is named.
    let kind: String
    /// Nil for any referrer.
    let referrer: String?
    let path: [String]

    private init(_ kind: String, _ referrer: String?, _ path: String) {
        self.kind = kind
        self.referrer = referrer
        self.path = path.split(separator: "/").map(String.init)
    }

    static let all: [NameReference] = {
        var result: [NameReference] = []
        let podSpecs: [(kind: String, path: String)] =
            [("Pod", "spec"), ("CronJob", "spec/jobTemplate/spec/template/spec"), ("PodTemplate", "template/spec")]
            + ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"].map {
                ($0, "spec/template/spec")
            }
        for (kind, spec) in podSpecs {
            for containers in ["containers", "initContainers", "ephemeralContainers"] {
                for (target, name) in [("ConfigMap", "configMap"), ("Secret", "secret")] {
                    result.append(.init(target, kind, "\(spec)/\(containers)/env/valueFrom/\(name)KeyRef/name"))
                    result.append(.init(target, kind, "\(spec)/\(containers)/envFrom/\(name)Ref/name"))
                }
            }
            result.append(.init("ConfigMap", kind, "\(spec)/volumes/configMap/name"))
            result.append(.init("ConfigMap", kind, "\(spec)/volumes/projected/sources/configMap/name"))
            result.append(.init("Secret", kind, "\(spec)/volumes/secret/secretName"))
            result.append(.init("Secret", kind, "\(spec)/volumes/projected/sources/secret/name"))
            result.append(.init("Secret", kind, "\(spec)/imagePullSecrets/name"))
            result.append(.init("PersistentVolumeClaim", kind, "\(spec)/volumes/persistentVolumeClaim/claimName"))
            result.append(.init("ServiceAccount", kind, "\(spec)/serviceAccountName"))
            result.append(.init("PriorityClass", kind, "\(spec)/priorityClassName"))
        }
        result += [
            .init("Service", "StatefulSet", "spec/serviceName"),
            .init("Service", "Ingress", "spec/rules/http/paths/backend/serviceName"),
            .init("Service", "Ingress", "spec/rules/http/paths/backend/service/name"),
            .init("Service", "Ingress", "spec/backend/serviceName"),
            .init("Service", "Ingress", "spec/defaultBackend/service/name"),
            .init("Service", "APIService", "spec/service/name"),
            .init("Service", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service/name"),
            .init("Service", "MutatingWebhookConfiguration", "webhooks/clientConfig/service/name"),
            .init("Service", "CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/name"),
            .init("Secret", "Ingress", "spec/tls/secretName"),
            .init("Secret", "ServiceAccount", "imagePullSecrets/name"),
            .init("Secret", "ServiceAccount", "secrets/name"),
            .init("IngressClass", "Ingress", "spec/ingressClassName"),
            .init("StorageClass", "PersistentVolume", "spec/storageClassName"),
            .init("StorageClass", "PersistentVolumeClaim", "spec/storageClassName"),
            .init("StorageClass", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
            .init("PersistentVolume", "PersistentVolumeClaim", "spec/volumeName"),
            .init("Role", "RoleBinding", "roleRef/name"),
            .init("ClusterRole", "RoleBinding", "roleRef/name"),
            .init("ClusterRole", "ClusterRoleBinding", "roleRef/name"),
            .init("ServiceAccount", "RoleBinding", "subjects"),
            .init("ServiceAccount", "ClusterRoleBinding", "subjects"),
        ]
        for kind in ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"] {
            result.append(.init(kind, "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"))
        }
        return result
    }()

    static let byReferrer = Dictionary(grouping: all.filter { $0.referrer != nil }, by: { $0.referrer ?? "" })
}

extension Array<Resource> {
    /// Makes every reference to an object that was renamed or moved follow it.
    mutating func updateNameReferences() {
        var byOldName: [OldName: [Int]] = [:]
        for index in indices where !self[index].previous.isEmpty {
            for old in Set(self[index].previous.map { OldName(kind: $0.kind.kind, name: $0.name) }) {
                byOldName[old, default: []].append(index)
            }
        }
        guard !byOldName.isEmpty else { return }
        for referrer in indices {
            guard let references = NameReference.byReferrer[self[referrer].kind.kind] else { continue }
            var node = self[referrer].node
            let position = self[referrer]
            for reference in references {
                node.modifyAll(at: reference.path[...], create: false) { value in
                    if reference.path.last == "subjects" {
                        value.updateSubjects { name, namespace in subject(name, namespace, byOldName) }
                        return
                    }
                    // roleRef names a Role or a ClusterRole by its kind.
                    if reference.path.first == "roleRef", text(in: position, "roleRef", "kind") != reference.kind { return }
                    guard let name = value.text,
                        let target = target(of: reference, name: name, from: position, byOldName)
                    else { return }
                    value = .string(target.name)
                }
            }
            self[referrer].node = node
        }
    }

    private func text(in resource: Resource, _ path: String...) -> String? {
        resource.node[path: path]?.text
    }

    private struct OldName: Hashable {
        let kind: String
        let name: String
    }

    /// The service account that a subject means: one that had this name in this namespace.
    private func subject(_ name: String, _ namespace: String?, _ byOldName: [OldName: [Int]]) -> Resource? {
        let wanted = namespace == "default" ? "" : namespace ?? ""
        let candidates = (byOldName[OldName(kind: "ServiceAccount", name: name)] ?? []).map { self[$0] }.filter { account in
            (account.previous + [account.id]).contains { $0.name == name && $0.namespace == wanted }
        }
        return candidates.count == 1 ? candidates[0] : nil
    }

    /// The object that `name` meant where `referrer` was written; nil when none or more than one could be meant.
    private func target(
        of reference: NameReference, name: String, from referrer: Resource, _ byOldName: [OldName: [Int]]
    ) -> Resource? {
        var candidates = (byOldName[OldName(kind: reference.kind, name: name)] ?? []).map { self[$0] }
        // What is in another namespace cannot be meant by a name alone.
        if !referrer.kind.isClusterScoped {
            candidates = candidates.filter { $0.kind.isClusterScoped || $0.id.namespace == referrer.id.namespace }
        }
        if candidates.count > 1 {
            let wanted = referrer.originalID.namespace
            let near = candidates.filter { $0.kind.isClusterScoped || $0.originalID.namespace == wanted }
            if !near.isEmpty { candidates = near }
        }
        if candidates.count > 1 {
            let near = candidates.filter { $0.kind.isClusterScoped || $0.namespace == referrer.namespace }
            if !near.isEmpty { candidates = near }
        }
        if candidates.count > 1 {
            let near = candidates.filter {
                referrer.prefixes.starts(with: $0.prefixes) || $0.prefixes.starts(with: referrer.prefixes)
            }
            .filter { referrer.suffixes.starts(with: $0.suffixes) || $0.suffixes.starts(with: referrer.suffixes) }
            if !near.isEmpty { candidates = near }
        }
        return candidates.count == 1 ? candidates[0] : nil
    }
}

extension ManifestNode {
    /// Follows the service accounts that a role binding's subjects name. As in Kustomize, the subject's kind does not matter.
    fileprivate mutating func updateSubjects(_ target: (String, String?) -> Resource?) {
        if case .list(var items) = self {
            for index in items.indices { items[index].updateSubjects(target) }
            self = .list(items)
            return
        }
        guard case .map(let subject) = self, let name = subject["name"]?.text,
            let account = target(name, subject["namespace"]?.text)
        else { return }
        modify(at: ["name"]) { $0 = .string(account.name) }
        if !account.namespace.isEmpty {
            modify(at: ["namespace"], create: true) { $0 = .string(account.namespace) }
        }
    }
}
