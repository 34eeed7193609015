import GitOpsTypes
import GitStore
public import Kustomize
import PromotionDomain
import PromotionPlanning

extension PromotionEngine {
    /// What an application renders to in an environment.
    ///
    /// - Parameter revision: a commit of the configuration repository, in full; nil for the tip of the environment's branch.
    public func render(application: String, environment: String, at revision: String?) async throws -> RenderedManifests {
        let situation = try await look()
        let application = try self.application(application, situation.policy)
        let environment = try self.environment(environment, situation.policy)
        let commit: CommitID
        if let revision {
            guard let named = try await workspace.repository.scratch({ try $0.commit(named: revision) }) else {
                throw EngineError.usage("“\(revision.displayable)” names no commit", hint: nil)
            }
            commit = named
        } else {
            commit = try await tip(of: environment)
        }
        let overlay = application.overlayPath(in: environment.name)
        return try await workspace.repository.scratch { [renderings] objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try renderings.rendering(of: overlay, as: application.kustomize, in: files)
        }
    }

    /// What an application renders to in an environment at a commit, and its other files.
    func manifests(
        of application: Application, in environment: EnvironmentName, at commit: CommitID
    ) async throws -> RenderedManifests {
        try await workspace.repository.scratch { [renderings] objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try PromotionPlanner(files: files, renderings).manifests(of: application, in: environment)
        }
    }
}
