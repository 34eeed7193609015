import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionLedger
import PromotionPlanning

/// Looks at what a change to the configuration does, in Git's trees: which environments it reaches, and what they render to
/// before and after. What it does not reach is not rendered.
struct ChangeInspection: Sendable {
    let repository: GitRepository
    let renderings: RenderCache
    /// The commit that is changed, and the one that changes it.
    let base: CommitID
    let head: CommitID
    /// The target branch's tip: what a branch without a past brings of that was judged where it landed first.
    let target: CommitID
    /// Whether what the head builds on may be fetched: it is on the branch already, or the caller permits it.
    let trustsHead: Bool

    /// What is on both sides, and what differs.
    struct Trees: Sendable {
        let before: TreeID
        let after: TreeID
        let changed: [RepositoryPath]
        /// Where the change itself ends: the merged branch, where the head is nothing but a merge of it.
        let changeHead: CommitID
    }

    /// - Throws: `Refusal` by `mergeable` when the head does not merge.
    func trees() async throws -> Trees {
        let (base, head) = (base, head)
        let after = try await result()
        let merged = try await mergedBranch(of: head)
        return try await repository.scratch { objects in
            // Of a merge of something else, which brings two branches, the merge itself is what has to be signed.
            let isOntoBase =
                try objects.lineage(of: head)?.parents.first.map {
                    try objects.isNothing(base) ? false : objects.isCommit(base, atOrAfter: $0)
                } ?? false
            let changeHead = isOntoBase ? merged ?? head : head
            let before = try objects.tree(of: base)
            return Trees(
                before: before, after: after, changed: try objects.changedPaths(from: before, to: after),
                changeHead: changeHead)
        }
    }

    /// What the branch has once the head is merged.
    private func result() async throws -> TreeID {
        let (base, head) = (base, head)
        let after = try await repository.scratch { objects in
            try objects.isNothing(base) || objects.isCommit(head, atOrAfter: base) ? try objects.tree(of: head) : nil
        }
        if let after { return after }
        let what: String
        switch try await repository.merge(ours: base, theirs: head) {
        case .merged(let tree): return tree.id
        case .conflict(let paths):
            what = "\(head.short) conflicts with \(base.short) in \(paths.map(\.displayable).joined(separator: ", "))"
        case .unrelated: what = "\(head.short) has no history in common with \(base.short)"
        }
        throw Refusal(.mergeable, what, hint: "merge the target branch into it, and resolve that")
    }

    /// The second parent of a commit that merges it and does nothing else; nil for any other commit.
    func mergedBranch(of commit: CommitID) async throws -> CommitID? {
        guard let (tree, parents) = try await repository.scratch({ try $0.lineage(of: commit) }), parents.count == 2,
            case .merged(let merged) = try await repository.merge(ours: parents[0], theirs: parents[1]), merged.id == tree
        else { return nil }
        return parents[1]
    }

    /// What one application renders to in one environment, before and after.
    struct Effect: Sendable {
        let application: Application
        let environment: EnvironmentName
        var outcome: EnvironmentChange.Outcome
        let diff: RenderedDiff?
        /// Whether there was nothing before that could be rendered.
        var isNew = false
        /// Files that the change touches and that decide what a checkout of it holds.
        var checkoutFiles: [RepositoryPath] = []

        var place: SourcePlace { application.place(in: environment) }
    }

    /// An application in an environment, as the policy before a change describes it, and the one after it.
    struct Place: Sendable {
        let application: Application
        let environment: EnvironmentName
        let later: Later

        enum Later: Sendable {
            /// The change leaves the policy alone.
            case same
            /// By the policy after the change.
            case described(Application)
            /// The policy after the change has it no more.
            case retired
            /// The policy before the change does not have it.
            case added
        }

        /// As it is described after the change; nil where it is no more.
        var next: Application? {
            switch later {
            case .same, .added: application
            case .described(let next): next
            case .retired: nil
            }
        }

        /// Whether its files are elsewhere afterwards, or the same ones render otherwise.
        var isMoved: Bool {
            guard case .described(let next) = later else { return false }
            return next.place(in: environment) != application.place(in: environment)
                || next.filePaths(in: environment) != application.filePaths(in: environment)
        }
    }

    /// - Parameter places: the applications and environments to look at.
    func effects(_ trees: Trees, on places: [Place]) async throws -> [Effect] {
        let (renderings, trustsHead) = (renderings, trustsHead)
        return try await repository.scratch { objects in
            let before = GitTreeFiles(objects: objects, tree: trees.before)
            let after = GitTreeFiles(objects: objects, tree: trees.after, isTrusted: trustsHead)
            var reach = PlaceReach(trees.changed, before: before, after: after)
            return try places.map { place in
                let (application, environment) = (place.application, place.environment)
                func effect(_ outcome: EnvironmentChange.Outcome, _ diff: RenderedDiff? = nil, isNew: Bool = false) -> Effect {
                    Effect(application: application, environment: environment, outcome: outcome, diff: diff, isNew: isNew)
                }
                // By what they are: a link on the way changes a file without touching it.
                let isOwnTouched = try application.filePaths(in: environment).contains {
                    try before.identity(of: $0) != after.identity(of: $0)
                }
                guard let later = place.next else { return effect(.retired) }
                if case .added = place.later { return try Self.added(application, environment, after, renderings) }
                let isTouched =
                    try place.isMoved || isOwnTouched || trees.changed.contains(where: CheckoutFiles.contains)
                    || reach.isTouched(application.place(in: environment))
                guard !trees.changed.isEmpty, isTouched else { return effect(.unchanged) }
                let old = try Self.rendered(application, environment, before, renderings)
                let new = try Self.rendered(later, environment, after, renderings)
                switch (old, new) {
                // They name images, and no approval moves those.
                case (.failure, .failure(let problem)) where isOwnTouched: return effect(.doesNotRender(problem.description))
                case (.failure, .failure(let problem)):
                    return effect(try Self.unrendered(environment, (application, before), (later, after), problem))
                case (.success, .failure(let problem)): return effect(.doesNotRender(problem.description))
                case (_, .success(let new)):
                    let (previous, isNew): (RenderedManifests, Bool) =
                        if case .success(let old) = old { (old, false) } else { (.none, true) }
                    let files = try Self.checkoutFiles(
                        trees.changed, of: later.place(in: environment), reading: new.reads.keys, in: after)
                    let rendered = PromotionPlanner.digest(of: new)
                    guard rendered != PromotionPlanner.digest(of: previous) || !files.isEmpty else { return effect(.unchanged) }
                    let moved: [ImageOccurrence]
                    do {
                        moved = try Self.moved(
                            environment, (application, before, previous), (later, after, new), renderings)
                    } catch let error as PlanningError {
                        return effect(.doesNotRender("\(error)"))
                    }
                    var changed = effect(
                        .changed(rendered: rendered, moved: moved), RenderedDiff(from: previous, to: new), isNew: isNew)
                    guard !files.isEmpty else { return changed }
                    // Approved with what a checkout makes of it.
                    let lines = try files.map { "\($0) \(try after.identity(of: $0) ?? "")" } + ["rendered \(rendered)"]
                    changed.outcome = .changed(rendered: PromotionPlanner.digest(ofContent: lines), moved: moved)
                    changed.checkoutFiles = files
                    return changed
                }
            }
        }
    }

    /// What is where the policy has an environment, or an application, from the change on.
    private static func added(
        _ application: Application, _ environment: EnvironmentName, _ files: GitTreeFiles, _ renderings: RenderCache
    ) throws -> Effect {
        func effect(_ images: [ImageOccurrence], _ problem: String?, _ diff: RenderedDiff?) -> Effect {
            Effect(
                application: application, environment: environment, outcome: .added(images: images, problem: problem), diff: diff,
                isNew: true)
        }
        switch try rendered(application, environment, files, renderings) {
        case .failure(let problem): return effect([], problem.description, nil)
        case .success(let new):
            let diff = RenderedDiff(from: .none, to: new)
            do {
                return effect(
                    try PromotionPlanner(files, renderings).images(of: application, in: environment, rendered: new), nil, diff)
            } catch let error as PlanningError {
                return effect([], "\(error)", diff)
            }
        }
    }

    /// Those of the changed files that decide what a checkout of the overlay holds, or of anything that it reads.
    private static func checkoutFiles(
        _ changed: [RepositoryPath], of place: SourcePlace, reading read: some Sequence<RepositoryPath>,
        in files: GitTreeFiles
    ) throws -> [RepositoryPath] {
        guard changed.contains(where: CheckoutFiles.contains) else { return [] }
        let read = place.paths + read
        let all = try Set(read + read.map(files.realPath))
        return CheckoutFiles.relevant(among: changed, to: place.path, reading: all)
    }

    /// What becomes of what renders on neither side, by its bytes.
    private static func unrendered(
        _ environment: EnvironmentName, _ before: (application: Application, files: GitTreeFiles),
        _ after: (application: Application, files: GitTreeFiles), _ problem: Unrenderable
    ) throws -> EnvironmentChange.Outcome {
        func content(_ side: (application: Application, files: GitTreeFiles)) throws -> HeldContent {
            try HeldContent(
                of: side.application.place(in: environment), and: side.application.filePaths(in: environment),
                in: side.files)
        }
        let (before, after) = (try content(before), try content(after))
        guard before.digest != after.digest else { return .unchanged }
        if let link = after.strayLink { return .doesNotRender("\(link) leads to nothing in the repository") }
        return .unrendered(content: after.digest, why: problem.description)
    }

    /// Why something does not render.
    private struct Unrenderable: Error, CustomStringConvertible {
        let description: String
    }

    private static func rendered(
        _ application: Application, _ environment: EnvironmentName, _ files: GitTreeFiles, _ renderings: RenderCache
    ) throws -> Result<RenderedManifests, Unrenderable> {
        do {
            return .success(try PromotionPlanner(files, renderings).manifests(of: application, in: environment))
        } catch let error as RenderingError {
            return .failure(Unrenderable(description: "\(error)"))
        }
    }

    /// The application's images that run after a change and did not before.
    private static func moved(
        _ environment: EnvironmentName, _ before: (Application, GitTreeFiles, RenderedManifests),
        _ after: (Application, GitTreeFiles, RenderedManifests), _ renderings: RenderCache
    ) throws -> [ImageOccurrence] {
        func images(
            _ side: (application: Application, files: GitTreeFiles, manifests: RenderedManifests)
        ) throws -> [ImageOccurrence] {
            try PromotionPlanner(side.files, renderings).images(
                of: side.application, in: environment, rendered: side.manifests)
        }
        /// Of what cannot be read nothing is known to have run: its repair is judged by what is there then.
        func known() throws -> [ImageOccurrence] {
            do { return try images(before) } catch is PlanningError { return [] }
        }
        struct Running: Hashable {
            let image: ImageName
            let what: String
        }
        func running(_ occurrence: ImageOccurrence) -> Running {
            Running(image: occurrence.image, what: occurrence.digest ?? occurrence.text)
        }
        let known = Set(try known().map(running))
        return try images(after).filter { !known.contains(running($0)) }
    }

    /// The proposals among `promotions` that the change contains, exactly as they were planned.
    func contained(_ promotions: [Promotion], _ trees: Trees) async throws -> [(promotion: Promotion, edits: Set<RepositoryPath>)]
    {
        try await repository.scratch { objects in
            try promotions.compactMap { promotion in
                let content = promotion.content
                // Itself, merged as Git merges it: a file that the branch has changed meanwhile has both.
                if trees.changeHead == content.head, let files = content.files {
                    return (promotion, Set(files.keys.compactMap { RepositoryPath($0) }))
                }
                if let files = content.files {
                    for (path, blob) in files {
                        guard let path = RepositoryPath(path),
                            case .blob(let found)? = try objects.entry(at: path, in: trees.after),
                            found.hex == blob
                        else { return nil }
                    }
                    return (promotion, Set(files.keys.compactMap { RepositoryPath($0) }))
                }
                guard try objects.has(content.head), try objects.has(content.base) else { return nil }
                let proposed = try objects.tree(of: content.head)
                let edits = try objects.changedPaths(from: objects.tree(of: content.base), to: proposed)
                for path in edits where try objects.entry(at: path, in: trees.after) != objects.entry(at: path, in: proposed) {
                    return nil
                }
                return (promotion, Set(edits))
            }
        }
    }

    /// Those of `heads` whose content the change has, and nothing else: the change itself, or what it was squashed from.
    func sameContent(_ heads: [CommitID], _ trees: Trees) async throws -> [CommitID] {
        let (base, head) = (base, head)
        return try await repository.scratch { objects in
            try heads.filter { candidate in
                if candidate == head || candidate == trees.changeHead { return true }
                // What the base has already was approved for then, and not to come back after it was undone.
                guard try objects.has(candidate), try !objects.isCommit(base, atOrAfter: candidate) else { return false }
                let tree = try objects.tree(of: candidate)
                return try trees.changed.allSatisfy {
                    try objects.entry(at: $0, in: trees.after) == objects.entry(at: $0, in: tree)
                }
            }
        }
    }
}
