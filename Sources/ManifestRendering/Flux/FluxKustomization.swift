public import GitOpsTypes
public import Kustomize

/// A Kustomization of Flux: what its controller builds from the repository, and does to it.
///
/// Source: Flux, "Kustomization"; fluxcd/pkg/kustomize, which makes a kustomization of it.
public struct FluxKustomization {
    /// The object as it is written.
    private let spec: ManifestNode
    private let file: RepositoryPath

    static let group = "kustomize.toolkit.fluxcd.io/"

    /// - Throws: `RenderingError` where the file has not exactly one.
    init(in file: RepositoryPath, from files: any FileSource) throws {
        guard case .file(let bytes) = try files.entry(at: file) else {
            throw RenderingError(
                "there is no file with a Kustomization of Flux", in: file, hint: "correct the application's flux")
        }
        let nodes = try rendering { try ManifestText.nodes(in: bytes, of: file) }
        let found = nodes.filter(Self.isOne)
        guard let node = found.first, found.count == 1 else {
            throw RenderingError(
                found.isEmpty ? "it has no Kustomization of Flux" : "it has \(found.count) Kustomizations of Flux", in: file,
                hint: "name a file with one of them, of apiVersion \(Self.group)v1")
        }
        self.file = file
        spec = node["spec"] ?? .map(ManifestMap())
        try requireKnownFields()
    }

    /// Those of versions v1 and v1beta2. Source: kustomize-controller, KustomizationSpec, July 2026.
    private static let fields: Set<String> = [
        "buildMetadata", "commonMetadata", "components", "decryption", "deletionPolicy", "dependsOn", "force", "healthCheckExprs",
        "healthChecks", "ignoreMissingComponents", "images", "interval", "kubeConfig", "namePrefix", "nameSuffix", "patches",
        "patchesJson6902", "patchesStrategicMerge", "path", "postBuild", "prune", "retryInterval", "serviceAccountName",
        "sourceRef",
        "suspend", "targetNamespace", "timeout", "validation", "wait",
    ]

    private func requireKnownFields() throws {
        for entry in spec.map?.entries ?? [] where !Self.fields.contains(entry.key) {
            let close = closestMatch(to: entry.key, among: Self.fields.sorted()).map { "did you mean “\($0)”?" }
            throw RenderingError(
                "“\(entry.key.displayable)” is no field of a Kustomization of Flux that is known here", in: file,
                hint: close ?? "what it does to the manifests is not known")
        }
    }

    static func isOne(_ node: ManifestNode) -> Bool {
        isOne(kind: node["kind"]?.text, apiVersion: node["apiVersion"]?.text)
    }

    /// Whether an object of this kind is one.
    public static func isOne(kind: String?, apiVersion: String?) -> Bool {
        kind == "Kustomization" && apiVersion?.hasPrefix(group) == true
    }

    /// The directory that the Kustomization in a file builds.
    ///
    /// - Throws: `RenderingError` where there is none, or it is not in the repository.
    public static func directory(of file: RepositoryPath, in files: any FileSource) throws -> RepositoryPath {
        try FluxKustomization(in: file, from: files).directory()
    }

    /// The directory that it builds.
    ///
    /// - Throws: `RenderingError` where that is not in the repository.
    func directory() throws -> RepositoryPath {
        let text = spec["path"]?.text ?? "./"
        guard let path = RepositoryPath(text.drop { $0 == "/" }) else {
            throw RenderingError(
                "its path “\(text.displayable)” leads out of the repository", in: file, hint: "correct spec.path")
        }
        return path
    }

    // MARK: What it makes of a kustomization

    /// Adds to a kustomization what the controller adds before it builds it.
    ///
    /// - Parameter isTaken: whether a component is, where it is told to pass over those that are missing.
    /// - Throws: `RenderingError` for fields that are not what they have to be.
    func applied(to kustomization: ManifestMap, isTaken: (String) throws -> Bool) throws -> ManifestMap {
        var map = kustomization
        for (field, key) in [("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")] {
            if let value = spec[field]?.text { map[key] = .string(value) }
        }
        try append("patches", to: &map)
        try append("patchesStrategicMerge", to: &map) { .string(String(decoding: ManifestText.bytes(of: [$0]), as: UTF8.self)) }
        try append("patchesJson6902", to: &map) { patch in
            guard case .map(var entries) = patch, let operations = entries["patch"] else { return patch }
            entries["patch"] = .string(String(decoding: ManifestText.bytes(of: [operations]), as: UTF8.self))
            return .map(entries)
        }
        let components = try list("components")
        let passesOver = spec["ignoreMissingComponents"]?.scalar?.text == "true"
        for component in components {
            guard let text = component.text, RepositoryPath(text, relativeTo: try directory()) != nil else {
                throw RenderingError("a component of it is no path in the repository", in: file, hint: "correct spec.components")
            }
            if try passesOver && !isTaken(text) { continue }
            map["components"] = .list((map["components"]?.list ?? []) + [component])
        }
        try mergeImages(into: &map)
        if case .list(let notes)? = spec["buildMetadata"], !notes.isEmpty { map["buildMetadata"] = .list(notes) }
        return map
    }

    private func list(_ field: String) throws -> [ManifestNode] {
        guard let node = spec[field], !node.isNull else { return [] }
        guard let items = node.list else {
            throw RenderingError("its \(field) is no list", in: file, hint: "correct spec.\(field)")
        }
        guard items.count <= AgentOptions.maximumItems else { throw AgentOptions.tooMany(field, in: file) }
        return items
    }

    private func append(
        _ field: String, to map: inout ManifestMap, _ written: (ManifestNode) -> ManifestNode = { $0 }
    ) throws {
        let items = try list(field).map(written)
        if !items.isEmpty { map[field] = .list((map[field]?.list ?? []) + items) }
    }

    /// A tag and a digest go together: what it gives takes the place of both.
    private func mergeImages(into map: inout ManifestMap) throws {
        var entries = map["images"]?.list ?? []
        for image in try list("images") {
            guard let name = image["name"]?.text else { throw RenderingError("an image of it has no name", in: file) }
            guard let index = entries.firstIndex(where: { $0["name"]?.text == name }), case .map(var entry) = entries[index]
            else {
                entries.append(image)
                continue
            }
            if let newName = image["newName"], newName.text?.isEmpty == false { entry["newName"] = newName }
            if image["newTag"] != nil || image["digest"] != nil {
                entry["newTag"] = image["newTag"]
                entry["digest"] = image["digest"]
            }
            entries[index] = .map(entry)
        }
        if !entries.isEmpty { map["images"] = .list(entries) }
    }

    // MARK: What it does to what was built

    /// Labels and annotations for every object.
    var commonMetadata: (labels: [ManifestMap.Entry], annotations: [ManifestMap.Entry]) {
        let metadata = spec["commonMetadata"]
        return (metadata?["labels"]?.map?.entries ?? [], metadata?["annotations"]?.map?.entries ?? [])
    }

    /// The values that are put in after the build; nil where nothing is.
    ///
    /// - Parameter known: values that files of the repository have, by kind and name of the objects: `ConfigMap/vars`.
    /// - Throws: `RenderingError` where an object is named that is not known.
    func variables(_ known: [String: [String: String]]) throws -> [String: String]? {
        guard let postBuild = spec["postBuild"], !postBuild.isNull else { return nil }
        var variables: [String: String] = [:]
        for reference in postBuild["substituteFrom"]?.list ?? [] {
            let name = "\(reference["kind"]?.text ?? "")/\(reference["name"]?.text ?? "")"
            if let values = known[name] {
                variables.merge(values) { $1 }
            } else if reference["optional"]?.scalar?.text != "true" {
                throw RenderingError(
                    "it takes values from \(name.displayable), which is in none of the files that are known", in: file,
                    hint:
                        "say where the repository has it: flux: {kustomization: …, variables: [\"clusters/{environment}/vars.yaml\"]}"
                )
            }
        }
        for entry in postBuild["substitute"]?.map?.entries ?? [] {
            variables[entry.key] = entry.value.scalar?.text ?? ""
        }
        for name in variables.keys where name.wholeMatch(of: /[_A-Za-z][_A-Za-z0-9]*/) == nil {
            throw RenderingError("“\(name.displayable)” is no name of a variable", in: file, hint: "use letters, digits and _")
        }
        // Without values, the controller puts in nothing, defaults neither.
        return variables.isEmpty ? nil : variables.mapValues { $0.replacing("\n", with: "") }
    }
}
