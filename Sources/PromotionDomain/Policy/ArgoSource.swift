public import GitOpsTypes

/// An Application of Argo CD in the repository, as which an application is rendered.
public struct ArgoSource: Hashable, Sendable {
    /// The file that has it.
    public let application: PathTemplate
    public let kustomize: KustomizeDialect

    public init(application: PathTemplate, kustomize: KustomizeVersion = .standard, bases: RemoteBases = .refused) {
        self.application = application
        self.kustomize = KustomizeDialect(kustomize, bases: bases)
    }

    func place(of application: ApplicationName, in environment: EnvironmentName) -> ArgoPlace {
        ArgoPlace(application: self.application.path(application: application, environment: environment), kustomize: kustomize)
    }
}

/// An Application of Argo CD of one environment.
public struct ArgoPlace: Hashable, Sendable {
    public let application: RepositoryPath
    public let kustomize: KustomizeDialect
}
