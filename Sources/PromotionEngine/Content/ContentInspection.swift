import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionPlanning

/// Looks at what a promotion really proposes, in Git's trees, and never at what is said about it.
struct ContentInspection: Sendable {
    let repository: GitRepository
    let renderings: RenderCache
    let application: Application
    let environment: EnvironmentName

    /// The plan for `release` on a commit of the target branch.
    func plan(_ release: Release, at commit: CommitID) async throws -> PromotionPlan {
        let (application, environment, renderings) = (application, environment, renderings)
        return try await repository.scratch { objects in
            let tree = try objects.tree(of: commit)
            let files = GitTreeFiles(objects: objects, tree: tree)
            let plan = try PromotionPlanner(files, renderings).plan(release, of: application, into: environment)
            for edit in plan.edits {
                guard case .blob? = try objects.entry(at: edit.path, in: tree) else {
                    throw PlanningError(
                        "the \(plan.place.noun) is reached through a symbolic link, which an edit would replace", in: edit.path,
                        hint: "make it a plain file")
                }
            }
            return plan
        }
    }

    /// What a plan touches: its own environment, and no other that builds on the same file.
    func scope(
        of plan: PromotionPlan, at commit: CommitID, besides others: [EnvironmentName]
    ) async throws -> ContentEvidence.Scope {
        let (application, environment, renderings) = (application, environment, renderings)
        return try await repository.scratch { objects in
            let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: commit))
            return try Self.intruded(files, plan, application, others, renderings).map { other in
                .violated(
                    "\(other) builds on \(Self.sharedPath(of: plan)), so that promoting to \(environment) would change \(other), too"
                )
            } ?? .exact(paths: plan.edits.map(\.path.description))
        }
    }

    /// The first of `others` that the plan's edits would change, or that reads what they edit.
    private static func intruded(
        _ files: GitTreeFiles, _ plan: PromotionPlan, _ application: Application, _ others: [EnvironmentName],
        _ renderings: RenderCache
    ) throws -> EnvironmentName? {
        let edits = Dictionary(plan.edits.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
        let edited = Set(edits.keys)
        guard !edited.isEmpty else { return nil }
        let after = GitTreeFiles(objects: files.objects, tree: try files.objects.writeTree(files.tree, replacing: edits))
        var reach = PlaceReach(edited.sorted(), before: files, after: after)
        for other in others {
            let place = application.place(in: other)
            guard place != plan.place else { return other }
            let own = try application.filePaths(in: other).map(files.realPath)
            guard edited.isDisjoint(with: own) else { return other }
            guard try edited.isDisjoint(with: namedFiles(of: place, in: files)) else { return other }
            // What the edits do not reach needs not be rendered, nor the program that would render it.
            guard try reach.isTouched(place), try !edited.isDisjoint(with: reads(of: place, in: files, renderings)) else {
                continue
            }
            switch place {
            case .overlay, .manifests, .flux: return other
            // All of a folder may be read by these, and mostly is not.
            case .chart, .argo, .program: if try isChanged(place, from: files, to: after, renderings) { return other }
            }
        }
        return nil
    }

    /// The files that a place takes its values from by their names.
    private static func namedFiles(of place: SourcePlace, in files: GitTreeFiles) throws -> [RepositoryPath] {
        switch place {
        case .overlay, .manifests, .flux, .program: return []
        case .chart(let release): return release.values
        case .argo(let argo):
            // What cannot be read is its own environment's trouble.
            do { return try ArgoApplication.namedFiles(of: argo.application, in: files) } catch is RenderingError { return [] }
        }
    }

    /// What of a plan other environments may have, too: a file that it edits elsewhere, or the place itself.
    private static func sharedPath(of plan: PromotionPlan) -> RepositoryPath {
        plan.edits.map(\.path).first { !$0.isInside(plan.place.path) } ?? plan.place.path
    }

    /// What a render of the place asks for. What it asks for before it fails tells enough: a place that does not render is its own
    /// environment's trouble.
    private static func reads(
        of place: SourcePlace, in files: GitTreeFiles, _ renderings: RenderCache
    ) throws -> Set<RepositoryPath> {
        do {
            return Set(try renderings.rendering(of: place, in: files).reads.keys)
        } catch is RenderingError {
            return try renderings.reads(of: place, in: files)
        }
    }

    /// Whether a place renders otherwise after a plan's edits.
    private static func isChanged(
        _ place: SourcePlace, from files: GitTreeFiles, to after: GitTreeFiles, _ renderings: RenderCache
    ) throws -> Bool {
        do {
            return try PromotionPlanner.digest(of: renderings.rendering(of: place, in: files))
                != PromotionPlanner.digest(of: renderings.rendering(of: place, in: after))
        } catch is RenderingError {
            return false
        }
    }

    /// The evidence for a promotion that is only planned.
    func evidence(for plan: PromotionPlan, scope: ContentEvidence.Scope) -> ContentEvidence {
        var evidence = ContentEvidence(images: plan.images, scope: scope, merge: .rendersAsProposed)
        evidence.unrendered = plan.unrendered
        return evidence
    }

    /// The evidence for a promotion that exists.
    ///
    /// - Parameters:
    ///   - branchHead: where its branch is on the remote; nil when the branch is gone.
    ///   - tip: the tip of the target branch.
    func evidence(
        for promotion: Promotion, of release: Release, branchHead: CommitID?, tip: CommitID, besides others: [EnvironmentName]
    ) async throws -> (ContentEvidence, RenderedManifests?) {
        do {
            return try await evidence(promotion, release, branchHead: branchHead, tip: tip, besides: others)
        } catch let error as RenderingError {
            return (ContentEvidence(images: nil, scope: .exact(paths: []), merge: .doesNotRender("\(error)")), nil)
        } catch let error as PlanningError {
            return (ContentEvidence(images: nil, scope: .exact(paths: []), merge: .doesNotRender("\(error)")), nil)
        } catch let error as GitError where error.code == .notFound {
            return (ContentEvidence(images: nil, scope: .violated(error.description), merge: .rendersDifferently), nil)
        }
    }

    private func evidence(
        _ promotion: Promotion, _ release: Release, branchHead: CommitID?, tip: CommitID, besides others: [EnvironmentName]
    ) async throws -> (ContentEvidence, RenderedManifests?) {
        let (application, environment, renderings, content) = (application, environment, renderings, promotion.content)
        let scope = try await repository.scratch { objects in
            try Self.scope(
                objects, application, environment, content, release, branchHead: branchHead, tip: tip, others, renderings)
        }
        guard case .exact = scope else {
            return (ContentEvidence(images: nil, scope: scope, merge: .rendersDifferently), nil)
        }
        let tree: TreeID
        switch try await merged(content, release, tip: tip) {
        case .conflict(let paths): return (ContentEvidence(images: nil, scope: scope, merge: .conflict(paths: paths)), nil)
        case .merged(let merged): tree = merged
        }
        return try await repository.scratch { objects in
            let plan = try PromotionPlanner(GitTreeFiles(objects: objects, tree: tree), renderings)
                .plan(release, of: application, into: environment)
            let isAsProposed = plan.edits.isEmpty && plan.rendered == content.rendered
            var evidence = ContentEvidence(
                images: plan.images, scope: scope, merge: isAsProposed ? .rendersAsProposed : .rendersDifferently)
            evidence.unrendered = plan.unrendered
            evidence.otherRenderer = .init(planned: content.renderer, here: plan.manifests.program)
            return (evidence, plan.manifests)
        }
    }

    private enum Merged {
        case merged(TreeID)
        case conflict(paths: [String])
    }

    /// What merging the promotion gives.
    private func merged(_ content: PromotionContent, _ release: Release, tip: CommitID) async throws -> Merged {
        let (application, environment, renderings) = (application, environment, renderings)
        guard try await repository.scratch({ try $0.has(content.head) }) else {
            return .merged(
                try await repository.scratch { objects in
                    let edits = try Self.edits(objects, application, environment, content, release, renderings)
                    return try objects.writeTree(objects.tree(of: tip), replacing: edits)
                })
        }
        switch try await repository.merge(ours: tip, theirs: content.head) {
        case .merged(let tree): return .merged(tree.id)
        case .conflict(let paths): return .conflict(paths: paths)
        // It is made on a commit of the target branch, or it was out of its scope.
        case .unrelated: return .conflict(paths: [])
        }
    }

    /// A promotion that was squashed, and its branch deleted, before this clone had it: planned again, and compared with what
    /// the ledger says it was.
    private static func scopeWithoutCommit(
        _ objects: GitObjects, _ application: Application, _ environment: EnvironmentName, _ content: PromotionContent,
        _ release: Release, tip: CommitID, _ renderings: RenderCache
    ) throws -> ContentEvidence.Scope {
        guard try objects.isCommit(tip, atOrAfter: content.base) else {
            return .violated("the promotion was not made on a commit of the target branch")
        }
        let edits = try edits(objects, application, environment, content, release, renderings)
        let planned = try Dictionary(
            edits.map { ($0.key.description, try objects.writeBlob($0.value).hex) }, uniquingKeysWith: { $1 })
        guard let files = content.files, files == planned else {
            return .violated("the promotion commit \(content.head.short) is gone, and the ledger does not say what it was")
        }
        return .exact(paths: files.keys.sorted())
    }

    private static func edits(
        _ objects: GitObjects, _ application: Application, _ environment: EnvironmentName, _ content: PromotionContent,
        _ release: Release, _ renderings: RenderCache
    ) throws -> [RepositoryPath: [UInt8]] {
        let plan = try PromotionPlanner(GitTreeFiles(objects: objects, tree: objects.tree(of: content.base)), renderings)
            .plan(release, of: application, into: environment)
        return Dictionary(plan.edits.map { ($0.path, $0.new) }, uniquingKeysWith: { $1 })
    }

    /// Whether the promotion commit is exactly what planning on its base gives.
    private static func scope(
        _ objects: GitObjects, _ application: Application, _ environment: EnvironmentName, _ content: PromotionContent,
        _ release: Release, branchHead: CommitID?, tip: CommitID, _ others: [EnvironmentName], _ renderings: RenderCache
    ) throws -> ContentEvidence.Scope {
        guard let branchHead else { return .violated("the branch \(content.branch) is gone") }
        guard branchHead == content.head else {
            return .violated(
                "the branch \(content.branch) was changed by hand: it is at \(branchHead.short), and the promotion proposed \(content.head.short)"
            )
        }
        guard try objects.has(content.head) else {
            return try scopeWithoutCommit(objects, application, environment, content, release, tip: tip, renderings)
        }
        let head = try objects.commit(content.head)
        guard head.parents == [content.base], try objects.isCommit(tip, atOrAfter: content.base) else {
            return .violated("the promotion commit \(content.head.short) is not made on a commit of the target branch")
        }
        let base = try objects.commit(content.base)
        let plan = try PromotionPlanner(GitTreeFiles(objects: objects, tree: base.tree), renderings)
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
        if let files = content.files {
            let written = try Dictionary(
                plan.edits.map { ($0.path.description, try objects.writeBlob($0.new).hex) }, uniquingKeysWith: { $1 })
            guard written == files else {
                return .violated("the ledger names other files for \(content.head.short) than it changes")
            }
        }
        guard plan.rendered == content.rendered else {
            if let other = ContentEvidence.OtherRenderer(planned: content.renderer, here: plan.manifests.program) {
                return .violated(
                    "the promotion commit \(content.head.short) was rendered by \(other.planned), and here \(other.here) renders something else"
                )
            }
            return .violated("the promotion commit \(content.head.short) does not render to what the ledger says was proposed")
        }
        guard content.isBuilt(on: plan.manifests.repositories) else {
            return .violated("the ledger names other remote bases for \(content.head.short) than it is built on")
        }
        let files = GitTreeFiles(objects: objects, tree: try objects.tree(of: tip))
        if let other = try intruded(files, plan, application, others, renderings) {
            return .violated("\(other) builds on \(sharedPath(of: plan)), and would change with \(environment)")
        }
        return .exact(paths: plan.edits.map(\.path.description))
    }
}
