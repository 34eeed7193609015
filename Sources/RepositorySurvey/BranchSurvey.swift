import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Environments that are branches, with the same paths in each.
struct BranchSurvey {
    let branches: [EnvironmentName: BranchTree]

    /// What is in one branch.
    struct BranchTree {
        let index: TreeIndex
        let files: SurveyFiles
    }

    func findings() -> SourceFindings {
        var findings = SourceFindings()
        for (path, environments) in common(branches.mapValues { tops(of: $0) }) {
            guard let template = PathTemplate(path.description) else {
                findings.guesses.append(
                    Guess(
                        about: "the kustomization at the root of the branches is left alone",
                        because: "an application has a folder: move it into one, such as deploy/"))
                continue
            }
            var source = SurveyedSource(
                source: .overlay(template, as: .standard), template: template, environments: environments, name: nil,
                because: "each branch has a kustomization there")
            for environment in environments { source.renamings[environment] = images(of: path, in: environment) }
            findings.sources.append(source)
        }
        guard findings.sources.isEmpty else { return findings }
        for (path, environments) in common(branches.mapValues(folders)) {
            guard let template = PathTemplate(path.description) else { continue }
            findings.sources.append(
                SurveyedSource(
                    source: .manifests(template), template: template, environments: environments, name: nil,
                    because: "each branch has plain manifests there"))
        }
        return findings
    }

    /// Paths that several branches have, with those.
    private func common(_ paths: [EnvironmentName: Set<RepositoryPath>]) -> [(RepositoryPath, [EnvironmentName])] {
        var owners: [RepositoryPath: [EnvironmentName]] = [:]
        for (environment, paths) in paths { for path in paths { owners[path, default: []].append(environment) } }
        return owners.filter { $0.value.count > 1 }.map { ($0.key, $0.value.sorted()) }.sorted { $0.0 < $1.0 }
    }

    /// Kustomizations that no other one builds on.
    private func tops(of tree: BranchTree) -> Set<RepositoryPath> {
        let all = Set(tree.index.kustomizations)
        var used: Set<RepositoryPath> = []
        for folder in all {
            for name in KustomizeRenderer.fileNames {
                guard let file = folder.appending(name), tree.index.folders[folder]?.files.contains(name) == true else {
                    continue
                }
                let node = tree.files.documents(file).first
                let named = ["resources", "bases", "components"].flatMap { node?[$0]?.list ?? [] }.compactMap(\.text)
                used.formUnion(named.compactMap { RepositoryPath($0, relativeTo: folder) })
            }
        }
        return all.subtracting(used)
    }

    private func images(of folder: RepositoryPath, in environment: EnvironmentName) -> [ImageRenaming] {
        guard let tree = branches[environment] else { return [] }
        for name in KustomizeRenderer.fileNames {
            guard let file = folder.appending(name), let node = tree.files.documents(file).first else { continue }
            return (node["images"]?.list ?? []).compactMap { item in
                item["name"]?.text.map { ImageRenaming(name: $0, newName: item["newName"]?.text) }
            }
        }
        return []
    }

    /// The topmost folders with objects that run containers.
    private func folders(of tree: BranchTree) -> Set<RepositoryPath> {
        var folders: Set<RepositoryPath> = []
        for path in tree.index.yaml where !path.parent.isRoot {
            guard let bytes = tree.files.bytes(path), bytes.has("kind:"), bytes.has("containers:") else { continue }
            folders.insert(path.parent)
        }
        return folders.filter { !$0.isBelow(folders) }
    }
}
