import GitOpsTypes
import PromoteTestSupport
import Testing

@Suite struct ImageReferenceTests {
    @Test(
        arguments: [
            ("web", "web", nil, nil),
            ("registry.example/team/web", "registry.example/team/web", nil, nil),
            ("registry.example:5000/web", "registry.example:5000/web", nil, nil),
            ("registry.example:5000/web:1.4.2", "registry.example:5000/web", "1.4.2", nil),
            ("localhost/web:a_B-c.1", "localhost/web", "a_B-c.1", nil),
        ] as [(String, String, String?, String?)])
    func `A reference is a name, perhaps a tag, perhaps a digest`(
        _ text: String, _ name: String, _ tag: String?, _ digest: String?
    ) {
        let reference = ImageReference(text)
        #expect(reference?.name.text == name)
        #expect(reference?.tag?.text == tag)
        #expect(reference?.digest?.text == digest)
        #expect(reference?.description == text)
    }

    @Test func `Tag and digest may stand together`() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let reference = ImageReference("registry.example:5000/web:1@\(digest)")
        #expect(reference?.tag?.text == "1")
        #expect(reference?.digest?.text == digest)
    }

    @Test(arguments: [
        "", "/web", "web/", "Web", "a//b", "web:", "web:-x", "web@sha256:abc", "web@md5:" + String(repeating: "a", count: 64),
        "web@sha256:" + String(repeating: "A", count: 64), "web@sha256:" + String(repeating: "g", count: 64), "we b", "web\n",
        "registry.example:port/web", "-web", "web;rm", "$(x)",
    ])
    func `What is no reference is refused`(_ text: String) {
        #expect(ImageReference(text) == nil)
    }
}

@Suite struct RepositoryPathTests {
    @Test(arguments: [
        ("a/b", "a/b"), ("./a//b/", "a/b"), ("a/../b", "b"), ("", "."), (".", "."), ("a/b/../..", "."),
    ])
    func `A path is followed part by part`(_ text: String, _ expected: String) {
        #expect(RepositoryPath(text)?.description == expected)
    }

    @Test(arguments: ["/etc/passwd", "..", "a/../../b", "../../../../etc", "a\u{0}b", "a\nb"])
    func `No path leads out of the repository`(_ text: String) {
        #expect(RepositoryPath(text) == nil)
    }

    @Test func `A path relative to another may climb, but not above the root`() throws {
        let overlay = try #require(RepositoryPath("overlays/dev"))
        #expect(RepositoryPath("../../base", relativeTo: overlay)?.description == "base")
        #expect(RepositoryPath("../../../base", relativeTo: overlay) == nil)
    }
}

@Suite struct BranchNameTests {
    @Test(arguments: ["main", "env/prod", "promote/ledger/web", "a-b_c.d"])
    func `Names that git takes are taken`(_ name: String) {
        #expect(BranchName(name)?.ref == "refs/heads/\(name)")
    }

    @Test(arguments: [
        "", "-x", "a..b", "a b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "/a", "a/", "a//b", "a.lock", "a/.b", "@",
        "a@{b", "a.",
    ])
    func `Names that git refuses are refused`(_ name: String) {
        #expect(BranchName(name) == nil)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T07:42:00Z", 1_795_246_920), ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-11-21T09:42:00+02:00", 1_795_246_920), ("2026-11-21T07:42:00.123Z", 1_795_246_920),
            ("1969-12-31T23:59:59Z", -1),
        ] as [(String, Int64)])
    func `RFC 3339 is read as seconds`(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T07:42:00",
        "2026-11-21T07:42:00.Z", "2026-11-21T07:42:00Zx",
    ])
    func `What is no time is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `Every time reads back as written`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let time = Timestamp(seconds: Int64.random(in: -62_000_000_000...250_000_000_000, using: &random))
            #expect(Timestamp(time.description) == time)
        }
    }
}

@Suite struct ClosestMatchTests {
    @Test func `A slip of the keyboard finds its word, and nonsense finds none`() {
        let words = ["staging", "prod", "dev"]
        #expect(closestMatch(to: "stagin", among: words) == "staging")
        #expect(closestMatch(to: "stagnig", among: words) == "staging")
        #expect(closestMatch(to: "prodd", among: words) == "prod")
        #expect(closestMatch(to: "banana", among: words) == nil)
    }

    @Test func `Control characters and direction marks never reach a terminal`() {
        #expect("a\tb".displayable == "a b")
        #expect("a\u{1B}[31mb\u{7}\u{202E}c".displayable == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c")
    }
}
