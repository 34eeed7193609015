import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import ImageSelection

/// Which build is the newest that is wanted. The cases are written from what Flux documents of its ImagePolicy, and from what
/// its users met.
@Suite struct ImageSelectionTests {
    private func tags(_ text: String) -> [ImageTag] { text.split(separator: " ").compactMap { ImageTag($0) } }

    private func semver(_ range: String, _ text: String, filter: TagFilter? = nil) throws -> String {
        let range = try #require(VersionRange(range))
        return try ImageSelection(.semver(range), filter: filter).select(among: tags(text)).tag.text
    }

    @Test(arguments: [
        (">=1.0.0", "1.0.0 1.2.3 2.0.0", "2.0.0"),
        ("1.x", "1.0.0 1.9.9 2.0.0", "1.9.9"),
        ("1.2.x", "1.2.0 1.2.10 1.2.9 1.3.0", "1.2.10"),
        ("*", "0.1.0 0.2.0", "0.2.0"),
        ("~1.2", "1.2.0 1.2.5 1.3.0", "1.2.5"),
        ("~1.2.3", "1.2.2 1.2.9 1.3.0", "1.2.9"),
        ("~1", "1.0.0 1.5.0 2.0.0", "1.5.0"),
        ("^1.2.3", "1.2.3 1.9.0 2.0.0", "1.9.0"),
        ("^0.2.3", "0.2.3 0.2.9 0.3.0", "0.2.9"),
        ("^0.0.3", "0.0.3 0.0.4", "0.0.3"),
        ("^0", "0.1.0 0.9.0 1.0.0", "0.9.0"),
        (">=1.0 <2.0", "1.0.0 1.4.0 2.0.0", "1.4.0"),
        (">=1.0, <2.0 || >=3.0", "1.4.0 2.5.0 3.1.0", "3.1.0"),
        ("1.2 - 1.4.5", "1.1.0 1.2.0 1.4.5 1.4.6", "1.4.5"),
        ("!=1.3.0", "1.2.0 1.3.0", "1.2.0"),
        ("<=1.2", "1.2.9 1.3.0", "1.2.9"),
        (">1.2", "1.2.9 1.3.0", "1.3.0"),
        ("= 1.2.0", "1.2.0 1.2.1", "1.2.0"),
        // Pre-releases only when asked.
        (">=1.0.0", "1.0.0 1.1.0-rc.1", "1.0.0"),
        (">=1.0.0-0", "1.0.0 1.1.0-rc.1", "1.1.0-rc.1"),
        (">=1.0.0-0 <2.0.0", "1.0.0 1.1.0-rc.2 1.1.0-rc.10", "1.1.0-rc.10"),
        (">=1.0.0-0", "1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta 1.0.0", "1.0.0"),
        // A `v` in front, and what is no version.
        (">=1.0.0", "v1.0.0 v1.10.0 v1.9.0 latest 1.2 1.02.3 sha256-x.sig", "v1.10.0"),
        // Numbers of any size.
        (">=1.0.0", "1.99999999999999999998.0 1.99999999999999999999.0", "1.99999999999999999999.0"),
    ])
    func `A range of versions selects the highest in it`(_ range: String, _ tags: String, _ expected: String) throws {
        for order in [tags, tags.split(separator: " ").reversed().joined(separator: " ")] {
            #expect(try semver(range, order) == expected)
        }
    }

    @Test(arguments: ["", "1.2.3.4", "banana", ">=", ">= >1", "1.x.3", "^1.2.3-", "||", "1 - "])
    func `What is no range is refused`(_ text: String) { #expect(VersionRange(text) == nil) }

    @Test func `Versions that differ in build metadata only have an order, and are told`() throws {
        // A tag has no plus sign, so the value is extracted from something that stands for it.
        let filter = try #require(TagFilter(pattern: "^(?P<v>[0-9.]+)_(?P<b>.*)$", extract: "$v+${b}"))
        let range = try #require(VersionRange(">=1.0.0"))
        let selection = ImageSelection(.semver(range), filter: filter)
        for order in ["1.0.0_a 1.0.0_b 1.0.0_10 1.0.0_9", "1.0.0_b 1.0.0_9 1.0.0_10 1.0.0_a"] {
            let selected = try selection.select(among: tags(order))
            #expect(selected.tag.text == "1.0.0_b")
            #expect(selected.ties.map(\.text) == ["1.0.0_a", "1.0.0_10", "1.0.0_9"])
        }
    }

    @Test func `Equal extractions go by the tag's own text, and are told`() throws {
        let filter = try #require(TagFilter(pattern: "-([0-9]+)$", extract: "$1"))
        for order in ["main-7 feature-7 main-6", "feature-7 main-6 main-7"] {
            let selected = try ImageSelection(.numerical(.ascending), filter: filter).select(among: tags(order))
            #expect(selected.tag.text == "main-7")
            #expect(selected.ties.map(\.text) == ["feature-7"])
        }
    }

    @Test(arguments: [
        ("9 10 8", ImageSelection.Direction.ascending, "10"),
        ("9 10 8", .descending, "8"),
        // Beyond 2^53, where doubles are the same.
        ("9007199254740992 9007199254740993", .ascending, "9007199254740993"),
        ("20260101120000123 20260101120000124", .ascending, "20260101120000124"),
        ("1.10 1.9", .ascending, "1.9"),
        ("-3 -4", .ascending, "-3"),
        ("007 6", .ascending, "007"),
    ])
    func `Numbers are compared by their digits`(
        _ text: String, _ direction: ImageSelection.Direction, _ expected: String
    ) throws {
        let filter = try #require(TagFilter(pattern: "^n(.*)$", extract: "$1"))
        let tags = tags(text.split(separator: " ").map { "n\($0)" }.joined(separator: " "))
        #expect(try ImageSelection(.numerical(direction), filter: filter).select(among: tags).tag.text == "n\(expected)")
    }

    @Test func `One tag that is no number fails the whole, and tells which`() throws {
        let failure = #expect(throws: ImageSelection.Failure.self) {
            try ImageSelection(.numerical(.ascending)).select(among: tags("1 2 latest"))
        }
        #expect(failure?.reason.contains("“latest”") == true)
        for text in ["1e5", "0x10", "1.", ".5", "", "NaN"] {
            let filter = try #require(TagFilter(pattern: "^n", extract: text.isEmpty ? "$none" : text))
            #expect(throws: ImageSelection.Failure.self, "\(text)") {
                try ImageSelection(.numerical(.ascending), filter: filter).select(among: tags("n1"))
            }
        }
    }

    @Test func `Words are compared by their bytes`() throws {
        let all = tags("RELEASE.2026-01-01 RELEASE.2026-02-01 RELEASE.2025-12-31")
        #expect(try ImageSelection(.alphabetical(.ascending)).select(among: all).tag.text == "RELEASE.2026-02-01")
        #expect(try ImageSelection(.alphabetical(.descending)).select(among: all).tag.text == "RELEASE.2025-12-31")
        #expect(try ImageSelection(.alphabetical(.ascending)).select(among: tags("Z a")).tag.text == "a")
        // What signatures are kept under is no build.
        let signature = "sha256-" + String(repeating: "a", count: 64)
        #expect(
            try ImageSelection(.alphabetical(.ascending)).select(among: tags("main \(signature) \(signature).sig")).tag.text
                == "main")
    }

    @Test func `The pattern is searched for anywhere, and the original tag is what is selected`() throws {
        let filter = try #require(TagFilter(pattern: "^main-[a-fA-F0-9]+-(?P<ts>[0-9]+)", extract: "$ts"))
        let all = tags("main-abc-20260101 main-def-20260102 dev-fff-20270101 main-xyz-20280101")
        #expect(try ImageSelection(.numerical(.ascending), filter: filter).select(among: all).tag.text == "main-def-20260102")
        let anywhere = try #require(TagFilter(pattern: "rc", extract: nil))
        #expect(
            try ImageSelection(.alphabetical(.ascending), filter: anywhere).select(among: tags("a-rc-1 b")).tag.text == "a-rc-1")
    }

    @Test(arguments: [
        ("$1", "a"), ("${1}", "a"), ("$name", "b"), ("${name}x", "bx"), ("$namex", ""), ("$$1", "$1"), ("$9", ""), ("x$", "x$"),
        ("$1-${name}", "a-b"), ("$0", "a_b"),
    ])
    func `A template names groups as Go's does`(_ template: String, _ expected: String) throws {
        let filter = try #require(TagFilter(pattern: "(a)_(?P<name>b)", extract: template))
        let selected = try ImageSelection(.alphabetical(.ascending), filter: filter).select(among: tags("a_b"))
        #expect(selected.tag.text == "a_b")
        // What is compared shows in which of two is the last.
        #expect(filter.value(of: "a_b") == expected)
    }

    @Test func `Nothing to select from is a failure, never an answer`() throws {
        let range = try #require(VersionRange(">=2.0.0"))
        for text in ["", "1.0.0 latest"] {
            #expect(throws: ImageSelection.Failure.self) { try ImageSelection(.semver(range)).select(among: tags(text)) }
        }
        let filter = try #require(TagFilter(pattern: "^v", extract: nil))
        #expect(throws: ImageSelection.Failure.self) {
            try ImageSelection(.alphabetical(.ascending), filter: filter).select(among: tags("a b"))
        }
        let latest = try #require(ImageTag("latest"))
        #expect(throws: ImageSelection.Failure.self) { try ImageSelection(.tag(latest)).select(among: tags("a b")) }
    }

    @Test func `By time, the last that was built is the newest`() throws {
        let all = tags("a b c")
        let times = Dictionary(uniqueKeysWithValues: zip(all, [3, 9, 5].map { Timestamp(seconds: $0) }))
        #expect(try ImageSelection(.newest).select(among: all, created: times).tag.text == "b")
        #expect(throws: ImageSelection.Failure.self) { try ImageSelection(.newest).select(among: all) }
    }

    @Test func `The order is total: of any tags in any order, the same one is selected`() throws {
        var random = SeededGenerator(seed: 7)
        let range = try #require(VersionRange(">=0.0.0-0"))
        let filter = try #require(TagFilter(pattern: "[0-9]+", extract: "$0"))
        for _ in 0..<300 {
            let all = (0..<8).map { _ -> String in
                let numbers = (0..<3).map { _ in "\(Int.random(in: 0...2, using: &random))" }.joined(separator: ".")
                return numbers + ["", "-rc.1", "-rc.2", "-a"][Int.random(in: 0..<4, using: &random)]
            }
            let orders: [ImageSelection] = [
                ImageSelection(.semver(range)), ImageSelection(.alphabetical(.ascending)),
                ImageSelection(.numerical(.ascending), filter: filter),
            ]
            for selection in orders {
                let one = try selection.select(among: all.compactMap { ImageTag($0) }).tag
                let other = try selection.select(among: all.shuffled(using: &random).compactMap { ImageTag($0) }).tag
                #expect(one == other)
            }
        }
    }
}
