import GitOpsTypes
import GitStore
import ManifestRendering
import PromotionDomain
import PromotionPlanning

extension ContentInspection {
    /// That no marker in the environment's files is one that nothing is promoted by.
    ///
    /// - Throws: `PlanningError`, which has all of them.
    func requireKnownMarkers(at commit: CommitID, among applications: [Application]) async throws {
        let stray = try await strayMarkers(at: commit, among: applications)
        guard let first = stray.first else { return }
        let others = stray.dropFirst().map { "\n\($0.description)" + ($0.hint.map { " (\($0))" } ?? "") }
        throw PlanningError(first.message + others.joined(), in: first.path, at: first.position, hint: first.hint)
    }

    fileprivate func strayMarkers(at commit: CommitID, among applications: [Application]) async throws -> [PlanningError] {
        let (application, environment, renderings) = (application, environment, renderings)
        return try await repository.scratch { objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try PromotionPlanner(files, renderings).strayMarkers(
                of: application, in: environment, among: applications)
        }
    }
}

extension Doctor {
    /// What `doctor` has to say of markers: those that nothing is promoted by, and those that cannot be read.
    func markerFindings(_ snapshot: Snapshot) async throws -> [SetupFinding] {
        var findings: Set<PlanningError> = []
        for application in snapshot.policy.applications {
            for environment in snapshot.policy.environments {
                let inspection = session.inspection(of: application, in: environment.name)
                do {
                    findings.formUnion(
                        try await inspection.strayMarkers(
                            at: try await session.tip(of: environment), among: snapshot.policy.applications))
                } catch let error as PlanningError {
                    findings.insert(error)
                } catch is RenderingError {
                    // That it does not render is told by what renders it.
                    continue
                }
            }
        }
        return findings.sorted { $0.description < $1.description }.map { error in
            SetupFinding(topic: "markers", status: .problem, detail: error.description, remedy: error.hint)
        }
    }
}
