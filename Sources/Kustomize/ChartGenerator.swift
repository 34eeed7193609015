import GitOpsTypes
import YAMLEditing

/// Finds out what Helm is to be asked for a chart of a kustomization.
///
/// Source: Kustomize 5.8.1, `HelmChartInflationGenerator`.
struct ChartGenerator {
    let chart: Kustomization.HelmChart
    let home: String
    /// What the kustomization, or one that builds on it, puts everything into; nil for nothing.
    let namespace: String?
    let place: KustomizationPlace
    let files: KustomizationFiles

    func request() throws -> ChartRequest {
        let additional = try chart.additionalValuesFiles.map { try files.read($0, in: place).bytes }
        let folder = try folder()
        let namespace = chart.namespace.isEmpty ? namespace : chart.namespace
        return ChartRequest(
            chart: try files.source.realPath(of: folder), kustomization: place.path, releaseName: Self.given(chart.releaseName),
            nameTemplate: Self.given(chart.nameTemplate), namespace: namespace, values: [try values()] + additional,
            apiVersions: chart.apiVersions, kubeVersion: Self.given(chart.kubeVersion), includesCRDs: chart.includesCRDs,
            skipsHooks: chart.skipsHooks, skipsTests: chart.skipsTests)
    }

    private static func given(_ text: String) -> String? { text.isEmpty ? nil : text }

    private func error(_ code: KustomizeError.Code, _ message: String, hint: String?) -> KustomizeError {
        KustomizeError(code, message, in: place.path, at: chart.position, hint: hint)
    }

    /// That there is nothing here that renders charts.
    var isNotRendered: KustomizeError {
        error(
            .unsupported, "\(chart.name.displayable) is a chart, and no helm is run here",
            hint: "render it to a file, and list that under resources")
    }

    // MARK: The chart

    /// The folder, from the kustomization's directory on. One with a version has a folder for it in between where it is also said
    /// where it could be had from.
    private var folderText: String {
        let hasVersion = !chart.version.isEmpty && !chart.repository.isEmpty
        return home + "/" + (hasVersion ? "\(chart.name)-\(chart.version)/" : "") + chart.name
    }

    private func folder() throws -> RepositoryPath {
        guard let path = RepositoryPath(folderText, relativeTo: place.directory) else {
            throw error(
                .forbidden, "the chart \(chart.name.displayable) is outside of the repository",
                hint: "name a folder of it in helmGlobals.chartHome")
        }
        switch try files.source.entry(at: path) {
        case .directory: return path
        case .missing, .file, .outside, .tooLarge:
            throw error(
                .missing, "the chart \(chart.name.displayable) is not at \(path), and none is fetched from elsewhere",
                hint: vendoring(path))
        case .submodule(let top):
            throw error(.unsupported, "the chart \(path) is in the submodule \(top)", hint: "copy it into this repository")
        }
    }

    private func vendoring(_ path: RepositoryPath) -> String {
        guard !chart.repository.isEmpty else { return "commit the chart there, or correct helmGlobals.chartHome" }
        let words = [chart.repository, chart.name, chart.version, path.parent.description]
        guard words.allSatisfy({ !$0.contains("'") && $0.displayable == $0 }) else { return "commit the chart there" }
        let isOCI = chart.repository.hasPrefix("oci://")
        let root = chart.repository.hasSuffix("/") ? String(chart.repository.dropLast()) : chart.repository
        let source = isOCI ? "'\(root)/\(chart.name)'" : "--repo '\(chart.repository)' '\(chart.name)'"
        let version = chart.version.isEmpty ? "" : " --version '\(chart.version)'"
        return "vendor it, and commit it: helm pull --untar --untardir '\(path.parent)' \(source)\(version)"
    }

    // MARK: Values

    /// What takes the place of the chart's own file: that or another one, with what stands inline.
    private func values() throws -> [UInt8] {
        guard !chart.valuesInline.isEmpty else { return try file().bytes }
        let inline = ManifestNode.map(chart.valuesInline)
        switch chart.valuesMerge {
        case .replace: return GoJSON.encode(inline)
        case .override: return try merged(inline, into: fileValues())
        case .merge: return try merged(fileValues(), into: inline)
        }
    }

    private func file() throws -> (path: RepositoryPath, bytes: [UInt8]) {
        let own = Kustomization.Reference(text: folderText + "/values.yaml", position: chart.position)
        return try files.read(chart.valuesFile ?? own, in: place)
    }

    private func fileValues() throws -> ManifestNode {
        let (path, bytes) = try file()
        guard let node = try ManifestReader(bytes, path: path).nodes().first, case .map = node else {
            throw KustomizeError(
                .invalid, "it has no mapping, so that valuesInline of \(chart.name.displayable) cannot go with it", in: path,
                hint: "write valuesMerge: replace")
        }
        return node.withTimes
    }

    private func merged(_ patch: ManifestNode, into values: ManifestNode) throws -> [UInt8] {
        let merge = StrategicMerge(schema: MergeSchema(types: [:], roots: [:]), budget: files.budget)
        do {
            return GoJSON.encode(try merge.merge(patch, into: values) ?? .map(ManifestMap()))
        } catch let failure as StrategicMerge.Failure {
            throw error(
                .conflict, "valuesInline of \(chart.name.displayable) cannot go with its file: \(failure.message)",
                hint: "write valuesMerge: replace, or correct them")
        }
    }
}

extension ManifestNode {
    /// With dates as what they become on their way through Go's values.
    fileprivate var withTimes: ManifestNode {
        switch self {
        case .map(let map):
            var changed = map
            for index in changed.entries.indices { changed.entries[index].value = changed.entries[index].value.withTimes }
            return .map(changed)
        case .list(let items): return .list(items.map(\.withTimes))
        case .scalar(let scalar):
            guard scalar.kind == .timestamp, scalar.text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil else { return self }
            return .string(scalar.text + "T00:00:00Z")
        }
    }
}
