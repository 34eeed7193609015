/// The annotations that `buildMetadata` asks for: where an object came from and what changed it.
///
/// Source: Kustomize v5.5's documentation of `buildMetadata`.
struct BuildNotes {
    static let originKey = "config.kubernetes.io/origin"
    static let transformationsKey = "alpha.config.kubernetes.io/transformations"
    /// That an object is Helm's, and in its own namespace.
    static let helmKey = "internal.config.kubernetes.io/helm-generated"
    static let localConfigKey = "config.kubernetes.io/local-config"

    /// Annotations that Kustomize uses for itself and takes away in the end, wherever they came from.
    static let internalKeys: Set<String> = {
        let own = [
            "previousKinds", "previousNames", "previousNamespaces", "prefixes", "suffixes", "allowNameChange", "allowKindChange",
            "refBy", "generatorBehavior", "needsHashSuffix", "path", "index", "seqindent", "id",
            "annotations-migration-resource-id",
        ].map { "internal.config.kubernetes.io/\($0)" }
        return Set(own + ["config.kubernetes.io/path", "config.kubernetes.io/index", "config.k8s.io/id"])
    }()

    /// A generator or transformer, and the file it is configured in.
    struct Tool {
        var apiVersion = "builtin"
        let kind: String
        var name = ""
        var namespace = ""
        let configuredIn: SeenPlace

        fileprivate func lines(indent: String) -> String {
            func line(_ key: String, _ value: String) -> String { SeenPlace.line(key, value, indent) }
            var text = configuredIn.linesOfConfiguration(indent: indent) + "\(indent)configuredBy:\n"
            text += line("  apiVersion", apiVersion) + line("  kind", kind)
            if !name.isEmpty { text += line("  name", name) }
            if !namespace.isEmpty { text += line("  namespace", namespace) }
            return text
        }
    }

    /// Whether anything is noted at all.
    let isEnabled: Bool

    /// Notes the file that a resource was read from.
    func note(file: SeenPlace, on resources: inout [Resource]) {
        guard isEnabled else { return }
        for index in resources.indices { resources[index].setAnnotation(Self.originKey, file.lines) }
    }

    func note(generator: Tool, on resource: inout Resource) {
        guard isEnabled, resource.annotation(Self.originKey) == nil else { return }
        resource.setAnnotation(Self.originKey, generator.lines(indent: ""))
    }

    /// Notes a transformer on what it may have changed; on what it has made, it is the origin.
    func note(transformer: Tool, on resources: inout [Resource], _ budget: RenderBudget) throws(KustomizeError) {
        guard isEnabled else { return }
        for index in resources.indices {
            if resources[index].annotation(Self.originKey) == nil {
                resources[index].setAnnotation(Self.originKey, transformer.lines(indent: ""))
            } else {
                let before = resources[index].annotation(Self.transformationsKey) ?? ""
                let item = "- " + transformer.lines(indent: "  ").dropFirst(2)
                try budget.spend(bytes: before.utf8.count + item.utf8.count)
                resources[index].setAnnotation(Self.transformationsKey, before + item)
            }
        }
    }
}

extension Resource {
    func annotation(_ key: String) -> String? {
        node["metadata"]?["annotations"]?[key]?.scalar?.text
    }

    mutating func setAnnotation(_ key: String, _ value: String) {
        node.modify(at: ["metadata", "annotations", key], create: true) { $0 = .string(value) }
    }

    /// Kustomize keeps notes of its own in annotations while it works: in the end all annotations are texts, and an empty
    /// mapping of them is left out.
    ///
    /// - Parameter removed: annotations that go.
    mutating func normalizeAnnotations(removing removed: Set<String>) {
        if node["metadata"] == nil { node.modify(at: ["metadata"], create: true) { $0 = .map(ManifestMap()) } }
        node.modify(at: ["metadata"]) { metadata in
            guard case .map(var map) = metadata, let annotations = map["annotations"] else { return }
            let entries = (annotations.map?.entries ?? []).filter { !removed.contains($0.key) }.map { entry in
                ManifestMap.Entry(key: entry.key, value: .string(entry.value.scalar?.text ?? ""))
            }
            map["annotations"] = entries.isEmpty ? nil : .map(ManifestMap(entries))
            metadata = .map(map)
        }
    }
}
