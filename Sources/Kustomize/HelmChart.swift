import GitOpsTypes
import YAMLEditing

extension Kustomization {
    /// An entry of `helmCharts`: a chart that is rendered, and whose objects go through the kustomization like any other.
    ///
    /// Source: Kustomize 5.8.1, `api/types/helmchartargs.go`.
    struct HelmChart: Sendable {
        var name = ""
        var version = ""
        /// Where it could be had from; a chart that is not here is not rendered.
        var repository = ""
        var releaseName = ""
        var nameTemplate = ""
        var namespace = ""
        /// Instead of the chart's own file with values.
        var valuesFile: Reference?
        var additionalValuesFiles: [Reference] = []
        var valuesInline = ManifestMap()
        var valuesMerge = ValuesMerge.override
        var apiVersions: [String] = []
        var kubeVersion = ""
        var includesCRDs = false
        var skipsHooks = false
        var skipsTests = false
        var position: SourcePosition

        /// How `valuesInline` and the file with values come together.
        enum ValuesMerge: String, CaseIterable, Sendable {
            /// What stands inline wins.
            case override
            /// The file wins.
            case merge
            /// The file does not count.
            case replace
        }
    }

    /// Where charts are.
    struct HelmGlobals: Sendable {
        var chartHome = Self.standardHome

        static let standardHome = "charts"
    }
}

extension KustomizationDecoder {
    static let chartFields = [
        "name", "version", "repo", "releaseName", "namespace", "additionalValuesFiles", "valuesFile", "valuesInline",
        "valuesMerge", "includeCRDs", "skipHooks", "apiVersions", "kubeVersion", "nameTemplate", "skipTests", "debug", "devel",
    ]
    static let globalFields = ["chartHome", "configHome"]

    func helmCharts(_ node: YAMLNode) throws(KustomizeError) -> [Kustomization.HelmChart] {
        var charts: [Kustomization.HelmChart] = []
        for item in try list(node) { charts.append(try helmChart(item)) }
        return charts
    }

    func helmGlobals(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.HelmGlobals {
        let map = try fields(of: node, Self.globalFields)
        _ = try text(map["configHome"])
        return globals(try text(map["chartHome"]))
    }

    private func globals(_ home: String) -> Kustomization.HelmGlobals {
        Kustomization.HelmGlobals(chartHome: home.isEmpty ? Kustomization.HelmGlobals.standardHome : home)
    }

    func helmChart(_ node: YAMLNode) throws(KustomizeError) -> Kustomization.HelmChart {
        let map = try fields(of: node, Self.chartFields.filter { $0 != "devel" || kustomize.knowsDevelopmentCharts })
        var chart = Kustomization.HelmChart(position: position(node))
        chart.name = try text(map["name"])
        chart.version = try text(map["version"])
        chart.repository = try text(map["repo"])
        chart.releaseName = try text(map["releaseName"])
        chart.nameTemplate = try text(map["nameTemplate"])
        chart.namespace = try text(map["namespace"])
        chart.valuesFile = try reference(map["valuesFile"])
        chart.additionalValuesFiles = try map["additionalValuesFiles"].map(references) ?? []
        chart.valuesInline = try inlineValues(map["valuesInline"])
        chart.valuesMerge = try merging(map["valuesMerge"])
        for item in try map["apiVersions"].map(list) ?? [] { chart.apiVersions.append(try string(item)) }
        chart.kubeVersion = try text(map["kubeVersion"])
        chart.includesCRDs = try map["includeCRDs"].map(bool) ?? false
        chart.skipsHooks = try map["skipHooks"].map(bool) ?? false
        chart.skipsTests = try map["skipTests"].map(bool) ?? false
        // These change nothing of what a chart that is here renders to.
        for field in ["debug", "devel"] { _ = try map[field].map(bool) }
        guard !chart.name.isEmpty else {
            throw KustomizeError(.invalid, "the name of a chart is missing", in: path, at: position(node))
        }
        return chart
    }

    private func text(_ node: YAMLNode?) throws(KustomizeError) -> String { try node.map(string) ?? "" }

    private func reference(_ node: YAMLNode?) throws(KustomizeError) -> Kustomization.Reference? {
        guard let node else { return nil }
        let text = try string(node)
        return text.isEmpty ? nil : .init(text: text, position: position(node))
    }

    private func merging(_ node: YAMLNode?) throws(KustomizeError) -> Kustomization.HelmChart.ValuesMerge {
        guard let node, case let text = try string(node), !text.isEmpty else { return .override }
        guard let merging = Kustomization.HelmChart.ValuesMerge(rawValue: text) else {
            throw KustomizeError(
                .invalid, "valuesMerge is “\(text)”", in: path, at: position(node), hint: "write override, merge or replace")
        }
        return merging
    }

    /// As all of a kustomization, values are read as YAML 1.1 on their way through JSON.
    private func inlineValues(_ node: YAMLNode?) throws(KustomizeError) -> ManifestMap {
        guard let node else { return ManifestMap() }
        guard case .map(let map) = try ManifestReader(file, path: path, dialect: .yaml11).node(node) else {
            throw KustomizeError(.invalid, "valuesInline must be a mapping", in: path, at: position(node))
        }
        return map
    }

    // MARK: The older field

    private static let olderFields = [
        "chartName", "chartVersion", "chartRepoUrl", "chartHome", "chartRepoName", "helmBin", "helmHome", "values", "valuesLocal",
        "valuesMerge", "releaseName", "releaseNamespace", "extraArgs",
    ]

    /// The charts of `helmChartInflationGenerator`, and the last home that one of them names.
    func olderHelmCharts(
        _ node: YAMLNode
    ) throws(KustomizeError) -> (charts: [Kustomization.HelmChart], globals: Kustomization.HelmGlobals?) {
        var charts: [Kustomization.HelmChart] = []
        var home = ""
        for item in try list(node) {
            let map = try fields(of: item, Self.olderFields)
            var chart = Kustomization.HelmChart(name: try text(map["chartName"]), position: position(item))
            chart.version = try text(map["chartVersion"])
            chart.repository = try text(map["chartRepoUrl"])
            chart.releaseName = try text(map["releaseName"])
            chart.valuesFile = try reference(map["values"])
            chart.valuesInline = try inlineValues(map["valuesLocal"])
            chart.valuesMerge = try merging(map["valuesMerge"])
            guard !chart.name.isEmpty else {
                throw KustomizeError(.invalid, "the name of a chart is missing", in: path, at: position(item))
            }
            charts.append(chart)
            // These change nothing of what a chart that is here renders to.
            for field in ["chartRepoName", "helmBin", "helmHome", "releaseNamespace"] { _ = try text(map[field]) }
            for argument in try map["extraArgs"].map(list) ?? [] { _ = try string(argument) }
            let own = try text(map["chartHome"])
            if !own.isEmpty { home = own }
        }
        return (charts, home.isEmpty ? nil : globals(home))
    }

    /// The chart of a plugin that is a resource of its own, which has the fields of both. Fields that are unknown are passed over
    /// there, and values of the wrong type are not.
    func helmChartPlugin(_ node: YAMLNode) throws(KustomizeError) -> (Kustomization.HelmChart, Kustomization.HelmGlobals) {
        var decoder = self
        decoder.tolerance = .unknownFields
        return (try decoder.helmChart(node), try decoder.helmGlobals(node))
    }
}
