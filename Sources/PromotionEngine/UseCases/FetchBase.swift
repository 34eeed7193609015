import GitOpsTypes
import GitStore
import Kustomize

/// Fetches a remote base that an actor names, so that it can be built on without a network from then on.
struct FetchBase: Sendable {
    let session: Session

    /// - Parameter text: the base, as a kustomization names it.
    /// - Throws: `EngineError.usage` for what is no remote base at a full commit; `RendererUnavailable` where it cannot be had.
    func fetch(_ text: String) async throws -> PinnedRepository {
        let base: RemoteBase?
        do throws(RemoteBase.Problem) {
            base = try RemoteBase(text)
        } catch {
            throw EngineError.usage(error.message, hint: error.hint)
        }
        guard let base else {
            throw EngineError.usage(
                "“\(text.displayable)” is no remote base",
                hint: "write it as a kustomization does: https://github.com/org/repository//directory?ref=<40 digits>")
        }
        guard let repositories = session.workspace.repositories else {
            throw EngineError.usage("nothing is fetched with --offline", hint: "leave it out")
        }
        // Where what waits is waited for.
        try await session.workspace.repository.scratch { _ in try repositories.fetch(base.repository) }
        return base.repository
    }
}
