import GitOpsTypes
import Kustomize
import PromotionDomain

/// What Flux applies: Kustomizations that render something else than the folder that they name.
struct FluxSurvey {
    let objects: AgentObjects
    let index: TreeIndex
    let reader: TemplateReader
    let files: SurveyFiles

    private static let group = "kustomize.toolkit.fluxcd.io/"

    /// What of a Kustomization changes what its folder renders to.
    ///
    /// Source: Flux, "Kustomization".
    private static let changing = [
        "postBuild", "targetNamespace", "patches", "patchesStrategicMerge", "patchesJson6902", "images", "namePrefix",
        "nameSuffix",
        "components", "commonMetadata",
    ]

    func findings() -> SourceFindings {
        var findings = SourceFindings()
        let all = objects[Self.group + "Kustomization"].filter { !$0.file.components.contains("flux-system") }
        for found in all where !found.isAlone && isChanging(found) {
            findings.guesses.append(
                Guess(
                    about: "the Kustomization \(found.name) of Flux",
                    because:
                        "what it changes is left alone: \(found.file) has several; with a file of its own, it can be promoted as Flux applies it"
                ))
        }
        let alone = Dictionary(all.filter(\.isAlone).map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
        let holders = ValueHolders(all.contains { !Self.references($0).isEmpty } ? index.yaml : [], files)
        for group in EnvironmentGroups(reader.groups(of: alone.keys.sorted())).kept {
            let members = group.places.compactMapValues { alone[$0] }
            if members.values.contains(where: isChanging) { findings += source(group, members, holders) }
        }
        findings.guesses += elsewhere()
        return findings
    }

    private func source(
        _ group: TemplateGroup, _ members: [EnvironmentName: AgentObjects.Found], _ holders: ValueHolders
    ) -> SourceFindings {
        guard let variables = variables(members, holders) else {
            return SourceFindings(guesses: [
                Guess(
                    about: "\(group.template.text) is left alone",
                    because: "it takes values from ConfigMaps or Secrets that no file has for all environments alike")
            ])
        }
        return SourceFindings(sources: [
            SurveyedSource(
                source: .flux(FluxSource(kustomization: group.template, variables: variables)), template: group.template,
                environments: group.environments, name: group.name, replaces: Set(members.values.compactMap(Self.folder)),
                because: "Flux applies it with \(Self.told(members))")
        ])
    }

    private func isChanging(_ found: AgentObjects.Found) -> Bool {
        Self.changing.contains { found.node["spec"]?[$0].map { !$0.isNull } ?? false }
    }

    private static func told(_ members: [EnvironmentName: AgentObjects.Found]) -> String {
        changing.filter { key in members.values.contains { $0.node["spec"]?[key] != nil } }.joined(separator: " and ")
    }

    private static func folder(of found: AgentObjects.Found) -> RepositoryPath? {
        RepositoryPath((found.node["spec"]?["path"]?.text ?? "./").drop { $0 == "/" })
    }

    // MARK: Variables

    private static func references(_ found: AgentObjects.Found) -> [ManifestNode] {
        found.node["spec"]?["postBuild"]?["substituteFrom"]?.list ?? []
    }

    /// The files with the values that Kustomizations take from objects; nil where some are in none.
    private func variables(
        _ members: [EnvironmentName: AgentObjects.Found], _ holders: ValueHolders
    ) -> [PathTemplate]? {
        var paths: [RepositoryPath] = []
        for found in members.values {
            for reference in Self.references(found) {
                guard let kind = reference["kind"]?.text, let name = reference["name"]?.text else { continue }
                if let path = holders.holder(of: kind, name, near: found.file) {
                    paths.append(path)
                } else if reference["optional"]?.scalar?.text != "true" {
                    return nil
                }
            }
        }
        let unique = Set(paths)
        let common = reader.groups(of: unique.sorted()).filter { $0.places.count == members.count }
        let shared = unique.subtracting(common.flatMap(\.places.values)).compactMap { PathTemplate($0.description) }
        return common.map(\.template) + shared.sorted { $0.text < $1.text }
    }

    // MARK: Charts from elsewhere

    private func elsewhere() -> [Guess] {
        objects["helm.toolkit.fluxcd.io/HelmRelease"].prefix(20).compactMap { found in
            let spec = found.node["spec"]
            guard let chart = spec?["chart"]?["spec"]?["chart"]?.text ?? spec?["chartRef"]?["name"]?.text else { return nil }
            return Guess(
                about: "the HelmRelease \(found.name) is left alone",
                because:
                    "\(chart) is a chart from elsewhere: `charts` of an application pins it (docs/sources.md) (\(found.file))"
            )
        }
    }
}

/// The ConfigMaps and Secrets with values that are in a tree.
private struct ValueHolders {
    private var files: [String: [RepositoryPath]] = [:]

    init(_ paths: [RepositoryPath], _ source: SurveyFiles) {
        for path in paths {
            guard let bytes = source.bytes(path), bytes.has("ConfigMap") || bytes.has("Secret") else { continue }
            for node in source.documents(path) where (node["data"] ?? node["stringData"]) != nil {
                guard let kind = node["kind"]?.text, let name = node["metadata"]?["name"]?.text else { continue }
                files["\(kind)/\(name)", default: []].append(path)
            }
        }
    }

    /// The file that has an object: the one nearest to another file.
    func holder(of kind: String, _ name: String, near file: RepositoryPath) -> RepositoryPath? {
        var best: (path: RepositoryPath, common: Int)?
        for path in files["\(kind)/\(name)"] ?? [] {
            let common = zip(path.components, file.components).prefix { $0 == $1 }.count
            if common > (best?.common ?? -1) { best = (path, common) }
        }
        return best?.path
    }
}
