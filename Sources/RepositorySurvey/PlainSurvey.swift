import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Plain manifests: a folder, or a file, for each environment.
struct PlainSurvey {
    let index: TreeIndex
    let reader: TemplateReader
    let files: SurveyFiles

    func findings() -> SourceFindings {
        let kustomizations = Set(index.kustomizations)
        let manifests = index.yaml.filter { path in
            EnvironmentWords.has(path, reader.lexicon) && index.chart(around: path) == nil
                && !path.isBelow(kustomizations) && isWorkload(path)
        }
        let isMarked: (String) -> Bool = { EnvironmentMark($0, in: reader.lexicon) != nil }
        let folders = Set(
            manifests.compactMap { path in
                path.components.dropLast().lastIndex(where: isMarked).flatMap { folder(of: path, to: $0) }
            })
        // What is rendered of a folder is all of it.
        let others = kustomizations.union(index.charts)
        let around = others.union(others.ancestors)
        let kept = EnvironmentGroups(reader.groups(of: folders.sorted())).kept.filter { group in
            !group.places.values.contains(where: around.contains)
        }
        let single = manifests.filter { path in isMarked(path.name) && !path.components.dropLast().contains(where: isMarked) }
        let groups = kept + EnvironmentGroups(reader.groups(of: single)).kept
        return SourceFindings(
            sources: groups.map { group in
                SurveyedSource(
                    source: .manifests(group.template), template: group.template, environments: group.environments,
                    name: group.name, because: "plain manifests of each environment")
            })
    }

    private func folder(of path: RepositoryPath, to part: Int) -> RepositoryPath? {
        RepositoryPath(path.components[...part].joined(separator: "/"))
    }

    /// Whether a file has an object that runs containers.
    private func isWorkload(_ path: RepositoryPath) -> Bool {
        guard let bytes = files.bytes(path), bytes.has("kind:"), bytes.has("containers:") else { return false }
        return files.documents(in: bytes, of: path).contains { $0["apiVersion"] != nil && $0["kind"] != nil }
    }
}
