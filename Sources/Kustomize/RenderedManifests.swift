public import GitOpsTypes

/// The objects of an overlay, rendered.
public struct RenderedManifests: Sendable, Hashable {
    public let objects: [RenderedObject]
    /// The images in fields that `configurations` name, besides those of containers: where custom resources keep theirs.
    public let configuredImages: [ConfiguredImage]
    /// The fields that these stand in, besides those that everyone knows.
    var imageFields: [FieldSpec] = []
    /// Every path that was looked at for them, and which file stands there; empty where none does.
    public internal(set) var reads: [RepositoryPath: String] = [:]
    /// The other repositories that they are built on, with the commits, in order.
    public var repositories: [PinnedRepository] { Set(reads.keys.compactMap(\.repository)).sorted() }
    /// As the program printed them that rendered them; nil where that is as they are printed here.
    public internal(set) var text: [UInt8]?
    /// The program that rendered them, with its version; nil where that is this one.
    public internal(set) var program: String?
    /// Which file of this machine rendered the charts among them: nil where there are none, or nothing but a chart.
    public internal(set) var chartProgram: String?

    init(objects: [RenderedObject], configuredImages: [ConfiguredImage]) {
        self.objects = objects
        self.configuredImages = configuredImages
    }

    /// These, and others behind them; what has no kind is no manifest, and is left out.
    public func adding(_ nodes: [ManifestNode]) -> RenderedManifests {
        let more = nodes.compactMap { Resource($0, origin: .root) }.map(RenderedObject.init)
        return adding(RenderedManifests(objects: more, configuredImages: []))
    }

    /// These, and the objects of others behind them, with the images that are configured there.
    public func adding(_ others: RenderedManifests) -> RenderedManifests {
        let images = others.configuredImages.map {
            ConfiguredImage(object: objects.count + $0.object, field: $0.field, text: $0.text)
        }
        var sum = RenderedManifests(objects: objects + others.objects, configuredImages: configuredImages + images)
        sum.reads = reads
        sum.text = text
        sum.program = program
        sum.chartProgram = chartProgram
        return sum
    }

    /// Manifests that are written out: those of files in their order, lists of them taken apart.
    ///
    /// - Parameters:
    ///   - reads: every path that was looked at for them, and what stands there.
    ///   - text: what is to be printed for them; nil for themselves.
    ///   - program: what rendered them, with its version.
    /// - Throws: `KustomizeError` where a file is no YAML, or has a document that is no manifest.
    public init(
        writtenIn files: [(path: RepositoryPath, bytes: [UInt8])], reads: [RepositoryPath: String], text: [UInt8]? = nil,
        by program: String? = nil
    ) throws(KustomizeError) {
        var objects: [RenderedObject] = []
        for (path, bytes) in files {
            let resources = try ManifestReader(written: bytes, path: path).writtenResources()
            objects += resources.map(RenderedObject.init)
        }
        self.init(objects: objects, configuredImages: [])
        self.reads = reads
        self.text = text
        self.program = program
    }

    /// Those of a place where there is nothing.
    public static let none = RenderedManifests(objects: [], configuredImages: [])

    /// The same manifests are the same, wherever they are from.
    public static func == (left: RenderedManifests, right: RenderedManifests) -> Bool {
        left.objects == right.objects && left.configuredImages == right.configuredImages
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(objects)
        hasher.combine(configuredImages)
    }

    /// What the program prints that renders them: `kustomize build`, or `helm template`.
    public func printed() -> [UInt8] { text ?? yaml() }

    /// The YAML that `kustomize build` would print.
    public func yaml() -> [UInt8] {
        ManifestPrinter().print(objects.map(\.node))
    }
}

/// An image that stands in a field which a `configurations` file names under `images`.
public struct ConfiguredImage: Sendable, Hashable {
    /// The object's place among all.
    public let object: Int
    /// The field, as the configuration writes it.
    public let field: String
    /// As it is written there.
    public let text: String

    public init(object: Int, field: String, text: String) {
        self.object = object
        self.field = field
        self.text = text
    }

    /// Those of some objects.
    static func all(in resources: [Resource], at fields: [FieldSpec]) -> [ConfiguredImage] {
        var images: [ConfiguredImage] = []
        for (index, resource) in resources.enumerated() where resource.kind.kind != "CustomResourceDefinition" {
            for field in fields where field.kinds.matches(resource.kind) {
                images += resource.node.texts(at: field.steps[...]).map {
                    ConfiguredImage(object: index, field: field.path, text: $0)
                }
            }
        }
        return images
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
        namespace = resource.kind.isClusterScoped ? "" : resource.namespace
        name = resource.name
        node = resource.node
    }
}
