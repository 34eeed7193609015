public import GitOpsTypes
public import ImageSelection

/// What is deployed as a unit, and the images and charts it owns.
public struct Application: Hashable, Sendable {
    public private(set) var name: ApplicationName
    /// What its releases pin, in the order of the configuration, charts behind images; at least one.
    public private(set) var images: [ImageName]
    /// Those of them that are charts.
    public let charts: Set<ImageName>
    /// How it is described in each environment.
    public private(set) var source: ApplicationSource
    /// Who may register builds.
    public let builders: Role
    /// How new builds of its images are found; those that are not here are registered by CI.
    public let selections: [ImageName: ImageSelection]
    /// What has to be proven of its images.
    public let provenance: [ImageName: ProvenanceRules]
    /// What Flux calls its images: ImagePolicies, as `<namespace>:<name>` or as `<name>`.
    public let policies: [String: ImageName]
    /// What belongs to it besides what its overlays read.
    public let files: [PromotedFile]
    /// The environments that it has; nil for all that the policy has.
    public let environments: Set<EnvironmentName>?

    public init(
        name: ApplicationName, images: [ImageName], source: ApplicationSource, builders: Role,
        selections: [ImageName: ImageSelection] = [:], provenance: [ImageName: ProvenanceRules] = [:],
        policies: [String: ImageName] = [:], files: [PromotedFile] = [], environments: Set<EnvironmentName>? = nil,
        charts: Set<ImageName> = []
    ) {
        self.charts = charts
        self.environments = environments
        self.policies = policies
        self.files = files
        self.selections = selections
        self.provenance = provenance
        self.name = name
        self.images = images
        self.source = source
        self.builders = builders
    }

    /// What a release has under a name.
    public func kind(of name: ImageName) -> ArtifactKind { charts.contains(name) ? .chart : .image }

    /// Whether Flux may call an ImagePolicy so: `<name>`, or `<namespace>:<name>`.
    public static func isPolicyName(_ text: String) -> Bool {
        text.wholeMatch(of: /([a-z0-9.-]+:)?[a-z0-9.-]+/) != nil
    }

    /// The images that its containers run.
    public var containerImages: [ImageName] { images.filter { !charts.contains($0) } }

    /// The same but for its name, its images, and where it is.
    ///
    /// - Parameter path: of an overlay or of manifests; nil to leave it where it is, as what is in several places.
    public func renamed(_ name: ApplicationName, images: [ImageName], at path: PathTemplate?) -> Application {
        var other = self
        other.name = name
        other.images = images
        if let path { other.source = source.at(path) }
        return other
    }

    /// Whether it has the environment, as far as the policy says.
    public func has(_ environment: EnvironmentName) -> Bool { environments?.contains(environment) ?? true }

    /// How the application is described in `environment`.
    public func place(in environment: EnvironmentName) -> SourcePlace { source.place(of: name, in: environment) }

    /// Where a file of the application is in `environment`.
    public func path(of file: PromotedFile, in environment: EnvironmentName) -> RepositoryPath {
        file.path.path(application: name, environment: environment)
    }

    /// Where all of its files are in `environment`.
    public func filePaths(in environment: EnvironmentName) -> [RepositoryPath] { files.map { path(of: $0, in: environment) } }
}
