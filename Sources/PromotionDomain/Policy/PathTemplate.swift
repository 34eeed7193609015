public import GitOpsTypes

/// A path with `{environment}` and `{application}` to be filled in: `overlays/{environment}`.
public struct PathTemplate: Hashable, Sendable {
    public let text: String
    private let template: NameTemplate

    /// Nil when a filled-in template would not be a path inside the repository, or when it has another placeholder.
    public init?(_ text: String) {
        guard let template = NameTemplate(text) else { return nil }
        self.text = text
        self.template = template
        let filled = template.fill("application", "environment")
        guard let path = RepositoryPath(filled), !path.isRoot, path.description == filled else { return nil }
    }

    /// Whether the environment is part of it; where it is not, all environments of a branch share one place.
    public var hasEnvironment: Bool { template.hasEnvironment }

    /// Whether the application is part of it.
    var hasApplication: Bool { template.hasApplication }

    /// Where applications are, in an environment, that are told apart by it; nil for a path that all share.
    public func folder(in environment: EnvironmentName) -> ApplicationFolder? {
        ApplicationFolder(template.fill(ApplicationFolder.blank, environment.text))
    }

    public func path(application: ApplicationName, environment: EnvironmentName) -> RepositoryPath {
        guard let path = RepositoryPath(template.fill(application.text, environment.text)) else {
            preconditionFailure("a template that was checked gave no path")
        }
        return path
    }
}
