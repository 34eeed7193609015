import GitOpsTypes
import GitStore
import Kustomize
import PromotionDomain
import PromotionPlanning

/// Renders an application in an environment.
struct RenderQuery: Sendable {
    let session: Session

    /// What an application renders to in an environment.
    ///
    /// - Parameter revision: a commit of the configuration repository, in full; nil for the tip of the environment's branch.
    func render(application: String, environment: String, at revision: String?) async throws -> RenderedManifests {
        let snapshot = try await session.refresh()
        let application = try snapshot.policy.application(named: application)
        let environment = try snapshot.policy.environment(named: environment, of: application)
        let commit: CommitID
        if let revision {
            guard let named = try await session.workspace.repository.scratch({ try $0.commit(named: revision) }) else {
                throw EngineError.usage("“\(revision.displayable)” names no commit", hint: nil)
            }
            commit = named
        } else {
            commit = try await session.tip(of: environment)
        }
        let place = application.place(in: environment.name)
        let isTrusted = revision == nil || session.workspace.fetchesProposedBases
        return try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit), isTrusted: isTrusted)
            return try renderings.rendering(of: place, in: files)
        }
    }

    /// What an application renders to in an environment at a commit, and its other files.
    func manifests(
        of application: Application, in environment: EnvironmentName, at commit: CommitID
    ) async throws -> RenderedManifests {
        try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try PromotionPlanner(files, renderings).manifests(of: application, in: environment)
        }
    }
}
