public import GitOpsTypes
public import ImageProvenance
public import ImageSelection

/// What is deployed as a unit, and the images it owns.
public struct Application: Hashable, Sendable {
    public let name: ApplicationName
    /// In the order of the configuration; at least one.
    public let images: [ImageName]
    /// Where its overlays are.
    public let overlay: OverlayTemplate
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
        name: ApplicationName, images: [ImageName], overlay: OverlayTemplate, builders: Role,
        selections: [ImageName: ImageSelection] = [:], provenance: [ImageName: ProvenanceRules] = [:],
        policies: [String: ImageName] = [:], files: [PromotedFile] = []
    ) {
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
}

/// A path with `{environment}` and `{application}` to be filled in: `overlays/{environment}`.
public struct OverlayTemplate: Hashable, Sendable {
    public let text: String

    /// Nil when a filled-in template would not be a path inside the repository, when the environment is not part of it (all
    /// environments would share one overlay), or when it has another placeholder.
    public init?(_ text: String) {
        guard let parts = Self.parts(of: text), parts.contains(.environment) else { return nil }
        self.text = text
        self.parts = parts
        let filled = fill("application", "environment")
        guard let path = RepositoryPath(filled), !path.isRoot, path.description == filled else { return nil }
    }

    func path(application: ApplicationName, environment: EnvironmentName) -> RepositoryPath {
        guard let path = RepositoryPath(fill(application.text, environment.text)) else {
            preconditionFailure("a template that was checked gave no path")
        }
        return path
    }

    private enum Part: Hashable {
        case text(String)
        case application
        case environment
    }

    private let parts: [Part]

    /// Nil for braces that are no known placeholder.
    private static func parts(of text: String) -> [Part]? {
        var parts: [Part] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let plain = rest.prefix { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
            if !plain.isEmpty { parts.append(.text(String(Substring(plain)))) }
            rest = rest[plain.endIndex...]
            guard !rest.isEmpty else { break }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
            switch String(Substring(rest[...end])) {
            case "{application}": parts.append(.application)
            case "{environment}": parts.append(.environment)
            default: return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        return parts
    }

    private func fill(_ application: String, _ environment: String) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .application: result += application
            case .environment: result += environment
            }
        }
        return result
    }
}
