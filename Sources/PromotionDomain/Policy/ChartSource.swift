public import GitOpsTypes

/// A Helm chart in the repository, and what it is rendered with.
public struct ChartSource: Hashable, Sendable {
    /// Where the chart is; what it depends on is in its `charts` folder.
    public let chart: PathTemplate
    /// Files with values; later ones win.
    public let values: [PathTemplate]
    /// Nil for the application's name.
    public let releaseName: NameTemplate?
    /// Nil for none, which Helm calls `default`.
    public let namespace: NameTemplate?
    public let options: ChartOptions
    /// Where values name images, besides markers in the files.
    public let images: [ChartImage]

    public init(
        chart: PathTemplate, values: [PathTemplate] = [], releaseName: NameTemplate? = nil, namespace: NameTemplate? = nil,
        options: ChartOptions = ChartOptions(), images: [ChartImage] = []
    ) {
        self.chart = chart
        self.values = values
        self.releaseName = releaseName
        self.namespace = namespace
        self.options = options
        self.images = images
    }

    func release(of application: ApplicationName, in environment: EnvironmentName) -> ChartRelease {
        func path(_ template: PathTemplate) -> RepositoryPath {
            template.path(application: application, environment: environment)
        }
        let named = ([chart] + values).filter(\.hasEnvironment)
        let own = (named.isEmpty ? [values.last ?? chart] : named).map(path)
        return ChartRelease(
            chart: path(chart), values: values.map(path),
            name: releaseName?.text(application: application, environment: environment) ?? application.text,
            namespace: namespace?.text(application: application, environment: environment), options: options, images: images,
            ownPaths: own.filter { path in !own.contains { $0 != path && path.isInside($0) } })
    }
}

/// What Helm is told besides the chart, its values and where it is installed.
public struct ChartOptions: Hashable, Sendable {
    /// The release of Kubernetes that the chart is rendered for: `1.37`.
    public let kubeVersion: String
    /// APIs that the cluster has besides those of Kubernetes: `monitoring.coreos.com/v1`.
    public let apiVersions: [String]
    public let includesCRDs: Bool

    /// The newest release of Kubernetes that is known here.
    public static let newestKubeVersion = "1.37"

    public init(kubeVersion: String = ChartOptions.newestKubeVersion, apiVersions: [String] = [], includesCRDs: Bool = true) {
        self.kubeVersion = kubeVersion
        self.apiVersions = apiVersions
        self.includesCRDs = includesCRDs
    }
}

/// Where the values of a chart name one image.
public struct ChartImage: Hashable, Sendable {
    public let name: ImageName
    /// The value that says which part of the reference.
    public let fields: [JSONPointer: ImageField]
    /// Values that have to name the image, and are not changed: its registry and its repository, or both in one.
    public let registry: JSONPointer?
    public let repository: JSONPointer?

    public init(name: ImageName, fields: [JSONPointer: ImageField], registry: JSONPointer? = nil, repository: JSONPointer? = nil)
    {
        self.name = name
        self.fields = fields
        self.registry = registry
        self.repository = repository
    }
}

/// A chart as it is installed in one environment.
public struct ChartRelease: Hashable, Sendable {
    public let chart: RepositoryPath
    public let values: [RepositoryPath]
    public let name: String
    public let namespace: String?
    public let options: ChartOptions
    public let images: [ChartImage]
    /// Those of its paths that are this environment's.
    public let ownPaths: [RepositoryPath]
    /// What wins over the files with values.
    public let overrides: ChartOverrides

    public init(
        chart: RepositoryPath, values: [RepositoryPath], name: String, namespace: String?, options: ChartOptions,
        images: [ChartImage] = [], ownPaths: [RepositoryPath] = [], overrides: ChartOverrides = ChartOverrides()
    ) {
        self.chart = chart
        self.values = values
        self.name = name
        self.namespace = namespace
        self.options = options
        self.images = images
        self.ownPaths = ownPaths
        self.overrides = overrides
    }

    /// The values that the chart has itself, which all others win over.
    public var chartValues: RepositoryPath? { chart.appending("values.yaml") }

    /// The file in which an image that none of the environment's files names is written; nil where there are no files.
    public var editedValues: RepositoryPath? { ownValues.last }

    /// The files with values that are this environment's, in their order; where there are none, those of a chart that is.
    public var ownValues: [RepositoryPath] {
        let own = values.filter { file in ownPaths.contains { file.isInside($0) } }
        guard own.isEmpty, ownPaths.contains(where: chart.isInside) else { return own }
        return chartValues.map { [$0] } ?? []
    }
}

/// Values that stand in no file of their own.
public struct ChartOverrides: Hashable, Sendable {
    /// YAML.
    public let values: String?
    /// Of `helm template`: values one by one, and what else it is told.
    public let arguments: [String]

    public init(values: String? = nil, arguments: [String] = []) {
        self.values = values
        self.arguments = arguments
    }
}
