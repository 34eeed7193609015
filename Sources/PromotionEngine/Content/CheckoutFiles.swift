import GitOpsTypes

/// Files that decide what a checkout of other files holds, or what an agent makes of the folder that they are in.
enum CheckoutFiles {
    /// Those that count for the folder they are in and all below it.
    ///
    /// Source: gitattributes(5); Flux's source-controller, Excluding files.
    static let inherited = [".gitattributes", ".sourceignore"]

    /// Says where submodules are, and whence they come. Source: gitmodules(5).
    static let submodules = ".gitmodules"

    /// Argo CD's `.argocd-source.yaml` and `.argocd-source-<application>.yaml`, of the folder that it renders.
    private static let agentPrefix = ".argocd-source"

    /// Whether a file is one of them.
    static func contains(_ path: RepositoryPath) -> Bool {
        inherited.contains(path.name) || path.name.hasPrefix(agentPrefix) || path.description == submodules
    }

    /// Those of the changed files that count for an overlay, or for anything that it reads. Submodules count for what is not rendered
    /// only: nothing is read from them.
    ///
    /// - Parameter places: the paths of all that it reads, also under the names that they have where links are followed.
    static func relevant(
        among changed: [RepositoryPath], to overlay: RepositoryPath, reading places: Set<RepositoryPath>
    ) -> [RepositoryPath] {
        changed.filter { file in
            guard contains(file), file.description != submodules else { return false }
            guard inherited.contains(file.name) else { return file.parent == overlay }
            return file.isInside(overlay) || places.contains { $0.isInside(file.parent) }
        }
    }
}
