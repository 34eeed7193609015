import Foundation
import GitOpsTypes
import GitStore
import Kustomize
import ManifestRendering
import PromotionDomain
import PromotionPlanning
import PromotionProjection

/// Finds the places of a policy that a change may touch, without looking at the others: what each place reaches is kept across runs,
/// and found again only for those that were changed since.
struct TouchedPlaces: Sendable {
    let store: StateStore

    /// What the list of places follows from.
    struct List: Hashable, Sendable {
        let branch: BranchName
        /// Of `environments/`.
        let policy: TreeID
        /// Those that are there, where the policy alone does not tell.
        let applications: [ApplicationName]

        /// What the list goes by in the store.
        var key: String {
            applications.isEmpty
                ? policy.hex : "\(policy.hex) \(PromotionPlanner.digest(ofContent: applications.map(\.text)))"
        }
    }

    /// So many places are looked at again with every change before that is kept: writing it down costs more.
    private static let maximumStale = 16

    /// - Parameter places: all of `list`, in its order.
    /// - Returns: the numbers of the places; all others are after the change what they were before.
    func touched(
        by trees: ChangeInspection.Trees, among places: [ChangeInspection.Place], of list: List, _ objects: GitObjects
    ) throws -> Set<Int> {
        // What these make of a checkout is another question.
        guard !trees.changed.contains(where: CheckoutFiles.contains) else { return Set(places.indices) }
        let files = GitTreeFiles(objects: objects, tree: trees.before)
        var reach = PlaceReach([], before: files, after: files)
        guard let known = try stored(list, objects), known.index.count == places.count,
            let since = try Self.paths(from: known.tree, to: trees.before, objects)
        else {
            let index = try ReachIndex(places.map { try Self.reach(of: $0, in: files, &reach) })
            try keep(index, of: list, at: trees.before)
            return index.places(touchedBy: trees.changed)
        }
        let stale = known.index.found(by: since)
        guard stale.count > Self.maximumStale else {
            return known.index.places(touchedBy: trees.changed).union(trees.changed.isEmpty ? [] : stale)
        }
        let index = try known.index.renewed(after: since) { try Self.reach(of: places[$0], in: files, &reach) }
        try keep(index, of: list, at: trees.before)
        return index.places(touchedBy: trees.changed)
    }

    /// What changed since an index was made; nil where that cannot be told, as with names that are no text.
    private static func paths(from old: TreeID, to new: TreeID, _ objects: GitObjects) throws -> [RepositoryPath]? {
        do {
            return try objects.changedPaths(from: old, to: new)
        } catch let error where error.code == .malformed {
            return nil
        }
    }

    /// What decides what a place has: its source, all that this refers to, and the files that belong to it besides.
    private static func reach(
        of place: ChangeInspection.Place, in files: GitTreeFiles, _ reach: inout PlaceReach
    ) throws -> KustomizationReach.Reach {
        guard case .paths(var paths) = try reach.reach(of: place.application.place(in: place.environment)) else {
            return .unknown
        }
        for file in place.application.filePaths(in: place.environment) {
            guard try files.isDirect(file, being: files.entry(at: file)) else { return .unknown }
            paths.insert(file)
        }
        return .paths(paths)
    }

    // MARK: Across runs

    private func stored(_ list: List, _ objects: GitObjects) throws -> (tree: TreeID, index: ReachIndex)? {
        guard let stored = try store.reach(of: list.branch.text, under: list.key),
            let tree = TreeID(stored.tree), try objects.has(tree)
        else { return nil }
        return ReachIndex(bytes: Array(stored.index)).map { (tree, $0) }
    }

    private func keep(_ index: ReachIndex, of list: List, at tree: TreeID) throws {
        do {
            try store.keep(
                StateStore.StoredReach(tree: tree.hex, index: Data(index.bytes)), of: list.branch.text, under: list.key)
        } catch {
            // A disk that is full or a store that another process holds: the answer is right, and the next run looks again.
            if error.isDamaged { throw error }
        }
    }
}
