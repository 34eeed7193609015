import GitOpsTypes
import GitStore
import PromotionGates
import PromotionModel
import PromotionPlanning

/// Looks at what a promotion really proposes, in Git's trees, and never at what somebody says it does.
struct ContentInspection: Sendable {
    let repository: GitRepository
    let application: Application
    let environment: EnvironmentName

    /// The plan for `release` on a commit of the target branch.
    func plan(_ release: Release, at commit: CommitID) async throws -> PromotionPlan {
        let (application, environment) = (application, environment)
        return try await repository.scratch { objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try PromotionPlanner(files: files).plan(release, of: application, into: environment)
        }
    }

    /// The evidence for a promotion that is only planned.
    func evidence(for plan: PromotionPlan) -> ContentEvidence {
        ContentEvidence(
            images: plan.images, scope: .exact(paths: plan.edits.map(\.path.description)), merge: .rendersAsProposed)
    }

    /// The evidence for a promotion that exists.
    ///
    /// - Parameters:
    ///   - branchHead: where its branch is on the remote; nil when the branch is gone.
    ///   - tip: the tip of the target branch.
    func evidence(
        for promotion: Promotion, of release: Release, branchHead: CommitID?, tip: CommitID
    ) async throws -> ContentEvidence {
        let (application, environment, content) = (application, environment, promotion.content)
        return try await repository.scratch { objects in
            let scope = try Self.scope(
                objects, application, environment, content, release, branchHead: branchHead, tip: tip)
            guard case .exact = scope else {
                return ContentEvidence(images: nil, scope: scope, merge: .rendersDifferently)
            }
            switch try objects.mergeTrees(ours: tip, theirs: content.head) {
            case .conflict(let paths): return ContentEvidence(images: nil, scope: scope, merge: .conflict(paths: paths))
            case .merged(let tree):
                let plan = try PromotionPlanner(files: GitTreeFiles(objects: objects, tree: tree))
                    .plan(release, of: application, into: environment)
                let isAsProposed = plan.edits.isEmpty && plan.rendered == content.rendered
                return ContentEvidence(
                    images: plan.images, scope: scope, merge: isAsProposed ? .rendersAsProposed : .rendersDifferently)
            }
        }
    }

    /// Whether the promotion commit is exactly what planning on its base gives.
    private static func scope(
        _ objects: GitObjects, _ application: Application, _ environment: EnvironmentName, _ content: PromotionContent,
        _ release: Release, branchHead: CommitID?, tip: CommitID
    ) throws -> ContentEvidence.Scope {
        guard let branchHead else { return .violated("the branch \(content.branch) is gone") }
        guard branchHead == content.head else {
            return .violated(
                "the branch \(content.branch) was changed by hand: it is at \(branchHead.short), and the promotion proposed \(content.head.short)"
            )
        }
        let head = try objects.commit(content.head)
        guard head.parents == [content.base], try objects.isCommit(tip, atOrAfter: content.base) else {
            return .violated("the promotion commit \(content.head.short) is not made on a commit of the target branch")
        }
        let base = try objects.commit(content.base)
        let plan = try PromotionPlanner(files: GitTreeFiles(objects: objects, tree: base.tree))
            .plan(release, of: application, into: environment)
        let planned = try objects.writeTree(
            base.tree, replacing: Dictionary(plan.edits.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 }))
        guard planned == head.tree else {
            let planned = Set(plan.edits.map(\.path))
            let extra = try objects.changedPaths(from: base.tree, to: head.tree).filter { !planned.contains($0) }
            let what =
                extra.isEmpty
                ? "its edit is not the planned one" : "it also changes \(extra.map(\.description).joined(separator: ", "))"
            return .violated("the promotion commit \(content.head.short) is not what was planned: \(what)")
        }
        guard plan.rendered == content.rendered else {
            return .violated("the promotion commit \(content.head.short) does not render to what the ledger says was proposed")
        }
        return .exact(paths: plan.edits.map(\.path.description))
    }
}
