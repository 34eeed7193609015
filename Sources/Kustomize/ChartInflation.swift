public import GitOpsTypes

/// What `helm template` is to be asked for a chart that a kustomization names.
///
/// Source: Kustomize 5.8.1, `api/types/helmchartargs.go`.
public struct ChartRequest: Hashable, Sendable {
    /// The folder of the chart, under its real name.
    public let chart: RepositoryPath
    /// The kustomization that names it.
    public let kustomization: RepositoryPath
    /// Nil for none, which Helm calls `release-name`, or what the template makes.
    public let releaseName: String?
    public let nameTemplate: String?
    /// Nil for none, which Helm calls `default`.
    public let namespace: String?
    /// Files with values; later ones win.
    public let values: [[UInt8]]
    public let apiVersions: [String]
    /// Nil for the one that this release of Helm knows.
    public let kubeVersion: String?
    public let includesCRDs: Bool
    public let skipsHooks: Bool
    public let skipsTests: Bool
}

/// What a chart was rendered to.
public struct InflatedChart: Hashable, Sendable {
    /// As Helm has printed it.
    public let text: [UInt8]
    /// `helm v4.3.1`
    public let program: String
    /// Which file of this machine it is: another after an update.
    public let identity: String

    public init(text: [UInt8], program: String, identity: String) {
        self.text = text
        self.program = program
        self.identity = identity
    }
}

/// Renders the charts of kustomizations: an effect, which is nothing of this module's.
public protocol ChartInflating {
    /// - Parameter files: every file that may be read.
    /// - Throws: what keeps the chart from being rendered.
    func inflate(_ request: ChartRequest, from files: any FileSource) throws -> InflatedChart

    /// What is wrong with what was printed, told by the template that it is from.
    func located(_ error: KustomizeError, in chart: InflatedChart, of request: ChartRequest) -> any Error
}
