import GitOpsTypes
import YAMLEditing

/// What the charts of a kustomization may be rendered from, told by the kustomization alone. Rather too much than too little.
struct ChartReach {
    /// The fields that name charts.
    static let fields: Set<String> = ["helmCharts", "helmGlobals"]

    private let charts: [YAMLNode]
    private let home: String

    /// - Parameter entries: of a kustomization.
    /// - Returns: nil where it cannot be told.
    init?(_ entries: [YAMLEntry]) {
        func value(_ field: String) -> YAMLNode? { entries.first { $0.key.scalar?.text == field }?.value }
        let globals = value("helmGlobals")
        // Keys in other letters and merged ones count, too, and are not looked for here.
        func has(_ node: YAMLNode?, only fields: [String]) -> Bool {
            (node?.mapping ?? []).allSatisfy { $0.key.scalar.map { fields.contains($0.text) } ?? false }
        }
        guard has(globals, only: KustomizationDecoder.globalFields) else { return nil }
        guard let charts = value("helmCharts").map({ $0.isNull ? [] : $0.sequence }) ?? [],
            charts.allSatisfy({ has($0, only: KustomizationDecoder.chartFields) })
        else { return nil }
        let home = globals?["chartHome"]?.scalar?.text ?? ""
        self.charts = charts
        self.home = home.isEmpty ? Kustomization.HelmGlobals.standardHome : home
    }

    /// The words in it that may be paths of files.
    var words: [String] {
        charts.flatMap { chart in
            [chart["valuesFile"]].compactMap { $0?.scalar?.text }
                + (chart["additionalValuesFiles"]?.sequence ?? []).compactMap { $0.scalar?.text }
        }
    }

    /// The folders of the charts; nil where it cannot be told what they are rendered from: links, and charts that are named by paths.
    ///
    /// - Throws: what the files throw.
    func folders(of directory: RepositoryPath, in files: any FileSource) throws -> Set<RepositoryPath>? {
        var found: Set<RepositoryPath> = []
        for chart in charts {
            guard let name = chart["name"]?.scalar?.text else { return nil }
            var places = ["\(home)/\(name)"]
            if let version = chart["version"]?.scalar?.text { places.append("\(home)/\(name)-\(version)/\(name)") }
            for place in places {
                guard let folder = RepositoryPath(place, relativeTo: directory), !folder.isRoot,
                    try Self.isWhole(folder, in: files)
                else { return nil }
                found.insert(folder)
            }
        }
        return found
    }

    /// Whether nothing that a chart is rendered from is elsewhere.
    private static func isWhole(_ folder: RepositoryPath, in files: any FileSource) throws -> Bool {
        let entry = try files.entry(at: folder)
        guard try files.isDirect(folder, being: entry) else { return false }
        guard case .directory = entry else { return true }
        return try !ChartReferences.isReachingFurther(folder, in: files)
    }
}
