public import GitOpsTypes

/// A Kustomization of Flux in the repository, as which its controller applies an application.
public struct FluxSource: Hashable, Sendable {
    /// The file that has it.
    public let kustomization: PathTemplate
    /// Files with the ConfigMaps and Secrets that it takes values from.
    public let variables: [PathTemplate]
    public let kustomize: KustomizeDialect

    public init(
        kustomization: PathTemplate, variables: [PathTemplate] = [], kustomize: KustomizeVersion = .standard,
        bases: RemoteBases = .refused
    ) {
        self.kustomization = kustomization
        self.variables = variables
        // The controller reads files anywhere in the repository.
        self.kustomize = KustomizeDialect(kustomize, loading: .none, bases: bases)
    }

    func place(of application: ApplicationName, in environment: EnvironmentName) -> FluxPlace {
        FluxPlace(
            kustomization: kustomization.path(application: application, environment: environment),
            variables: variables.map { $0.path(application: application, environment: environment) }, kustomize: kustomize)
    }
}

/// A Kustomization of Flux of one environment.
public struct FluxPlace: Hashable, Sendable {
    public let kustomization: RepositoryPath
    public let variables: [RepositoryPath]
    public let kustomize: KustomizeDialect
}
