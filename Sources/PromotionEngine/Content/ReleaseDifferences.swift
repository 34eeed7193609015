public import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
public import PromotionPlanning

/// What another release of Kustomize makes of an overlay, where that is something else: what an agent that has it would apply.
public struct ReleaseDifference: Sendable {
    public let kustomize: KustomizeVersion
    public let outcome: Outcome

    public enum Outcome: Sendable {
        /// From what is rendered to what that release renders.
        case otherwise(RenderedDiff)
        /// It renders nothing, for this reason.
        case refused(String)
    }

    public init(kustomize: KustomizeVersion, outcome: Outcome) {
        self.kustomize = kustomize
        self.outcome = outcome
    }
}

extension ContentInspection {
    /// What other releases of Kustomize make of the overlay, oldest first; none where it is no overlay, or does not render.
    ///
    /// - Parameter edits: files of the commit's tree that are taken to be others.
    func releaseDifferences(at commit: CommitID, with edits: [PromotionPlan.FileEdit] = []) async throws -> [ReleaseDifference] {
        guard case .overlay(let overlay, let own) = application.place(in: environment) else { return [] }
        let renderings = renderings
        return try await repository.scratch { objects in
            let replaced = Dictionary(edits.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
            let tree = try objects.writeTree(try objects.tree(of: commit), replacing: replaced)
            let files = GitTreeFiles(objects: objects, tree: tree)
            func rendered(_ kustomize: KustomizeVersion) throws -> RenderedManifests {
                let dialect = KustomizeDialect(kustomize, loading: own.loading, bases: own.bases)
                return try renderings.rendering(of: .overlay(overlay, as: dialect), in: files)
            }
            let standard: RenderedManifests
            do { standard = try rendered(own.version) } catch is RenderingError { return [] }
            return try KustomizeVersion.allCases.filter { $0 != own.version }.sorted().compactMap { other in
                do {
                    let diff = RenderedDiff(from: standard, to: try rendered(other))
                    return diff.isEmpty ? nil : ReleaseDifference(kustomize: other, outcome: .otherwise(diff))
                } catch let error as RenderingError {
                    return ReleaseDifference(kustomize: other, outcome: .refused(error.problem))
                }
            }
        }
    }
}

extension Doctor {
    /// What `doctor` has to say of overlays that older agents apply otherwise.
    func releaseFindings(_ snapshot: Snapshot) async throws -> [SetupFinding] {
        var findings: [SetupFinding] = []
        for application in snapshot.policy.applications {
            for environment in snapshot.policy.environments(of: application) {
                let differences = try await session.inspection(of: application, in: environment.name)
                    .releaseDifferences(at: try await session.tip(of: environment))
                guard !differences.isEmpty else { continue }
                let others = differences.map(\.kustomize.rawValue).joined(separator: " and ")
                findings.append(
                    SetupFinding(
                        topic: "kustomize", status: .warning,
                        detail:
                            "\(application.place(in: environment.name).path) is not the same as Kustomize \(others) renders it",
                        remedy:
                            "where the agent is older, say so: kustomize: \"…\" of \(application.name); docs/kustomize-versions.md"
                    ))
            }
        }
        return findings
    }
}
