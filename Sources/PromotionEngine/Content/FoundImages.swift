import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionLedger
import PromotionPlanning

/// What an environment runs by Git's word, whatever the ledger says.
struct FoundContentReader: Sendable {
    let session: Session

    /// What an environment has of an application at the tip of its branch.
    func found(_ application: Application, in environment: Environment) async throws -> FoundContent {
        let tip = try await session.tip(of: environment)
        return try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
            FoundContent(
                commit: tip, images: try FoundImages.images(of: application, in: environment.name, at: tip, objects, renderings))
        }
    }

    /// The tags that stand beside digests at a commit, by their images: labels for people, as no one says that a tag means that digest.
    ///
    /// - Throws: `RenderingError` and `PlanningError` where it does not render.
    func labels(
        of application: Application, in environment: EnvironmentName, at commit: CommitID
    ) async throws -> [ImageName: ImageTag] {
        try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
            let places = try FoundImages.occurrences(of: application, in: environment, at: commit, objects, renderings) ?? []
            return Dictionary(grouping: places, by: \.image).compactMapValues { places in
                let tags = Set(places.map { ImageText($0.text).tag })
                return tags.count == 1 ? tags.first.flatMap { $0 }.flatMap { ImageTag($0) } : nil
            }
        }
    }
}

/// The images that run in an environment by what Git has there.
enum FoundImages {
    /// The images of an application that run in an environment at a commit; none where it has no overlay there, and nil where
    /// that does not render.
    ///
    /// - Parameter renderings: those that are known; nil to render it.
    static func images(
        of application: Application, in environment: EnvironmentName, at commit: CommitID, _ objects: GitObjects,
        _ renderings: RenderCache? = nil
    ) throws -> [FoundImage]? {
        do {
            return try occurrences(of: application, in: environment, at: commit, objects, renderings).map { occurrences in
                Set(occurrences.map(image)).sorted()
            } ?? []
        } catch is RenderingError {
            return nil
        } catch is PlanningError {
            return nil
        }
    }

    /// Every container and field that runs an image of the application; nil where there is nothing at its place.
    ///
    /// - Throws: `RenderingError` and `PlanningError` where it does not render.
    static func occurrences(
        of application: Application, in environment: EnvironmentName, at commit: CommitID, _ objects: GitObjects,
        _ renderings: RenderCache? = nil
    ) throws -> [ImageOccurrence]? {
        let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
        guard try application.place(in: environment).exists(in: files) else { return nil }
        let planner = renderings.map { PromotionPlanner(files, $0) } ?? PromotionPlanner(UncachedTree(files))
        let manifests = try planner.manifests(of: application, in: environment)
        return try planner.images(of: application, in: environment, rendered: manifests)
    }

    private static func image(_ occurrence: ImageOccurrence) -> FoundImage {
        switch occurrence.hold {
        case .digest(let text):
            ImageDigest(text).map { FoundImage(name: occurrence.image, digest: $0) }
                ?? FoundImage(name: occurrence.image, text: occurrence.text)
        case .version(let version): FoundImage(chart: occurrence.image, version: version)
        case .nothing: FoundImage(name: occurrence.image, text: occurrence.text)
        }
    }
}

extension LedgerJudge {
    /// Why an environment did not have what is said was found there; nil when it had.
    ///
    /// The commit tells, so that every reader finds the same, and an operator records nothing but what is there.
    static func contentProblem(
        _ objects: GitObjects, _ lines: FirstParentHistories, _ claim: FoundClaim, tip: CommitID?, _ application: ApplicationName,
        _ policy: Policy
    ) throws -> String? {
        let found = claim.found
        guard let tip, try objects.has(found.commit), try lines.with(tip, { try $0.contains(found.commit, objects) }) else {
            return "\(found.commit.short) is not on the environment's branch"
        }
        for commit in claim.commits where try !objects.isCommit(found.commit, atOrAfter: commit) {
            return "\(found.commit.short) is before \(commit.short), which is accepted"
        }
        guard let application = policy.anyApplication(application) else { return nil }
        // What a program renders may be another thing to another reader: there, the operator's word counts.
        guard application.place(in: claim.environment).isRenderedInProcess else { return nil }
        let images: [FoundImage]?
        do {
            images = try FoundImages.images(of: application, in: claim.environment, at: found.commit, objects)
        } catch is RendererUnavailable {
            return nil
        }
        guard images != found.images else { return nil }
        let what = images.map { $0.isEmpty ? "nothing" : $0.map(\.reference.displayable).joined(separator: ", ") }
        return
            "at \(found.commit.short), \(claim.environment) has \(what ?? "what does not render"), and not what is said of it"
    }
}
