import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain
import YAMLEditing

// Charts of a release: where an environment's own files say which are taken.
extension PromotionPlanner {
    /// The edits, and those that charts need besides.
    ///
    /// - Parameter marked: all files in which values are marked.
    /// - Throws: `PlanningError` where nothing of the environment's own says which chart is taken; or what the files throw.
    func addingCharts(
        to edits: [PromotionPlan.FileEdit], of release: Release, of application: Application, in environment: EnvironmentName,
        _ manifests: RenderedManifests, _ marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        guard !release.images.charts.isEmpty else { return edits }
        let place = application.place(in: environment)
        let old = try Dictionary(
            markable(of: application, in: environment, manifests).map { ($0.path, $0.bytes) },
            uniquingKeysWith: { first, _ in first })
        var new = old.merging(edits.filter { old[$0.path] != nil }.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
        let vendored = try vendored(application.charts, at: place)?.image
        for chart in release.images.charts {
            if let changed = try ChartEdits(chart, in: manifests).edited(new) {
                new.merge(changed) { $1 }
            } else if vendored != chart.name, !marked.contains(where: { $0.pins(chart.name) }) {
                throw PlanningError(
                    "no file of \(environment) says which chart \(chart.name) is taken", in: place.path,
                    hint:
                        "have the object that takes it there, or a patch of it in a file of its own (docs/sources.md), or mark the value: # {\"$promote\": \"\(chart.name):digest\"}"
                )
            }
        }
        let kept = edits.filter { old[$0.path] == nil }
        let sources = Dictionary(edits.map { ($0.path, $0.old) }, uniquingKeysWith: { first, _ in first })
        return kept
            + old.keys.sorted().map { path in
                PromotionPlan.FileEdit(path: path, old: sources[path] ?? old[path] ?? [], new: new[path] ?? [])
            }
    }

    /// The chart that a folder of the repository is, where it is one of these: known by the version that its Chart.yaml has.
    func vendored(_ charts: Set<ImageName>, at place: SourcePlace) throws -> ImageOccurrence? {
        guard case .chart(let release) = place, let path = release.chart.appending(ChartReferences.definition),
            !charts.isEmpty, case .file(let bytes) = try files.entry(at: path)
        else { return nil }
        let file = ValuesFile(bytes, path)
        guard let namePointer = JSONPointer("/name"), let versionPointer = JSONPointer("/version") else { return nil }
        let name = file.text(at: namePointer)
        guard let chart = charts.sorted().first(where: { $0.text.split(separator: "/").last.map(String.init) == name }) else {
            return nil
        }
        let version = file.text(at: versionPointer) ?? ""
        return ImageOccurrence(
            object: "the folder \(release.chart)", container: "version in \(ChartReferences.definition)", image: chart,
            hold: ChartVersion(version).map { .version($0) } ?? .nothing, text: "\(chart):\(version)")
    }
}
