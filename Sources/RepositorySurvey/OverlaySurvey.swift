import GitOpsTypes
import Kustomize
import PromotionDomain

/// Kustomize overlays, in whatever layout: every folder with a kustomization in whose path an environment stands.
struct OverlaySurvey {
    let index: TreeIndex
    let reader: TemplateReader
    let files: SurveyFiles

    func findings() -> SourceFindings {
        let folders = index.kustomizations.filter { folder in
            // What Flux installs itself by is nothing that is promoted.
            index.chart(around: folder) == nil && !folder.isRoot && !folder.components.contains("flux-system")
                && !isComponent(folder)
        }
        let groups = withoutNested(reader.groups(of: folders))
        var findings = SourceFindings()
        let kept = EnvironmentGroups(groups).kept
        for group in kept { findings.sources.append(source(group)) }
        findings.guesses = unmarked(folders, beside: groups, kept)
        return findings
    }

    private func source(_ group: TemplateGroup) -> SurveyedSource {
        var renamings: [EnvironmentName: [ImageRenaming]] = [:]
        for (environment, folder) in group.places { renamings[environment] = images(of: folder) }
        return SurveyedSource(
            source: .overlay(group.template, as: .standard), template: group.template, environments: group.environments,
            name: group.name, renamings: renamings, because: "each environment has a kustomization there")
    }

    // MARK: Kustomizations

    private func kustomization(in folder: RepositoryPath) -> ManifestNode? {
        let names = index.folders[folder]?.files.filter(KustomizeRenderer.fileNames.contains) ?? []
        guard names.count == 1, let path = folder.appending(names[0]) else { return nil }
        return files.documents(path).first
    }

    private func isComponent(_ folder: RepositoryPath) -> Bool {
        kustomization(in: folder)?["kind"]?.text == "Component"
    }

    private func images(of folder: RepositoryPath) -> [ImageRenaming] {
        (kustomization(in: folder)?["images"]?.list ?? []).compactMap { item in
            item["name"]?.text.map { ImageRenaming(name: $0, newName: item["newName"]?.text) }
        }
    }

    /// Whether a kustomization does nothing but put others together.
    private func isCollection(_ folder: RepositoryPath) -> Bool {
        let keys: Set = ["apiVersion", "kind", "metadata", "resources", "bases"]
        return kustomization(in: folder)?.map?.entries.allSatisfy { keys.contains($0.key) } ?? false
    }

    // MARK: Overlays in overlays

    /// Of an overlay inside of another, the inner one where the outer does nothing but put them together, else the outer.
    private func withoutNested(_ groups: [TemplateGroup]) -> [TemplateGroup] {
        var owners: [RepositoryPath: Int] = [:]
        for (number, group) in groups.enumerated() { for path in group.places.values { owners[path] = number } }
        var dropped: Set<Int> = []
        for (number, group) in groups.enumerated() {
            for path in group.places.values {
                var folder = path.parent
                while !folder.isRoot {
                    if let outer = owners[folder], outer != number {
                        dropped.insert(isCollection(folder) ? outer : number)
                    }
                    folder = folder.parent
                }
            }
        }
        return groups.indices.filter { !dropped.contains($0) }.map { groups[$0] }
    }

    // MARK: What is no environment by its name

    /// Folders beside those of several environments, with names that no environment is known by.
    private func unmarked(_ folders: [RepositoryPath], beside all: [TemplateGroup], _ kept: [TemplateGroup]) -> [Guess] {
        let places = Set(all.flatMap(\.places.values))
        let parents = Set(
            kept.filter { $0.places.count > 1 && $0.template.text.hasSuffix("{environment}") }.flatMap {
                $0.places.values.map(\.parent)
            })
        return folders.filter { !places.contains($0) && parents.contains($0.parent) && $0.name != "base" }.prefix(8).map {
            Guess(
                about: "\($0) is left alone", because: "“\($0.name)” is no name of an environment; --env \($0.name) makes it one")
        }
    }
}

/// Which groups are taken for environments of applications.
struct EnvironmentGroups {
    private let groups: [TemplateGroup]

    init(_ groups: [TemplateGroup]) { self.groups = groups }

    /// Those with several environments; beside them, those with one of the same; and where there are none, those whose one
    /// environment stands in a folder for environments.
    var kept: [TemplateGroup] {
        let several = groups.filter { $0.places.count > 1 }
        let known = Set(several.flatMap(\.environments))
        return groups.filter { group in
            if group.places.count > 1 { return true }
            return several.isEmpty ? Self.isInFolderOfEnvironments(group) : group.environments.allSatisfy(known.contains)
        }
    }

    private static let folders: Set<String> = ["overlays", "envs", "environments", "stages", "clusters", "env", "overlay"]

    private static func isInFolderOfEnvironments(_ group: TemplateGroup) -> Bool {
        let parts = group.template.text.split(separator: "/")
        guard let place = parts.firstIndex(where: { $0.contains("{environment}") }), place > 0 else { return false }
        return folders.contains(parts[place - 1].lowercased())
    }
}
