/// How an overlay is rendered: as which release of Kustomize does, and from where it may read files.
public struct KustomizeDialect: Hashable, Sendable {
    public let version: KustomizeVersion
    public let loading: LoadRestrictions

    public init(_ version: KustomizeVersion = .standard, loading: LoadRestrictions = .root) {
        self.version = version
        self.loading = loading
    }

    /// What is rendered where nothing is said.
    public static let standard = KustomizeDialect()
}
