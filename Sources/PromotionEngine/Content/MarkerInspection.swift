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

    /// Whether there is anything at the application's place in the environment.
    fileprivate func isThere(at commit: CommitID) async throws -> Bool {
        let (application, environment) = (application, environment)
        return try await repository.scratch { objects in
            try application.place(in: environment).exists(in: GitTreeFiles(objects: objects, tree: try objects.tree(of: commit)))
        }
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
        var others: [SetupFinding] = []
        for application in snapshot.policy.applications {
            for environment in snapshot.policy.environments(of: application) {
                let inspection = session.inspection(of: application, in: environment.name)
                do {
                    findings.formUnion(
                        try await inspection.strayMarkers(
                            at: try await session.tip(of: environment), among: snapshot.policy.applications))
                } catch let error as PlanningError {
                    findings.insert(error)
                } catch let error as RenderingError {
                    // What is not there at all is an application that the environment does not have.
                    guard try await inspection.isThere(at: session.tip(of: environment)) else { continue }
                    others.append(SetupFinding(topic: "rendering", status: .problem, detail: error.problem, remedy: error.hint))
                } catch let error as RendererUnavailable {
                    others.append(SetupFinding(topic: "rendering", status: .warning, detail: error.message, remedy: error.hint))
                }
            }
        }
        return findings.sorted { $0.description < $1.description }.map { error in
            SetupFinding(topic: "markers", status: .problem, detail: error.description, remedy: error.hint)
        } + others
    }
}
