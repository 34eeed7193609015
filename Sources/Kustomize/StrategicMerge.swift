/// Strategic merge: a partial object laid over a whole one.
///
/// Source: the Kubernetes documentation on `kubectl patch` and its `$patch` directives, with the order that Kustomize v5.5
/// gives lists: what the patch names comes first.
struct StrategicMerge {
    /// Whether the object's schema gives lists a merge key; custom resources have none, and their lists are replaced.
    let hasSchema: Bool

    /// A directive of strategic merge that this renderer does not carry out, where the patch has one.
    static func unsupportedDirective(in node: ManifestNode) -> String? {
        switch node {
        case .scalar: return nil
        case .list(let items): return items.lazy.compactMap(unsupportedDirective).first
        case .map(let map):
            for entry in map.entries {
                if entry.key.hasPrefix("$"), entry.key != "$patch" { return entry.key }
                if entry.key == "$patch", !["delete", "replace", "merge"].contains(entry.value.text ?? "") { return "$patch" }
                if let found = unsupportedDirective(in: entry.value) { return found }
            }
            return nil
        }
    }

    /// The merged object; nil when the patch deletes it.
    func merge(_ patch: ManifestMap, into target: ManifestMap, path: [String] = []) -> ManifestMap? {
        switch patch["$patch"]?.text {
        case "delete": return nil
        case "replace":
            var result = patch
            result["$patch"] = nil
            return result
        default: break
        }
        var result = target
        for entry in patch.entries where entry.key != "$patch" {
            let path = path + [entry.key]
            switch (entry.value, result[entry.key]) {
            case (let value, _) where value.isNull: result[entry.key] = nil
            case (.map(let value), .map(let old)?):
                result[entry.key] = merge(value, into: old, path: path).map(ManifestNode.map)
            case (.map(let value), _):
                result[entry.key] = merge(value, into: ManifestMap(), path: path).map(ManifestNode.map)
            case (.list(let value), .list(let old)?): result[entry.key] = mergeList(value, into: old, path: path)
            case (.list(let value), _):
                result[entry.key] = mergeList(value, into: [], path: path)
            case (.scalar, _): result[entry.key] = entry.value
            }
        }
        return result
    }

    private func mergeList(_ patch: [ManifestNode], into target: [ManifestNode], path: [String]) -> ManifestNode {
        if patch.contains(where: { $0["$patch"]?.text == "replace" }) {
            return .list(patch.filter { $0["$patch"] == nil })
        }
        guard hasSchema else { return .list(patch) }
        if path.suffix(2) == ["metadata", "finalizers"] {
            return .list(patch + target.filter { !patch.contains($0) })
        }
        guard let keys = Self.mergeKeys(path, patch: patch) else { return .list(patch) }
        var rest = target
        var result: [ManifestNode] = []
        for item in patch {
            guard case .map(let map) = item else {
                result.append(item)
                continue
            }
            let index = rest.firstIndex { candidate in keys.allSatisfy { candidate[$0]?.scalar?.text == map[$0]?.scalar?.text } }
            let old = index.map { rest.remove(at: $0) }
            if let merged = merge(map, into: old?.map ?? ManifestMap(), path: path) { result.append(.map(merged)) }
        }
        return .list(result + rest)
    }

    /// The keys that tell the items of a list apart, by where the list is in an object of Kubernetes' own groups.
    ///
    /// Source: `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of the Kubernetes API's OpenAPI schema.
    private static func mergeKeys(_ path: [String], patch: [ManifestNode]) -> [String]? {
        let parent = path.dropLast().last ?? ""
        switch path.last {
        case "containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets", "resourceClaims",
            "webhooks", "secrets":
            return ["name"]
        case "volumeMounts": return ["mountPath"]
        case "volumeDevices": return ["devicePath"]
        case "hostAliases": return ["ip"]
        case "topologySpreadConstraints": return ["topologyKey"]
        case "conditions": return ["type"]
        case "ownerReferences": return ["uid"]
        case "ports" where parent == "spec": return ports(["port", "protocol"], in: patch)
        case "ports": return ports(["containerPort", "protocol"], in: patch)
        default: return nil
        }
    }

    /// The protocol tells ports apart only where the patch gives it.
    private static func ports(_ keys: [String], in patch: [ManifestNode]) -> [String] {
        patch.allSatisfy { $0["protocol"] != nil } ? keys : [keys[0]]
    }
}
