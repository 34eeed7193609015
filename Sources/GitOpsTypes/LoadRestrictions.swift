/// From where a kustomization may read files. Directories it may build on wherever they are, and nothing is read from outside of the
/// repository in either case.
///
/// Source: `--load-restrictor` of `kustomize build`; Flux builds without, Argo CD where its `kustomize.buildOptions` say so.
public enum LoadRestrictions: String, Hashable, Sendable, CaseIterable {
    /// From its own directory and below, links followed: what Kustomize does unless it is told otherwise.
    case root
    case none
}
