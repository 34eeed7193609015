public import GitOpsTypes

/// Brings other repositories' commits into this one, which kustomizations build on.
public protocol RepositoryFetching: Sendable {
    /// Fetches the commit and its files, unless they are here, and waits for them.
    ///
    /// - Throws: `RendererUnavailable` where they cannot be had.
    func fetch(_ repository: PinnedRepository) throws
}
