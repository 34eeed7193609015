public import GitOpsTypes

/// What is deployed as a unit, and the images it owns.
public struct Application: Hashable, Sendable {
    public let name: ApplicationName
    /// In the order of the configuration; at least one.
    public let images: [ImageName]
    /// Where its overlays are.
    public let overlay: OverlayTemplate
    /// Who may register builds.
    public let builders: Role

    public init(name: ApplicationName, images: [ImageName], overlay: OverlayTemplate, builders: Role) {
        self.name = name
        self.images = images
        self.overlay = overlay
        self.builders = builders
    }

    /// The overlay directory of the application in `environment`.
    public func overlayPath(in environment: EnvironmentName) -> RepositoryPath {
        overlay.path(application: name, environment: environment)
    }
}

/// A path with `{environment}` and `{application}` to be filled in: `overlays/{environment}`.
public struct OverlayTemplate: Hashable, Sendable {
    public let text: String

    /// Nil when a filled-in template would not be a path inside the repository, when the environment is not part of it (all
    /// environments would share one overlay), or when it has another placeholder.
    public init?(_ text: String) {
        let filled = Self.fill(text, "application", "environment")
        guard text.contains("{environment}"), !filled.contains("{"), !filled.contains("}"),
            let path = RepositoryPath(filled), !path.isRoot, path.description == filled
        else { return nil }
        self.text = text
    }

    func path(application: ApplicationName, environment: EnvironmentName) -> RepositoryPath {
        guard let path = RepositoryPath(Self.fill(text, application.text, environment.text)) else {
            preconditionFailure("a template that was checked gave no path")
        }
        return path
    }

    private static func fill(_ text: String, _ application: String, _ environment: String) -> String {
        text.split(separator: "{application}", omittingEmptySubsequences: false).joined(separator: application)
            .split(separator: "{environment}", omittingEmptySubsequences: false).joined(separator: environment)
    }
}
