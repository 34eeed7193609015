import GitOpsTypes
import Testing

/// Names are the same when their bytes are.
@Suite struct ByteEqualityTests {
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test func `Paths that are equal to Unicode are two, also as keys`() throws {
        let paths = try [composed, decomposed, "\u{212A}", "K"].map { try #require(RepositoryPath("base/\($0)/x.yaml")) }
        #expect(Set(paths).count == 4)
        #expect(paths[0] != paths[1])
        #expect((paths[0] < paths[1]) != (paths[1] < paths[0]))
        #expect(!paths[0].isInside(try #require(RepositoryPath("base/\(decomposed)"))))
        #expect(paths[0].isInside(try #require(RepositoryPath("base/\(composed)"))))
        #expect(Dictionary(uniqueKeysWithValues: paths.map { ($0, 1) }).count == 4)
    }

    @Test func `Branches that are equal to Unicode are two`() throws {
        let branches = try [composed, decomposed].map { try #require(BranchName($0)) }
        #expect(Set(branches).count == 2)
        #expect(branches.sorted() == branches.reversed().sorted())
    }

    @Test func `Parts of a path do not run into each other`() throws {
        #expect(RepositoryPath("a/b") != RepositoryPath("ab"))
        #expect(RepositoryPath("a/b") == RepositoryPath("a//./b"))
    }
}
