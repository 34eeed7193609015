public import GitOpsTypes

/// Manifests in a form that can be kept, and that they come back from as they were.
public struct KeptManifests: Hashable, Sendable {
    /// What `content` is.
    public enum Form: String, Hashable, Sendable, Codable {
        /// What is printed here for the objects.
        case printed
        /// What a program has printed, which the objects were read from.
        case text
    }

    public let form: Form
    public let content: [UInt8]
    public let configuredImages: [ConfiguredImage]
    public let program: String?
    public let chartProgram: String?

    public init(
        _ form: Form, _ content: [UInt8], configuredImages: [ConfiguredImage] = [], program: String? = nil,
        chartProgram: String? = nil
    ) {
        self.form = form
        self.content = content
        self.configuredImages = configuredImages
        self.program = program
        self.chartProgram = chartProgram
    }
}

extension RenderedManifests {
    /// These, but for what was read for them.
    public var kept: KeptManifests {
        KeptManifests(
            text == nil ? .printed : .text, printed(), configuredImages: configuredImages, program: program,
            chartProgram: chartProgram)
    }

    /// Manifests that were kept.
    ///
    /// - Parameters:
    ///   - path: where they are from, for messages.
    ///   - reads: every path that was looked at for them, and what stands there.
    /// - Throws: `KustomizeError` where they are nothing that was kept.
    public init(
        _ kept: KeptManifests, of path: RepositoryPath, reads: [RepositoryPath: String]
    ) throws(KustomizeError) {
        let resources: [Resource]
        switch kept.form {
        case .text: resources = try ManifestReader(written: kept.content, path: path).writtenResources()
        case .printed:
            var printed: [Resource] = []
            for node in try ManifestReader(kept.content, path: path).nodes() {
                guard let resource = Resource(node, origin: path) else {
                    throw KustomizeError(.invalid, "a manifest has no kind", in: path)
                }
                printed.append(resource)
            }
            resources = printed
        }
        self.init(objects: resources.map(RenderedObject.init), configuredImages: kept.configuredImages)
        self.reads = reads
        text = kept.form == .text ? kept.content : nil
        program = kept.program
        chartProgram = kept.chartProgram
    }
}
