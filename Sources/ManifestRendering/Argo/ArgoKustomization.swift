import GitOpsTypes
import Kustomize

/// A kustomization with the options of an Application, as `kustomize edit` puts them in.
///
/// Source: Argo CD, "Kustomize"; its repo-server runs `kustomize edit` before the build.
struct ArgoKustomization {
    private let source: ArgoApplication.Source
    private let file: RepositoryPath
    private var options: ManifestNode? { source.node["kustomize"] }

    init(_ source: ArgoApplication.Source, of file: RepositoryPath) {
        self.source = source
        self.file = file
    }

    /// The files with the kustomization edited.
    ///
    /// - Throws: `RenderingError` where there is none that could be, or it has no such options; or what the files throw.
    func edited(_ files: any FileSource, missing: MissingComponents) throws -> any FileSource {
        guard options?.map?.isEmpty == false else { return files }
        for entry in options?.map?.entries ?? [] where (entry.value.list?.count ?? 0) > AgentOptions.maximumItems {
            throw AgentOptions.tooMany(entry.key.displayable, in: file)
        }
        let present = try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: source.path) }
        guard let present else {
            throw RenderingError(
                "there is no kustomization, which its options could go into", in: source.path,
                hint: "add one, or correct spec.source")
        }
        let nodes = try rendering { try ManifestText.nodes(in: present.bytes, of: present.path) }
        guard case .map(let map)? = nodes.first else { throw RenderingError("it is no kustomization", in: present.path) }
        let edited = try applied(to: map) { try missing.isTaken($0, by: source.path, in: files) }
        return OverlaidFiles(files, replacing: [present.path: ManifestText.bytes(of: [.map(edited)])])
    }

    private func applied(to kustomization: ManifestMap, isTaken: (String) throws -> Bool) throws -> ManifestMap {
        var map = kustomization
        for key in ["namePrefix", "nameSuffix", "namespace"] {
            if let value = options?[key]?.text, !value.isEmpty { map[key] = .string(value) }
        }
        try setImages(of: &map)
        setReplicas(of: &map)
        setLabels(of: &map)
        if let annotations = options?["commonAnnotations"]?.map { set(annotations, as: "commonAnnotations", of: &map) }
        if let patches = options?["patches"]?.list, !patches.isEmpty {
            map["patches"] = .list((map["patches"]?.list ?? []) + patches)
        }
        let passesOver = options?["ignoreMissingComponents"]?.scalar?.text == "true"
        for component in options?["components"]?.list ?? [] {
            if try passesOver && !isTaken(component.text ?? "") { continue }
            map["components"] = .list((map["components"]?.list ?? []) + [component])
        }
        return map
    }

    private func set(_ entries: ManifestMap, as key: String, of map: inout ManifestMap) {
        var values = map[key]?.map ?? ManifestMap()
        for entry in entries.entries { values[entry.key] = entry.value }
        map[key] = .map(values)
    }

    private func setLabels(of map: inout ManifestMap) {
        guard let labels = options?["commonLabels"]?.map, !labels.isEmpty else { return }
        guard options?["labelWithoutSelector"]?.scalar?.text == "true" else { return set(labels, as: "commonLabels", of: &map) }
        var entry = ManifestMap([.init(key: "pairs", value: .map(labels))])
        if options?["labelIncludeTemplates"]?.scalar?.text == "true" { entry["includeTemplates"] = .bool(true) }
        map["labels"] = .list((map["labels"]?.list ?? []) + [.map(entry)])
    }

    private func setReplicas(of map: inout ManifestMap) {
        var entries = map["replicas"]?.list ?? []
        for replica in options?["replicas"]?.list ?? [] {
            let new = ManifestNode.map(
                ManifestMap([
                    .init(key: "name", value: replica["name"] ?? .string("")),
                    .init(
                        key: "count", value: replica["count"]?.scalar.flatMap { Int($0.text) }.map(ManifestNode.integer) ?? .null),
                ]))
            if let index = entries.firstIndex(where: { $0["name"]?.text == replica["name"]?.text }) {
                entries[index] = new
            } else {
                entries.append(new)
            }
        }
        if !entries.isEmpty { map["replicas"] = .list(entries) }
    }

    /// A tag and a digest go together: what is given takes the place of both.
    private func setImages(of map: inout ManifestMap) throws {
        var entries = map["images"]?.list ?? []
        for item in options?["images"]?.list ?? [] {
            guard let text = item.text, let image = ImageOverride(text) else {
                throw RenderingError("an image of it is no reference", in: file, hint: "correct spec.source.kustomize.images")
            }
            let index = entries.firstIndex { $0["name"]?.text == image.name }
            var entry = index.flatMap { entries[$0].map } ?? ManifestMap([.init(key: "name", value: .string(image.name))])
            if let newName = image.newName { entry["newName"] = .string(newName) }
            if image.tag != nil || image.digest != nil {
                entry["newTag"] = image.tag.map(ManifestNode.string)
                entry["digest"] = image.digest.map(ManifestNode.string)
            }
            if let index { entries[index] = .map(entry) } else { entries.append(.map(entry)) }
        }
        if !entries.isEmpty { map["images"] = .list(entries) }
    }
}

/// `name=newName:tag@digest`, with all but the name left out or not.
///
/// Source: Kustomize, `kustomize edit set image`.
private struct ImageOverride {
    let name: String
    let newName: String?
    let tag: String?
    let digest: String?

    init?(_ text: String) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        var reference = String(sides[sides.count - 1])
        digest = reference.firstIndex(of: "@").map { String(reference[reference.index(after: $0)...]) }
        if let at = reference.firstIndex(of: "@") { reference = String(reference[..<at]) }
        let slash = reference.lastIndex(of: "/") ?? reference.startIndex
        let colon = reference[slash...].lastIndex(of: ":")
        tag = colon.map { String(reference[reference.index(after: $0)...]) }
        let plain = colon.map { String(reference[..<$0]) } ?? reference
        name = sides.count == 2 ? String(sides[0]) : plain
        newName = sides.count == 2 ? plain : nil
        guard !name.isEmpty else { return nil }
    }
}
