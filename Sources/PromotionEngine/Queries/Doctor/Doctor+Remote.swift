import GitOpsTypes
import GitStore
import PromotionDomain

/// What the remote takes, and what this clone sends it.
extension Doctor {
    /// - Parameter tip: that of the target branch; nil where it is not there yet, so that the remote cannot be asked about it.
    func remoteFindings(_ tip: CommitID?) async throws -> [SetupFinding] {
        func finding(_ status: SetupFinding.Status, _ detail: String, _ remedy: String? = nil) -> SetupFinding {
            SetupFinding(topic: "remote", status: status, detail: detail, remedy: remedy)
        }
        guard !session.workspace.isOffline, !session.workspace.remote.isItself else { return [] }
        if let problem = session.workspace.writingProblem { return [finding(.problem, problem.what, problem.hint)] }
        guard let tip else { return [finding(.good, "\(session.workspace.remote.name) answers")] }
        guard let reception = try await session.workspace.remote.reception(session.workspace.targetBranch, tip) else {
            return [
                finding(
                    .warning, "\(session.workspace.remote.name) does not say what pushes it takes",
                    "git push --dry-run \(session.workspace.remote.name) says why")
            ]
        }
        if let problem = reception.problem { return [finding(.problem, problem.what, problem.remedy)] }
        return reception.unmet.map { finding(.warning, $0.what, $0.remedy) }
            + [finding(.good, "\(session.workspace.remote.name) takes pushes whole or not at all")]
    }

    /// Branches of decided promotions that are still there: where they stay, the remote lets none be deleted.
    func leftoverFindings(_ application: ApplicationName, _ state: ApplicationState) async throws -> [SetupFinding] {
        guard !session.workspace.remote.isItself else { return [] }
        let prefix = "\(PromotionID.branchPrefix)\(application)/"
        let left = try await session.workspace.remote.heads(below: prefix).keys.filter { branch in
            state.promotions.contains { $0.content.branch == branch && !$0.isOpen }
        }.sorted()
        guard let first = left.first else { return [] }
        return [
            SetupFinding(
                topic: "branches", status: .warning,
                detail:
                    "\(left.count) of \(application) are left over from promotions that are decided, such as \(first): does \(session.workspace.remote.name) deny that branches are deleted (receive.denyDeletes)?",
                remedy: "promote reconcile deletes what it may; else: git push \(session.workspace.remote.name) --delete \(first)"
            )
        ]
    }
}
