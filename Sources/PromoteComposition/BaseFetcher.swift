import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionEngine

/// Fetches the remote bases of kustomizations by Git, and waits for them where they are needed.
struct BaseFetcher: RepositoryFetching {
    private let fetch: PinnedRepositoryFetch

    init(into commonDirectory: String, _ configuration: GitConfiguration, _ patience: TransportPatience) {
        fetch = PinnedRepositoryFetch(into: commonDirectory, configuration: configuration, patience: patience)
    }

    func fetch(_ repository: PinnedRepository) throws {
        do {
            try Waiting.wait { [fetch] in try await fetch.fetch(repository) }
        } catch let error as GitError {
            throw RendererUnavailable(
                "the remote base \(repository) cannot be had: \(error.detail)",
                hint: error.hint ?? "see `git ls-remote \(repository.address)`, and repeat the command")
        }
    }

    /// - Parameters:
    ///   - wanted: by an option.
    ///   - variable: `PROMOTE_FETCH_BASES`, for machines where options are hard to come by.
    /// - Throws: `EngineError.usage` for a value that is neither yes nor no.
    static func fetchesAll(_ wanted: Bool, variable: String?) throws -> Bool {
        switch variable ?? "" {
        case "", "0", "false": return wanted
        case "1", "true": return true
        default:
            throw EngineError.usage(
                "PROMOTE_FETCH_BASES is neither 1 nor 0",
                hint: "1 fetches the remote bases that proposals name, wherever they are")
        }
    }
}
