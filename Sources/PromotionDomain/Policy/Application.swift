public import GitOpsTypes
public import ImageSelection

/// What is deployed as a unit, and the images it owns.
public struct Application: Hashable, Sendable {
    public let name: ApplicationName
    /// In the order of the configuration; at least one.
    public let images: [ImageName]
    /// Where its overlays are.
    public let overlay: PathTemplate
    /// As which release of Kustomize its overlays are rendered: the one that its agent has.
    public let kustomize: KustomizeVersion
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

    public init(
        name: ApplicationName, images: [ImageName], overlay: PathTemplate, builders: Role,
        selections: [ImageName: ImageSelection] = [:], provenance: [ImageName: ProvenanceRules] = [:],
        policies: [String: ImageName] = [:], files: [PromotedFile] = [], kustomize: KustomizeVersion = .standard
    ) {
        self.kustomize = kustomize
        self.policies = policies
        self.files = files
        self.selections = selections
        self.provenance = provenance
        self.name = name
        self.images = images
        self.overlay = overlay
        self.builders = builders
    }

    /// The overlay directory of the application in `environment`.
    public func overlayPath(in environment: EnvironmentName) -> RepositoryPath {
        overlay.path(application: name, environment: environment)
    }

    /// Where a file of the application is in `environment`.
    public func path(of file: PromotedFile, in environment: EnvironmentName) -> RepositoryPath {
        file.path.path(application: name, environment: environment)
    }

    /// Where all of its files are in `environment`.
    public func filePaths(in environment: EnvironmentName) -> [RepositoryPath] { files.map { path(of: $0, in: environment) } }
}
