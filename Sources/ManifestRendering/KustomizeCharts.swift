import GitOpsTypes
public import Kustomize

/// Renders the charts of kustomizations as Kustomize does with `--enable-helm`, by the `helm` of this machine, and on nothing but the
/// repository's own files.
public struct KustomizeCharts: ChartInflating, Sendable {
    private let programs: any RenderingPrograms
    private let known: KnownCharts

    public init(programs: any RenderingPrograms) { self.init(programs: programs, known: KnownCharts()) }

    init(programs: any RenderingPrograms, known: KnownCharts) {
        self.programs = programs
        self.known = known
    }

    public func inflate(_ request: ChartRequest, from files: any FileSource) throws -> InflatedChart {
        let identity = try HelmTemplate.identity(programs, for: request.chart)
        let template = try template(of: request, from: files)
        return try known.chart(template, identity) {
            let (output, version) = try template.output(programs, leavesOutTests: false)
            return InflatedChart(text: output.text, program: "helm \(version)", identity: identity)
        }
    }

    public func located(_ error: KustomizeError, in chart: InflatedChart, of request: ChartRequest) -> any Error {
        ChartOutput(chart.text, of: request.chart).error(error)
    }

    /// The chart in a folder of its own beside its values, so that nothing of the repository's paths reaches Helm.
    private func template(of request: ChartRequest, from files: any FileSource) throws -> HelmTemplate {
        guard let folder = RepositoryPath("chart") else { preconditionFailure("a plain name is a path") }
        var contents = ChartContents(in: TracedFiles(files), naming: request.chart)
        try contents.addChart(at: request.chart, as: folder)
        var exported = contents.files
        var arguments: [String] = []
        for (index, bytes) in request.values.enumerated() {
            let name = "values-\(index).yaml"
            guard let path = RepositoryPath(name) else { preconditionFailure("a plain name is a path") }
            exported[path] = bytes
            arguments += ["--values", "./\(name)"]
        }
        let templateAsks = request.nameTemplate.map { Array($0.utf8).asksForTime } ?? false
        return HelmTemplate(
            chart: request.chart, files: exported, arguments: arguments + Self.options(request) + Self.names(request, folder),
            asksForTime: contents.mentionsTime || templateAsks,
            byHand: "`kubectl kustomize --enable-helm \(request.kustomization.parent)`")
    }

    private static func options(_ request: ChartRequest) -> [String] {
        var arguments = request.namespace.map { ["--namespace", $0] } ?? []
        if let template = request.nameTemplate { arguments += ["--name-template", template] }
        for api in request.apiVersions { arguments += ["--api-versions", api] }
        if let version = request.kubeVersion { arguments += ["--kube-version", version] }
        if request.includesCRDs { arguments.append("--include-crds") }
        if request.skipsTests { arguments.append("--skip-tests") }
        if request.skipsHooks { arguments.append("--no-hooks") }
        if request.releaseName == nil { arguments.append("--generate-name") }
        return arguments
    }

    /// A name is none of Helm's options, whatever it looks like: one of them names a program to run.
    private static func names(_ request: ChartRequest, _ folder: RepositoryPath) -> [String] {
        ["--"] + (request.releaseName.map { [$0] } ?? []) + ["./\(folder)"]
    }
}
