import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Charts in the repository with values for each environment, beside the chart or anywhere else.
struct ChartSurvey {
    let index: TreeIndex
    let reader: TemplateReader
    let files: SurveyFiles

    func findings() -> SourceFindings {
        let charts = index.charts
        guard !charts.isEmpty else { return SourceFindings() }
        var (findings, used) = copies(charts)
        let shared = charts.filter { !EnvironmentWords.has($0, reader.lexicon) }
        let sharedFolders = Set(shared)
        let candidates = index.yaml.filter { isValuesFile($0, sharedFolders) }
        for group in EnvironmentGroups(reader.groups(of: candidates)).kept {
            guard let chart = chart(of: group, among: shared), !isLibrary(chart) else { continue }
            used.insert(chart)
            findings.add(source(chart, group), or: "\(chart) with \(group.template.text)")
        }
        for chart in charts.filter({ !used.contains($0) }).prefix(20) {
            findings.guesses.append(
                Guess(about: "the chart \(chart) is left alone", because: "no files with values by environment were found for it")
            )
        }
        return findings
    }

    /// Charts of which each environment has a copy.
    private func copies(_ charts: [RepositoryPath]) -> (SourceFindings, used: Set<RepositoryPath>) {
        var findings = SourceFindings()
        var used: Set<RepositoryPath> = []
        for group in reader.groups(of: charts) where group.places.count > 1 {
            used.formUnion(group.places.values)
            let values = group.places.values.sorted().compactMap { $0.appending("values.yaml") }.compactMap {
                files.documents($0).first
            }
            let images = ChartImages(defaults: nil, values: values)
            findings.add(
                images.found.isEmpty
                    ? nil
                    : SurveyedSource(
                        source: .chart(ChartSource(chart: group.template, images: images.found)), template: group.template,
                        environments: group.environments, name: group.name, chartImages: images.found,
                        because: "each environment has a copy of the chart, \(images.told)"), or: group.template.text)
        }
        return (findings, used)
    }

    // MARK: Files with values

    /// Whether a file may have values for a chart: it is no manifest, no template, and none of what charts are made of.
    private func isValuesFile(_ path: RepositoryPath, _ shared: Set<RepositoryPath>) -> Bool {
        if path.components.contains(where: ["templates", "crds", "ci", "tests"].contains) { return false }
        guard ![ChartReferences.definition, "Chart.lock"].contains(path.name),
            !KustomizeRenderer.fileNames.contains(path.name), EnvironmentWords.has(path, reader.lexicon)
        else { return false }
        if let chart = index.chart(around: path) {
            guard shared.contains(chart) else { return false }
        } else if !Self.isNamedForValues(path) {
            return false
        }
        let documents = files.documents(path)
        return documents.count == 1 && documents[0].map != nil
            && (documents[0]["apiVersion"] == nil || documents[0]["kind"] == nil)
    }

    private static func isNamedForValues(_ path: RepositoryPath) -> Bool {
        let folders: Set = [
            "values", "environments", "envs", "env", "environment", "config", "configs", "helm", "stages", "overlays",
        ]
        return path.name.lowercased().contains("values")
            || path.components.dropLast().contains { folders.contains($0.lowercased()) }
    }

    /// The chart that values are for: the one that they are in, the one that their path names, the only one.
    private func chart(of group: TemplateGroup, among charts: [RepositoryPath]) -> RepositoryPath? {
        guard let path = group.places.values.min() else { return nil }
        if let own = index.chart(around: path) { return own }
        let words = Set(path.components.flatMap { $0.split(separator: ".").prefix(1).map(String.init) })
        let named = charts.filter { words.contains($0.name) }
        if named.count == 1 { return named[0] }
        return charts.count == 1 ? charts[0] : nil
    }

    private func isLibrary(_ chart: RepositoryPath) -> Bool {
        guard let path = chart.appending(ChartReferences.definition) else { return true }
        return files.documents(path).first?["type"]?.text == "library"
    }

    // MARK: Sources

    private func source(_ chart: RepositoryPath, _ group: TemplateGroup) -> SurveyedSource? {
        guard let template = PathTemplate(chart.description) else { return nil }
        let own = chart.appending("values.yaml").map(files.documents)?.first
        let images = ChartImages(
            defaults: own, values: group.places.values.sorted().compactMap { files.documents($0).first })
        guard !images.found.isEmpty else { return nil }
        let source = ChartSource(chart: template, values: [group.template], images: images.found)
        return SurveyedSource(
            source: .chart(source), template: group.template, environments: group.environments,
            name: chart.isRoot ? nil : name(of: chart, group), chartImages: images.found,
            because: "values of the chart \(chart), \(images.told)")
    }

    private func name(of chart: RepositoryPath, _ group: TemplateGroup) -> String? {
        TemplateReader.structure.contains(chart.name.lowercased()) ? group.name : chart.name
    }
}

extension SourceFindings {
    /// Adds a source; where there is none, that its values name no image.
    fileprivate mutating func add(_ source: SurveyedSource?, or place: String) {
        if let source { return sources.append(source) }
        guesses.append(
            Guess(
                about: "\(place) is left alone",
                because:
                    "no value of it is the name of an image with a tag, or a whole reference; or the chart is the root itself"))
    }
}

/// Whether words of environments are in a path at all.
enum EnvironmentWords {
    static func has(_ path: RepositoryPath, _ lexicon: EnvironmentLexicon) -> Bool {
        path.components.contains { EnvironmentMark($0, in: lexicon) != nil }
    }
}
