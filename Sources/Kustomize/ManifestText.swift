public import GitOpsTypes

/// Reads YAML as values of manifests, and prints them.
public enum ManifestText {
    /// The documents of a file, but for empty ones.
    ///
    /// - Throws: `KustomizeError` for what is no YAML.
    public static func nodes(in bytes: [UInt8], of path: RepositoryPath) throws(KustomizeError) -> [ManifestNode] {
        try ManifestReader(bytes, path: path).nodes()
    }

    /// One YAML stream of all nodes, separated by `---`.
    public static func bytes(of nodes: [ManifestNode]) -> [UInt8] { ManifestPrinter().print(nodes) }
}

extension RenderedManifests {
    /// The same with every object changed; nil for those that go.
    ///
    /// - Parameters:
    ///   - reads: every path that was looked at, and what stands there.
    ///   - program: what rendered them, with its version; nil for this one.
    /// - Throws: what `change` throws, and `KustomizeError` where an object is none any more.
    public func mapping(
        reads: [RepositoryPath: String], by program: String? = nil, _ change: (RenderedObject) throws -> ManifestNode
    ) throws -> RenderedManifests {
        let changed = try objects.map { object in
            guard let resource = Resource(try change(object), origin: .root) else {
                throw KustomizeError(.invalid, "\(object.kind) \(object.name) has no kind any more", in: .root)
            }
            return RenderedObject(resource)
        }
        var result = RenderedManifests(objects: changed, configuredImages: configuredImages)
        result.reads = reads
        result.program = program
        return result
    }
}
