import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// What Argo CD renders: Applications that change what their folder renders to, with the ones that ApplicationSets make.
struct ArgoSurvey {
    let objects: AgentObjects
    let index: TreeIndex
    let reader: TemplateReader
    let files: SurveyFiles

    /// An Application, as it is or as an ApplicationSet makes it.
    struct Deployed {
        let node: ManifestNode
        let file: RepositoryPath
        /// Whether the file has it, and no other.
        let isAlone: Bool
        /// The only source.
        let source: ManifestNode
        let folder: RepositoryPath

        var name: String { node["metadata"]?["name"]?.text ?? "" }
        var isPlainChart: Bool {
            ["parameters", "fileParameters", "values", "valuesObject"].allSatisfy { source["helm"]?[$0].map(\.isNull) ?? true }
        }
    }

    func findings() -> SourceFindings {
        let deployed = all()
        let charts = Set(index.charts)
        let isPlain = { (application: Deployed) in charts.contains(application.folder) && application.isPlainChart }
        var findings = SourceFindings()
        for group in Self.families(deployed.filter(isPlain)) {
            if let source = ArgoChartFamily(group, reader: reader, files: files).source() { findings.sources.append(source) }
        }
        let others = deployed.filter { !isPlain($0) }
        let alone = Dictionary(others.filter(\.isAlone).map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
        for group in EnvironmentGroups(reader.groups(of: alone.keys.sorted())).kept {
            let members = group.places.values.compactMap { alone[$0] }
            if members.contains(where: isChanging) { findings.sources.append(Self.source(group, members)) }
        }
        for application in others where !application.isAlone && isChanging(application) {
            findings.guesses.append(
                Guess(
                    about: "the Application \(application.name) of Argo CD",
                    because:
                        "its options are left alone: \(application.file) makes several; with a file of its own it can be promoted as Argo CD renders it"
                ))
        }
        findings.guesses += elsewhere()
        return findings
    }

    private static func source(_ group: TemplateGroup, _ members: [Deployed]) -> SurveyedSource {
        SurveyedSource(
            source: .argo(ArgoSource(application: group.template)), template: group.template, environments: group.environments,
            name: group.name, replaces: Set(members.map(\.folder)), because: "Argo CD renders it with options of its own")
    }

    private func isChanging(_ application: Deployed) -> Bool {
        ["helm", "kustomize", "directory"].contains { application.source[$0]?.map?.isEmpty == false }
    }

    /// Applications of one chart, which differ by their environment.
    private static func families(_ applications: [Deployed]) -> [[Deployed]] {
        Dictionary(grouping: applications, by: \.folder).sorted { $0.key < $1.key }.map(\.value)
    }

    // MARK: Applications

    private func all() -> [Deployed] {
        let written = objects["argoproj.io/Application"].compactMap { deployed($0.node, $0.file, isAlone: $0.isAlone) }
        let made = objects["argoproj.io/ApplicationSet"].flatMap { set in
            ApplicationSetExpansion(set.node, index: index, files: files).applications().compactMap {
                deployed($0, set.file, isAlone: false)
            }
        }
        return written + made
    }

    private func deployed(_ node: ManifestNode, _ file: RepositoryPath, isAlone: Bool) -> Deployed? {
        let sources = node["spec"]?["sources"]?.list ?? node["spec"]?["source"].map { [$0] } ?? []
        let local = sources.filter { $0["path"]?.text != nil && $0["chart"] == nil }
        guard local.count == 1, let folder = RepositoryPath((local[0]["path"]?.text ?? "").drop { $0 == "/" }),
            index.folders[folder] != nil
        else { return nil }
        return Deployed(node: node, file: file, isAlone: isAlone, source: local[0], folder: folder)
    }

    // MARK: Charts from elsewhere

    private func elsewhere() -> [Guess] {
        objects["argoproj.io/Application"].compactMap { found in
            let sources = found.node["spec"]?["sources"]?.list ?? found.node["spec"]?["source"].map { [$0] } ?? []
            guard let chart = sources.compactMap({ $0["chart"]?.text }).first else { return nil }
            return Guess(
                about: "the Application \(found.name) is left alone",
                because:
                    "\(chart) is a chart from elsewhere: `charts` of an application pins it (docs/sources.md) (\(found.file))")
        }.prefix(20).map(\.self)
    }
}

/// Applications of one chart in several environments, as one source with the values that they name.
private struct ArgoChartFamily {
    private let applications: [ArgoSurvey.Deployed]
    private let reader: TemplateReader
    private let files: SurveyFiles

    init(_ applications: [ArgoSurvey.Deployed], reader: TemplateReader, files: SurveyFiles) {
        self.applications = applications
        self.reader = reader
        self.files = files
    }

    /// Nil where they differ by more than their environment.
    func source() -> SurveyedSource? {
        var members: [EnvironmentName: ArgoSurvey.Deployed] = [:]
        for application in applications {
            guard let environment = environment(of: application), members.updateValue(application, forKey: environment) == nil
            else { return nil }
        }
        guard let chart = applications.first.flatMap({ PathTemplate($0.folder.description) }),
            let values = common(members.map { ($0, Self.values(of: $1)) }),
            values.contains(where: { $0.contains("{environment}") }),
            let release = common(members.map { ($0, [$1.source["helm"]?["releaseName"]?.text ?? $1.name]) })?.first,
            let namespace = common(members.map { ($0, [$1.node["spec"]?["destination"]?["namespace"]?.text ?? ""]) })?.first
        else { return nil }
        let paths = values.compactMap { PathTemplate($0) }
        guard paths.count == values.count else { return nil }
        let ordered = members.sorted { $0.key < $1.key }.map(\.value)
        let documents = ordered.flatMap(Self.values).compactMap { RepositoryPath($0) }.compactMap {
            files.documents($0).first
        }
        let defaults = applications.first?.folder.appending("values.yaml").map(files.documents)?.first
        let images = ChartImages(defaults: defaults, values: documents)
        guard !images.found.isEmpty, let template = paths.last else { return nil }
        return SurveyedSource(
            source: .chart(
                ChartSource(
                    chart: chart, values: paths, releaseName: NameTemplate(release),
                    namespace: namespace.isEmpty ? nil : NameTemplate(namespace), images: images.found)),
            template: template, environments: members.keys.sorted(), name: applications.first?.folder.name,
            chartImages: images.found, replaces: Set(applications.map(\.folder)),
            because: "Argo CD renders \(chart.text) with these values, \(images.told)")
    }

    /// The files with values that one names, from the repository's root.
    private static func values(of application: ArgoSurvey.Deployed) -> [String] {
        (application.source["helm"]?["valueFiles"]?.list ?? []).compactMap { item in
            guard let text = item.text, !text.contains("://") else { return nil }
            if text.hasPrefix("$") { return text.split(separator: "/", maxSplits: 1).dropFirst().first.map(String.init) }
            if text.hasPrefix("/") { return String(text.drop { $0 == "/" }) }
            return RepositoryPath(text, relativeTo: application.folder)?.description
        }
    }

    /// The environment that one is of: by its values, its name, its namespace or its file.
    private func environment(of application: ArgoSurvey.Deployed) -> EnvironmentName? {
        let texts =
            Self.values(of: application).flatMap { $0.split(separator: "/").map(String.init) }.reversed()
            + [application.name, application.node["spec"]?["destination"]?["namespace"]?.text ?? ""]
            + application.file.components.reversed()
        return texts.lazy.compactMap { EnvironmentMark($0, in: reader.lexicon)?.environment }.first
    }

    /// What all have in common once each one's environment is replaced; nil where they have nothing.
    private func common(_ texts: [(EnvironmentName, [String])]) -> [String]? {
        let templates = Set(
            texts.map { environment, texts in texts.map { $0.replacing(environment.text, with: "{environment}") } })
        return templates.count == 1 ? templates.first : nil
    }
}
