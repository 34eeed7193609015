public import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
public import PromotionDomain
import PromotionPlanning

/// An image that something needs, and what for.
public struct ImageUse: Sendable {
    public enum Purpose: String, Sendable, CaseIterable {
        /// Git has it in the environment, whatever the ledger says.
        case running
        /// It ran there before, and may run again.
        case rollback
        /// An open promotion brings it.
        case proposed
    }

    public struct Place: Hashable, Sendable {
        public let application: ApplicationName
        public let environment: EnvironmentName
        public let purpose: Purpose
    }

    /// `registry.example/web`
    public let name: String
    /// Nil where a tag or nothing names it.
    public let digest: ImageDigest?
    /// `registry.example/web@sha256:…`, or the text that is there.
    public let reference: String
    public let places: [Place]
}

/// Which images are needed where.
struct ImagesInUseQuery: Sendable {
    let session: Session

    /// Every image that an environment runs, may go back to, or is about to get: what no clean-up of a registry may delete.
    ///
    /// What runs is what Git has, also where nothing was promoted, and images besides the application's own.
    ///
    /// - Throws: `EngineError` where an environment does not render: a list without it would be wrong.
    func imagesInUse(application: String?) async throws -> [ImageUse] {
        let snapshot = try await session.refresh()
        let applications = try application.map { [try snapshot.policy.application(named: $0)] } ?? snapshot.policy.applications
        var places: [String: Set<ImageUse.Place>] = [:]
        for application in applications {
            let state = try await session.ledger(of: application.name, snapshot).state
            for (release, uses) in Self.uses(of: application, state) {
                for image in state.release(release)?.images ?? [] {
                    places["\(image.name)@\(image.digest)", default: []].formUnion(uses)
                }
            }
            for environment in snapshot.policy.environments(of: application) {
                let place = ImageUse.Place(application: application.name, environment: environment.name, purpose: .running)
                for text in try await rendered(application, in: environment) { places[text, default: []].insert(place) }
            }
        }
        func order(_ place: ImageUse.Place) -> String {
            "\(place.application) \(place.environment) \(place.purpose == .running ? 0 : 1) \(place.purpose.rawValue)"
        }
        return places.map { text, places in
            let image = ImageText(text)
            return ImageUse(
                name: image.name, digest: image.digest.flatMap { ImageDigest($0) }, reference: text,
                places: places.sorted { order($0) < order($1) })
        }.sorted { $0.reference < $1.reference }
    }

    /// The images of every container in an environment, as `name@digest` where they have one: under the names that are there,
    /// and those of the application also under its own, where the overlay takes them from a mirror.
    private func rendered(_ application: Application, in environment: Environment) async throws -> Set<String> {
        let tip = try await session.tip(of: environment)
        do {
            return try await session.workspace.repository.scratch { [renderings = session.renderings] objects in
                let own = try FoundImages.occurrences(of: application, in: environment.name, at: tip, objects, renderings)
                guard let own else { return [] }
                let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: tip))
                let manifests = try PromotionPlanner(files, renderings).manifests(of: application, in: environment.name)
                let named = own.compactMap { occurrence in occurrence.digest.map { "\(occurrence.image)@\($0)" } }
                return Set((named + manifests.imageTexts.map(Self.reference)).filter { !Self.isPlaceholder($0) })
            }
        } catch let error as RenderingError {
            throw incomplete(application, environment, tip, "\(error)")
        } catch let error as PlanningError {
            throw incomplete(application, environment, tip, "\(error)")
        }
    }

    private func incomplete(
        _ application: Application, _ environment: Environment, _ tip: CommitID, _ problem: String
    ) -> EngineError {
        .configuration(
            "what \(application.name) runs in \(environment.name) at \(tip.short) is not known, and the list would lack it: \(problem)",
            hint: "mend the overlay; or list the other applications one by one with --app")
    }

    /// Without the tag, where a digest says more.
    private static func reference(_ text: String) -> String {
        let image = ImageText(text)
        return image.digest.map { "\(image.name)@\($0)" } ?? text
    }

    private static func isPlaceholder(_ text: String) -> Bool {
        ImageText(text).digest.flatMap { ImageDigest($0) }?.isPlaceholder == true
    }

    /// The releases that the ledger of an application needs, and where: what runs is told by Git as well.
    static func uses(of application: Application, _ state: ApplicationState) -> [ReleaseID: Set<ImageUse.Place>] {
        var uses: [ReleaseID: Set<ImageUse.Place>] = [:]
        func use(_ release: ReleaseID, _ environment: EnvironmentName, _ purpose: ImageUse.Purpose) {
            uses[release, default: []].insert(
                ImageUse.Place(application: application.name, environment: environment, purpose: purpose))
        }
        for (environment, deployments) in state.deployments {
            let present = state.deployment(in: environment)
            if let present { use(present.release, environment, .running) }
            for past in deployments where past.release != present?.release && state.yanks[past.release] == nil {
                use(past.release, environment, .rollback)
            }
        }
        for promotion in state.promotions where promotion.isOpen {
            use(promotion.release, promotion.environment, .proposed)
        }
        return uses
    }
}
