import GitOpsTypes
import Kustomize
import PromotionPlanning
import Testing

/// A question to the index is answered as if every place had been looked at.
@Suite struct ReachIndexTests {
    private static let places = TreeGenerator.folders.compactMap { RepositoryPath($0) }

    private func reaches(_ tree: ChangingTree) throws -> [KustomizationReach.Reach] {
        var reach = KustomizationReach(files: tree)
        return try Self.places.map { try reach.reach(of: $0) }
    }

    private func outcome(_ tree: ChangingTree, _ overlay: RepositoryPath) -> [UInt8]? {
        do { return try KustomizeRenderer(files: tree).render(overlay).yaml() } catch { return nil }
    }

    @Test(arguments: 0..<16 as Range<UInt64>) func `What was kept and renewed is what is found anew`(_ seed: UInt64) throws {
        var generator = TreeGenerator(seed: seed)
        for _ in 0..<40 {
            var tree = generator.tree()
            var index = ReachIndex(try reaches(tree))
            for _ in 0..<6 {
                let earlier = tree
                for _ in 0...(seed % 3) { generator.change(&tree) }
                let fresh = try reaches(tree)
                index = index.renewed(after: tree.changed(from: earlier)) { fresh[$0] }
                let (isSame, isReadBack) = (index == ReachIndex(fresh), ReachIndex(bytes: index.bytes) == index)
                #expect(isSame && isReadBack, "\(tree.changed(from: earlier))")
            }
        }
    }

    @Test(arguments: 0..<16 as Range<UInt64>) func `No place that changes is left out`(_ seed: UInt64) throws {
        var generator = TreeGenerator(seed: 1000 + seed)
        for _ in 0..<12 {
            var tree = generator.tree()
            let first = tree
            let old = ReachIndex(try reaches(first))
            for _ in 0..<4 {
                let earlier = tree
                generator.change(&tree)
                let changed = tree.changed(from: earlier)
                let touched = ReachIndex(try reaches(earlier)).places(touchedBy: changed)
                // With an index of before, what was changed since is looked at again.
                let touchedByOld = old.places(touchedBy: changed).union(old.found(by: earlier.changed(from: first)))
                for (number, place) in Self.places.enumerated() where outcome(earlier, place) != outcome(tree, place) {
                    #expect(touched.contains(number), "\(place) by \(changed)")
                    #expect(touchedByOld.contains(number), "\(place) by \(changed)")
                }
            }
        }
    }

    @Test func `A path is found among others that begin like it`() throws {
        let paths = try ["a", "a/b", "a/b.yaml", "a-b", "ab", "a/b/c", "b", "ä/é"].map { try #require(RepositoryPath($0)) }
        let index = ReachIndex(paths.map { .paths([$0]) } + [.unknown])
        for (number, path) in paths.enumerated() {
            let near = paths.indices.filter { path.isInside(paths[$0]) || paths[$0].isInside(path) }
            #expect(index.places(touchedBy: [path]) == Set(near + [paths.count]), "\(number)")
        }
        let other = try #require(RepositoryPath("c/a"))
        #expect(index.places(touchedBy: [other]) == [paths.count])
        #expect(index.places(touchedBy: []).isEmpty)
        #expect(ReachIndex([]).places(touchedBy: paths).isEmpty)
        #expect(ReachIndex(bytes: Array("no index".utf8)) == nil)
    }
}
