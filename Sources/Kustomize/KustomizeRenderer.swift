public import GitOpsTypes
import YAMLEditing

/// Renders an overlay and everything it builds on, as `kustomize build` does.
///
/// A pure function of the files: no network, no plugins, no environment. What Kustomize has and this renderer does not
/// carry out is an error that names the field; a render is never silently wrong.
public struct KustomizeRenderer {
    private let files: any FileSource
    /// Kustomizations may build on each other this deep; far beyond any real repository.
    private static let maximumDepth = 100

    /// - Parameter files: every file the overlay may read; a path out of it is refused.
    public init(files: any FileSource) {
        self.files = files
    }

    /// The manifests of the kustomization in `directory`, in the order they are printed.
    ///
    /// - Throws: `KustomizeError`, or what the file source throws.
    public func render(_ directory: RepositoryPath) throws -> RenderedManifests {
        var cache: [RepositoryPath: [Resource]] = [:]
        var resources = try accumulate(directory, ancestors: [], referrer: nil, &cache)
        for index in resources.indices {
            guard resources[index].needsHash else { continue }
            resources[index].setName("\(resources[index].name)-\(resources[index].contentHash())")
        }
        resources.updateNameReferences()
        for index in resources.indices { resources[index].normalizeAnnotations() }
        return RenderedManifests(objects: ResourceOrder.sorted(resources).map(RenderedObject.init))
    }

    /// The kustomization file of `directory`; nil when the directory has none.
    ///
    /// - Throws: `KustomizeError.conflict` when there is more than one.
    public func kustomizationFile(in directory: RepositoryPath) throws -> (path: RepositoryPath, bytes: [UInt8])? {
        var found: (path: RepositoryPath, bytes: [UInt8])?
        for name in ["kustomization.yaml", "kustomization.yml", "Kustomization"] {
            guard let path = directory.appending(name), case .file(let bytes) = try files.entry(at: path) else { continue }
            if let first = found {
                throw KustomizeError(.conflict, "\(first.path) stands beside it", in: path, hint: "keep one of them")
            }
            found = (path, bytes)
        }
        return found
    }

    // MARK: Accumulation

    /// What is asked of a kustomization, and where that stands, for messages.
    private struct Referrer {
        let path: RepositoryPath
        let position: SourcePosition
    }

    /// The resources of the kustomization in `directory` and of everything it builds on.
    private func accumulate(
        _ directory: RepositoryPath, ancestors: [RepositoryPath], referrer: Referrer?,
        _ cache: inout [RepositoryPath: [Resource]]
    ) throws -> [Resource] {
        // A base that several kustomizations build on gives the same each time.
        if let known = cache[directory] { return known }
        let kustomization = try load(directory, ancestors: ancestors, referrer: referrer)
        if kustomization.kind == .component, let referrer {
            throw KustomizeError(
                .invalid, "\(directory) is a component", in: referrer.path, at: referrer.position,
                hint: "list it under components")
        }
        var resources: [Resource] = []
        try apply(kustomization, at: directory, to: &resources, ancestors: ancestors + [directory], &cache)
        cache[directory] = resources
        return resources
    }

    private func load(
        _ directory: RepositoryPath, ancestors: [RepositoryPath], referrer: Referrer?
    ) throws -> Kustomization {
        let (path, position) = (referrer?.path ?? directory, referrer?.position)
        if ancestors.contains(directory) {
            let circle = (ancestors + [directory]).map(\.description).joined(separator: " → ")
            throw KustomizeError(
                .forbidden, "kustomizations build on each other in a circle: \(circle)", in: path, at: position)
        }
        guard ancestors.count < Self.maximumDepth else {
            throw KustomizeError(.forbidden, "kustomizations are nested too deeply", in: directory)
        }
        guard let file = try kustomizationFile(in: directory) else {
            throw KustomizeError(
                .missing, "\(directory) has no kustomization.yaml", in: path, at: position, hint: "add one, or correct the path")
        }
        return try KustomizationDecoder(file.bytes, path: file.path).kustomization()
    }

    /// Carries out a kustomization on top of `resources`: for one by itself these are none, for a component all that the
    /// kustomization that lists it has so far.
    private func apply(
        _ kustomization: Kustomization, at directory: RepositoryPath, to resources: inout [Resource],
        ancestors: [RepositoryPath], _ cache: inout [RepositoryPath: [Resource]]
    ) throws {
        var ids = Set(resources.map(\.id))
        for reference in kustomization.resources {
            let new = try self.resources(reference, in: kustomization, at: directory, ancestors: ancestors, &cache)
            try append(new, to: &resources, &ids, kustomization)
        }
        try runGenerators(of: kustomization, at: directory, on: &resources)
        for reference in kustomization.components {
            let path = try resolve(reference, in: kustomization, at: directory)
            guard case .directory = try files.entry(at: path) else { throw missing(path, reference, kustomization) }
            let referrer = Referrer(path: kustomization.path, position: reference.position)
            let component = try load(path, ancestors: ancestors, referrer: referrer)
            guard component.kind == .component else {
                throw KustomizeError(
                    .invalid, "\(path) is no component", in: kustomization.path, at: reference.position,
                    hint: "list it under resources, or give it kind: Component")
            }
            try apply(component, at: path, to: &resources, ancestors: ancestors + [path], &cache)
        }
        try transform(&resources, by: kustomization, at: directory)
    }

    private func append(
        _ new: [Resource], to resources: inout [Resource], _ ids: inout Set<ResourceID>, _ kustomization: Kustomization
    ) throws {
        for resource in new {
            guard ids.insert(resource.id).inserted else {
                throw KustomizeError(
                    .conflict, "\(resource.id) is given twice (again in \(resource.origin))", in: kustomization.path,
                    hint: "list it once")
            }
            resources.append(resource)
        }
    }

    private func resources(
        _ reference: Kustomization.Reference, in kustomization: Kustomization, at directory: RepositoryPath,
        ancestors: [RepositoryPath], _ cache: inout [RepositoryPath: [Resource]]
    ) throws -> [Resource] {
        let path = try resolve(reference, in: kustomization, at: directory)
        switch try files.entry(at: path) {
        case .directory:
            let referrer = Referrer(path: kustomization.path, position: reference.position)
            return try accumulate(path, ancestors: ancestors, referrer: referrer, &cache)
        case .file(let bytes):
            try requireInside(path, directory, reference, kustomization)
            return try Self.resources(in: bytes, path: path)
        case .missing: throw missing(path, reference, kustomization)
        case .outside: throw outside(reference, kustomization)
        }
    }

    private static func resources(in bytes: [UInt8], path: RepositoryPath) throws(KustomizeError) -> [Resource] {
        let reader = try ManifestReader(bytes, path: path)
        var result: [Resource] = []
        for node in try reader.nodes() { try append(node, path, to: &result) }
        return result
    }

    private static func append(
        _ node: ManifestNode, _ path: RepositoryPath, to result: inout [Resource]
    ) throws(KustomizeError) {
        guard let resource = Resource(node, origin: path) else {
            throw KustomizeError(
                .invalid, "a manifest has no kind", in: path, hint: "every document needs apiVersion, kind and metadata.name")
        }
        if resource.kind.kind.hasSuffix("List"), let items = node["items"]?.list {
            for item in items { try append(item, path, to: &result) }
            return
        }
        guard !resource.name.isEmpty else {
            throw KustomizeError(.invalid, "a \(resource.kind.kind) has no metadata.name", in: path, hint: "give it a name")
        }
        result.append(resource)
    }

    // MARK: Paths

    private func resolve(
        _ reference: Kustomization.Reference, in kustomization: Kustomization, at directory: RepositoryPath
    ) throws(KustomizeError) -> RepositoryPath {
        let text = reference.text
        if text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("github.com/") || text.contains("?ref=") {
            throw KustomizeError(
                .forbidden, "“\(text)” is on another host", in: kustomization.path, at: reference.position,
                hint: "copy it into the repository")
        }
        guard let path = RepositoryPath(text, relativeTo: directory), !text.isEmpty else {
            throw outside(reference, kustomization)
        }
        return path
    }

    private func read(
        _ reference: Kustomization.Reference, in kustomization: Kustomization, at directory: RepositoryPath
    ) throws -> [UInt8] {
        let path = try resolve(reference, in: kustomization, at: directory)
        switch try files.entry(at: path) {
        case .file(let bytes):
            try requireInside(path, directory, reference, kustomization)
            return bytes
        case .directory:
            throw KustomizeError(.invalid, "“\(reference.text)” is a directory", in: kustomization.path, at: reference.position)
        case .missing: throw missing(path, reference, kustomization)
        case .outside: throw outside(reference, kustomization)
        }
    }

    /// Kustomize reads files only from a kustomization's own directory and below.
    private func requireInside(
        _ path: RepositoryPath, _ directory: RepositoryPath, _ reference: Kustomization.Reference, _ kustomization: Kustomization
    ) throws(KustomizeError) {
        guard path.isInside(directory) else {
            throw KustomizeError(
                .forbidden, "the file “\(reference.text)” is outside of the kustomization's directory", in: kustomization.path,
                at: reference.position, hint: "move it into \(directory), or build on the directory it is in")
        }
    }

    private func missing(
        _ path: RepositoryPath, _ reference: Kustomization.Reference, _ kustomization: Kustomization
    ) -> KustomizeError {
        KustomizeError(
            .missing, "\(path) does not exist", in: kustomization.path, at: reference.position,
            hint: "add it, or remove “\(reference.text)”")
    }

    private func outside(_ reference: Kustomization.Reference, _ kustomization: Kustomization) -> KustomizeError {
        KustomizeError(
            .forbidden, "“\(reference.text)” leads out of the repository", in: kustomization.path, at: reference.position,
            hint: "use a path inside the repository")
    }

    // MARK: Generators

    private func runGenerators(
        of kustomization: Kustomization, at directory: RepositoryPath, on resources: inout [Resource]
    ) throws {
        let rules =
            kustomization.configMapGenerator.map { (ManifestGenerator.Product.configMap, $0) }
            + kustomization.secretGenerator.map { (ManifestGenerator.Product.secret, $0) }
        for (product, rule) in rules {
            let options = rule.options.merged(onto: kustomization.generatorOptions)
            let generator = ManifestGenerator(product: product, rule: rule, options: options, path: kustomization.path) {
                try read($0, in: kustomization, at: directory)
            }
            let generated = try generator.generate()
            let index = resources.firstIndex { $0.hasID(generated.id) }
            switch (rule.behavior, index) {
            case (.create, nil): resources.append(generated)
            case (.create, _?):
                throw KustomizeError(
                    .conflict, "\(generated.id) exists already", in: kustomization.path, at: rule.position,
                    hint: "use behavior: merge or behavior: replace")
            case (_, nil):
                throw KustomizeError(
                    .conflict, "there is no \(generated.id) to \(rule.behavior.rawValue)", in: kustomization.path,
                    at: rule.position, hint: "use behavior: create")
            case (.merge, let index?): resources[index].absorb(generated, keepingData: true)
            case (.replace, let index?): resources[index].absorb(generated, keepingData: false)
            }
        }
    }

    // MARK: Transformers

    private func transform(
        _ resources: inout [Resource], by kustomization: Kustomization, at directory: RepositoryPath
    ) throws {
        for patch in kustomization.strategicMergePatches + kustomization.patches {
            try apply(patch, of: kustomization, at: directory, to: &resources)
        }
        if let namespace = kustomization.namespace { resources.setNamespace(namespace) }
        resources.addAffixes(prefix: kustomization.namePrefix, suffix: kustomization.nameSuffix)
        for rule in kustomization.labels { resources.addLabels(rule) }
        resources.addAnnotations(kustomization.commonAnnotations)
        for patch in kustomization.jsonPatches { try apply(patch, of: kustomization, at: directory, to: &resources) }
        for rule in kustomization.replicas { try resources.setReplicas(rule, in: kustomization.path) }
        resources.setImages(kustomization.images)
        for rule in try replacements(of: kustomization, at: directory) {
            try ReplacementApplication(rule: rule, path: kustomization.path).apply(to: &resources)
        }
        var seen: Set<ResourceID> = []
        for resource in resources where !seen.insert(resource.id).inserted {
            throw KustomizeError(
                .conflict, "two objects became \(resource.id)", in: kustomization.path, hint: "rename one of them")
        }
    }

    /// The kustomization's own replacements, and those in files of their own.
    private func replacements(of kustomization: Kustomization, at directory: RepositoryPath) throws -> [ReplacementRule] {
        try kustomization.replacements.flatMap { source -> [ReplacementRule] in
            switch source {
            case .inline(let rule): return [rule]
            case .file(let reference):
                let bytes = try read(reference, in: kustomization, at: directory)
                return try KustomizationDecoder(bytes, path: resolve(reference, in: kustomization, at: directory))
                    .replacementFile()
            }
        }
    }

    private func apply(
        _ rule: Kustomization.PatchRule, of kustomization: Kustomization, at directory: RepositoryPath,
        to resources: inout [Resource]
    ) throws {
        let bytes: [UInt8]
        let origin: RepositoryPath
        switch rule.source {
        case .inline(let text):
            bytes = Array(text.utf8)
            origin = kustomization.path
        case .file(let reference):
            bytes = try read(reference, in: kustomization, at: directory)
            origin = try resolve(reference, in: kustomization, at: directory)
        }
        let application = PatchApplication(rule: rule, path: kustomization.path)
        let reader = try ManifestReader(bytes, path: origin)
        let isJSONPatch = reader.file.documents.contains { $0.sequence != nil }
        let documents = isJSONPatch ? try ManifestReader(bytes, path: origin, dialect: .yaml11).nodes() : try reader.nodes()
        try application.apply(documents, to: &resources)
    }
}

extension Resource {
    /// Becomes what a later generator makes of the same object: its fields, with labels and annotations on top of the present
    /// ones, and the present data below where it is to be kept.
    fileprivate mutating func absorb(_ other: Resource, keepingData: Bool) {
        guard case .map(var map) = other.node, case .map(var metadata)? = map["metadata"] else { return }
        for field in ["labels", "annotations"] {
            let merged = Self.merged(node["metadata"]?[field], metadata[field])
            if !merged.isEmpty { metadata[field] = .map(merged) }
        }
        metadata["name"] = .string(name)
        metadata["namespace"] = node["metadata"]?["namespace"]
        map["metadata"] = .map(metadata)
        if keepingData {
            for field in ["data", "binaryData"] {
                let merged = Self.merged(node[field], map[field])
                if !merged.isEmpty { map[field] = .map(merged) }
            }
        }
        node = .map(map)
        needsHash = needsHash && other.needsHash
    }

    private static func merged(_ old: ManifestNode?, _ new: ManifestNode?) -> ManifestMap {
        var result = old?.map ?? ManifestMap()
        for entry in new?.map?.entries ?? [] { result[entry.key] = entry.value }
        return result
    }
}

extension Resource {
    /// Kustomize keeps its own notes in annotations while it works: in the end all of them are strings, and none are empty.
    fileprivate mutating func normalizeAnnotations() {
        node.modify(at: ["metadata"]) { metadata in
            guard case .map(var map) = metadata, case .map(var annotations)? = map["annotations"] else { return }
            for index in annotations.entries.indices {
                guard let scalar = annotations.entries[index].value.scalar, scalar.kind != .string else { continue }
                annotations.entries[index].value = .string(scalar.kind == .null ? "" : scalar.text)
            }
            map["annotations"] = annotations.isEmpty ? nil : .map(annotations)
            metadata = .map(map)
        }
    }
}

/// The objects of an overlay, rendered.
public struct RenderedManifests: Sendable, Hashable {
    public let objects: [RenderedObject]

    /// The YAML that `kustomize build` would print.
    public func yaml() -> [UInt8] {
        ManifestPrinter().print(objects.map(\.node))
    }
}

public struct RenderedObject: Sendable, Hashable {
    public let apiVersion: String
    public let kind: String
    /// Empty for cluster-wide objects and where the overlay leaves it open.
    public let namespace: String
    public let name: String
    public let node: ManifestNode

    init(_ resource: Resource) {
        apiVersion = resource.node["apiVersion"]?.text ?? ""
        kind = resource.kind.kind
        namespace = resource.namespace
        name = resource.name
        node = resource.node
    }
}
