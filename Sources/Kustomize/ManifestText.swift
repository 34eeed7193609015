public import GitOpsTypes

/// Reads YAML as values of manifests, and prints them.
public enum ManifestText {
    /// The documents of a file, but for empty ones.
    ///
    /// - Throws: `KustomizeError` for what is no YAML.
    public static func nodes(in bytes: [UInt8], of path: RepositoryPath) throws(KustomizeError) -> [ManifestNode] {
        try ManifestReader(bytes, path: path).nodes()
    }

    /// A value in the one form that all with the same meaning have, which it has when it is read again, too.
    ///
    /// - Parameter path: what it is from, for messages.
    /// - Throws: `KustomizeError` for a text that YAML cannot have.
    public static func canonical(_ node: ManifestNode, of path: RepositoryPath) throws(KustomizeError) -> ManifestNode {
        var node = node
        do {
            try node.canonicalize()
        } catch {
            throw KustomizeError(
                .invalid, "\(error.problem), which YAML cannot have as it is", in: path, hint: UnprintableText.hint)
        }
        return node
    }

    /// One YAML stream of all nodes, separated by `---`.
    public static func bytes(of nodes: [ManifestNode]) -> [UInt8] { ManifestPrinter().print(nodes) }
}

extension RenderedManifests {
    /// The same with every object changed, and the images that are configured then.
    ///
    /// - Parameters:
    ///   - path: what changes them, for messages.
    ///   - reads: every path that was looked at, and what stands there.
    /// - Throws: what `change` throws, and `KustomizeError` where an object is none any more, or none that could be printed.
    public func mapping(
        by path: RepositoryPath, reads: [RepositoryPath: String], _ change: (RenderedObject) throws -> ManifestNode
    ) throws -> RenderedManifests {
        let changed = try objects.map { object in
            guard let resource = Resource(try ManifestText.canonical(change(object), of: path), origin: path) else {
                throw KustomizeError(.invalid, "\(object.kind) \(object.name) has no kind any more", in: path)
            }
            return resource
        }
        var result = RenderedManifests(
            objects: changed.map(RenderedObject.init), configuredImages: ConfiguredImage.all(in: changed, at: imageFields))
        result.imageFields = imageFields
        result.reads = reads
        return result
    }

    /// The same objects, as they are printed here.
    ///
    /// - Parameters:
    ///   - reads: every path that was looked at, and what stands there.
    ///   - program: what rendered a part of them, with its version; nil where that is this one.
    public func printed(reading reads: [RepositoryPath: String], by program: String?) -> RenderedManifests {
        var result = RenderedManifests(objects: objects, configuredImages: configuredImages)
        result.reads = reads
        result.program = program
        return result
    }
}
