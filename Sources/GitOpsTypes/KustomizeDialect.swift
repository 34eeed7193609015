/// How an overlay is rendered: as which release of Kustomize does, from where it may read files, and whether it may build on other
/// repositories.
public struct KustomizeDialect: Hashable, Sendable {
    public let version: KustomizeVersion
    public let loading: LoadRestrictions
    public let bases: RemoteBases

    public init(
        _ version: KustomizeVersion = .standard, loading: LoadRestrictions = .root, bases: RemoteBases = .refused
    ) {
        self.version = version
        self.loading = loading
        self.bases = bases
    }

    /// What is rendered where nothing is said.
    public static let standard = KustomizeDialect()

    /// The words of its parts: another text for every dialect.
    public var key: String { [version.rawValue, loading.rawValue, bases.rawValue].joined(separator: " ") }
}
