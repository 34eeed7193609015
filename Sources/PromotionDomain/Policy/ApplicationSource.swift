public import GitOpsTypes

/// How an application is described, in all environments alike.
public enum ApplicationSource: Hashable, Sendable {
    /// Kustomize overlays, rendered as the release of Kustomize does that its agent has.
    case overlay(PathTemplate, as: KustomizeDialect)
    /// Plain manifests: a file, or a folder with all below it.
    case manifests(PathTemplate)
    /// A Helm chart in the repository, and files with values for it.
    case chart(ChartSource)
    /// What Flux's controller applies for a Kustomization of its own.
    case flux(FluxSource)
    /// What Argo CD renders for an Application of its own.
    case argo(ArgoSource)
    /// What a program prints.
    case program(ProgramSource)

    /// How it describes `application` in `environment`.
    public func place(of application: ApplicationName, in environment: EnvironmentName) -> SourcePlace {
        switch self {
        case .overlay(let path, let kustomize):
            .overlay(path.path(application: application, environment: environment), as: kustomize)
        case .manifests(let path): .manifests(path.path(application: application, environment: environment))
        case .chart(let chart): .chart(chart.release(of: application, in: environment))
        case .flux(let flux): .flux(flux.place(of: application, in: environment))
        case .argo(let argo): .argo(argo.place(of: application, in: environment))
        case .program(let program): .program(program.place(of: application, in: environment))
        }
    }

    /// Where an overlay is, or manifests; nil for what is in several places.
    public var path: PathTemplate? {
        switch self {
        case .overlay(let path, _), .manifests(let path): path
        case .chart, .flux, .argo, .program: nil
        }
    }

    /// The same elsewhere; what is in several places stays where it is.
    func at(_ path: PathTemplate) -> ApplicationSource {
        switch self {
        case .overlay(_, let kustomize): .overlay(path, as: kustomize)
        case .manifests: .manifests(path)
        case .chart, .flux, .argo, .program: self
        }
    }
}

/// How one application is described in one environment: all that its rendering depends on besides the files.
public enum SourcePlace: Hashable, Sendable {
    /// A directory with a kustomization.
    case overlay(RepositoryPath, as: KustomizeDialect)
    /// A file, or a directory.
    case manifests(RepositoryPath)
    case chart(ChartRelease)
    case flux(FluxPlace)
    case argo(ArgoPlace)
    case program(ProgramPlace)

    /// The path that it is known by: of an overlay or of manifests, and of a chart.
    public var path: RepositoryPath {
        switch self {
        case .overlay(let path, _), .manifests(let path): path
        case .chart(let release): release.chart
        case .flux(let place): place.kustomization
        case .argo(let place): place.application
        case .program(let place): place.path
        }
    }

    /// The files and directories that no other environment of the same branch may have.
    public var ownPaths: [RepositoryPath] {
        switch self {
        case .overlay(let path, _), .manifests(let path): [path]
        case .chart(let release): release.ownPaths
        case .flux(let place): [place.kustomization]
        case .argo(let place): [place.application]
        case .program(let place): place.ownFiles
        }
    }

    /// The files and directories that are known to belong to it before it is rendered.
    public var paths: [RepositoryPath] {
        switch self {
        case .overlay(let path, _), .manifests(let path): [path]
        case .chart(let release): [release.chart] + release.values
        case .flux(let place): [place.kustomization] + place.variables
        case .argo(let place): [place.application]
        case .program(let place): place.files
        }
    }

    /// Whether it is rendered without another program and other repositories, so that every reader finds the same.
    public var isRenderedInProcess: Bool {
        switch self {
        case .overlay(_, let kustomize): kustomize.bases == .refused
        case .flux(let place): place.kustomize.bases == .refused
        case .manifests: true
        case .chart, .argo, .program: false
        }
    }

    /// Whether the paths in its files begin at the root of the repository.
    public var readsFromRoot: Bool {
        switch self {
        case .overlay, .manifests, .chart, .program: false
        case .flux, .argo: true
        }
    }

    /// Whether everything that runs is among what is rendered, so that a written value is no evidence of it; what agents hand on to
    /// others, as releases of charts in custom resources, is not.
    public var rendersWhatRuns: Bool {
        switch self {
        case .manifests, .chart, .program: true
        case .overlay, .flux, .argo: false
        }
    }

    /// The noun for what is here.
    public var noun: String {
        switch self {
        case .overlay: "overlay"
        case .manifests: "manifests"
        case .chart: "chart"
        case .flux: "Kustomization of Flux"
        case .argo: "Application of Argo CD"
        case .program: "renderer"
        }
    }
}
