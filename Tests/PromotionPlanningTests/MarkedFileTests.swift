import GitOpsTypes
import PromotionModel
import Testing

@testable import PromotionPlanning

/// Values behind which a comment says what they are.
@Suite struct MarkedFileTests {
    private static let digest = "sha256:" + String(repeating: "1", count: 64)

    private func edit(
        _ text: String, at path: String, tag: String? = "2.0.0", pointers: [String: String] = [:], images: String...
    ) throws -> String? {
        let names = images.isEmpty ? ["registry.example/team/web"] : images
        let application = Application(
            name: try #require(ApplicationName("shop")), images: names.compactMap { ImageName($0) },
            overlay: try #require(PathTemplate("overlays/{environment}")), builders: .anyone)
        let path = try #require(RepositoryPath(path))
        let places = try Dictionary(
            uniqueKeysWithValues: pointers.map { pointer, field in
                (
                    try #require(JSONPointer(pointer)),
                    try #require(ImageField(field, of: application.name, images: application.images))
                )
            })
        guard let file = try MarkedFile(Array(text.utf8), path: path, of: application, pointers: places) else { return nil }
        let digest = try #require(ImageDigest(Self.digest))
        let release = Dictionary(
            uniqueKeysWithValues: application.images.map {
                ($0, ReleaseImage(name: $0, digest: digest, tag: tag.flatMap { ImageTag($0) }))
            })
        return String(decoding: try file.edited(release), as: UTF8.self)
    }

    @Test(arguments: [
        ("a: old # {\"$promote\": \"web:digest\"}\n", "a: D # {\"$promote\": \"web:digest\"}\n"),
        ("a: 'old'   #{\"$promote\":\"shop:digest\"}", "a: 'D'   #{\"$promote\":\"shop:digest\"}"),
        (
            "a: \"o\\tld\" # {\"$promote\": \"registry.example/team/web:digest\"}\r\nb: 1\r\n",
            "a: \"D\" # {\"$promote\": \"registry.example/team/web:digest\"}\r\nb: 1\r\n"
        ),
        (
            "image: x:1 # {\"$imagepolicy\": \"flux-system:web\"}\n",
            "image: registry.example/team/web:2.0.0@D # {\"$imagepolicy\": \"flux-system:web\"}\n"
        ),
        ("tag: 1.10 # {\"$imagepolicy\": \"ns:web:tag\"}\n", "tag: 2.0.0 # {\"$imagepolicy\": \"ns:web:tag\"}\n"),
        ("r: x # {\"$imagepolicy\": \"ns:web:name\"}\n", "r: registry.example/team/web # {\"$imagepolicy\": \"ns:web:name\"}\n"),
        ("- old # {\"$promote\": \"web:digest\"}\n- old\n", "- D # {\"$promote\": \"web:digest\"}\n- old\n"),
        ("{a: old, b: old} # {\"$promote\": \"web:digest\"}\n", "{a: old, b: D} # {\"$promote\": \"web:digest\"}\n"),
        ("---\na: 1\n---\nb: old # {\"$promote\": \"web:digest\"}\n", "---\na: 1\n---\nb: D # {\"$promote\": \"web:digest\"}\n"),
        (
            "ü: grün\na: old # {\"$promote\": \"web:digest\"}\nz: 日本 # ok\n",
            "ü: grün\na: D # {\"$promote\": \"web:digest\"}\nz: 日本 # ok\n"
        ),
    ])
    func `In YAML the value changes, and no other byte`(_ text: String, _ expected: String) throws {
        #expect(try edit(text, at: "overlays/dev/x.yaml") == expected.replacing("D", with: Self.digest))
        #expect(
            try edit(expected.replacing("D", with: Self.digest), at: "overlays/dev/x.yaml")
                == expected.replacing("D", with: Self.digest))
    }

    @Test(arguments: [
        ("web = \"old\" # {\"$promote\": \"web:digest\"}\n", "web = \"D\" # {\"$promote\": \"web:digest\"}\n"),
        ("  \"web\": \"old\", // {\"$promote\": \"web:digest\"}\n}", "  \"web\": \"D\", // {\"$promote\": \"web:digest\"}\n}"),
        ("WEB=old # {\"$promote\": \"web:digest\"}\r\nX=1\r\n", "WEB=D # {\"$promote\": \"web:digest\"}\r\nX=1\r\n"),
        ("web old # {\"$promote\": \"web:digest\"}", "web D # {\"$promote\": \"web:digest\"}"),
    ])
    func `Elsewhere the last quoted text, or the last word, is the value`(_ text: String, _ expected: String) throws {
        #expect(try edit(text, at: "overlays/dev/images.tfvars") == expected.replacing("D", with: Self.digest))
    }

    @Test(arguments: [
        "a: old # {\"$imagepolicy\": \"flux-system:other\"}\n", "a: old # {\"$promote\": \"other:tag\"}\n", "a: old # $promote\n",
        "a: old # {\"$promote\": }\n", "a: old # {\"$promote\": \"web\", \"x\": 1}\n", "a: 'x # {\"$promote\": \"web\"}'\n",
        "a: old # {\"$imagepolicy\": \"web\"}\n",
    ])
    func `What is no marker, or of somebody else's image, is left alone`(_ text: String) throws {
        let edited = try edit(text, at: "overlays/dev/x.yaml")
        #expect(edited == nil || edited == text)
    }

    @Test(arguments: [
        "# {\"$promote\": \"web:digest\"}\na: 1\n", "a: |\n  text # {\"$promote\": \"web:digest\"}\n",
        "a: &x old\nb: *x # {\"$promote\": \"web:digest\"}\n",
    ])
    func `A marker that marks nothing is an error with its place`(_ text: String) throws {
        let error = #expect(throws: PlanningError.self) { try edit(text, at: "overlays/dev/x.yaml") }
        #expect(error?.position != nil)
    }

    @Test func `An anchor that others share is not changed behind their backs`() throws {
        #expect(throws: PlanningError.self) {
            try edit("a: &x old # {\"$promote\": \"web:digest\"}\nb: *x\n", at: "overlays/dev/x.yaml")
        }
    }

    @Test func `Of several images the name says which, and a tag that is not there is told`() throws {
        let text =
            "a: old # {\"$promote\": \"web:digest\"}\nb: old # {\"$promote\": \"api:name\"}\nc: old # {\"$promote\": \"shop\"}\n"
        let edited = try edit(text, at: "overlays/dev/x.yaml", images: "registry.example/web", "registry.example/api")
        #expect(edited?.contains("a: \(Self.digest) #") == true)
        #expect(edited?.contains("b: registry.example/api #") == true)
        // The application's name says nothing where it has two.
        #expect(edited?.contains("c: old #") == true)
        #expect(throws: PlanningError.self) {
            try edit("a: old # {\"$promote\": \"web:tag\"}\n", at: "overlays/dev/x.yaml", tag: nil)
        }
    }

    @Test(arguments: [
        (#"{"a":{"b":"old"}}"#, "/a/b", #"{"a":{"b":"D"}}"#),
        ("[ \"x\" ,\t\"old\"]", "/1", "[ \"x\" ,\t\"D\"]"),
        (#"{"a/b":"x","a":{"b":"x","~":"old"}}"#, "/a/~0", #"{"a/b":"x","a":{"b":"x","~":"D"}}"#),
        (#"{"a/b":"old","a":{"b":"x"}}"#, "/a~1b", #"{"a/b":"D","a":{"b":"x"}}"#),
        (#"{"":{"":"old"}}"#, "//", #"{"":{"":"D"}}"#),
        (
            "{\r\n  \"ü\": \"\\u00fc\",\r\n  \"a\": \"old\"\r\n}\r\n", "/a",
            "{\r\n  \"ü\": \"\\u00fc\",\r\n  \"a\": \"D\"\r\n}\r\n"
        ),
        ("a:\n  b: old # kept\n", "/a/b", "a:\n  b: D # kept\n"),
    ])
    func `A value that is pointed to changes, and no other byte`(_ text: String, _ pointer: String, _ expected: String) throws {
        let path = text.hasPrefix("a:") ? "config/dev/x.yaml" : "config/dev/x.json"
        let edited = try edit(text, at: path, pointers: [pointer: "web:digest"])
        #expect(edited == expected.replacing("D", with: Self.digest))
    }

    @Test(arguments: ["/b", "/a/b", "/a/0", "/l", "/l/2", "/l/-1", "/l/x"])
    func `A pointer to nothing, or to more than a value, is an error`(_ pointer: String) {
        let text = #"{"a":"old","l":[1,{"x":2}]}"#
        #expect(throws: PlanningError.self) { try edit(text, at: "config/dev/x.json", pointers: [pointer: "web:digest"]) }
    }

    @Test(arguments: ["", "a", "a/b", "/~", "/a~2", "/~~0"])
    func `What is no pointer is none`(_ text: String) { #expect(JSONPointer(text) == nil) }

    @Test(arguments: [
        ("flux-system:web-prod", "registry.example/web"), ("other:web-prod", "registry.example/web"),
        ("flux-system:jobs:digest", "registry.example/worker"), ("other:jobs:digest", nil),
        ("x:worker:digest", "registry.example/worker"),
        ("web-prod", nil), ("x:web-prod:other", nil), ("x:nobody", nil), (":", nil),
    ])
    func `A policy of Flux stands for the image that has it, and else for one of its name`(_ marker: String, _ image: String?)
        throws
    {
        let (web, worker) = (
            try #require(ImageName("registry.example/web")), try #require(ImageName("registry.example/worker"))
        )
        let application = Application(
            name: try #require(ApplicationName("shop")), images: [web, worker],
            overlay: try #require(PathTemplate("overlays/{environment}")), builders: .anyone,
            policies: ["web-prod": web, "flux-system:jobs": worker])
        #expect(ImageField(ofPolicy: marker, of: application)?.image.text == image)
    }

    @Test(arguments: [#"{"a":null}"#, #"{"a":5}"#, #"{"a":true}"#])
    func `What is no text in JSON does not become one`(_ text: String) {
        #expect(throws: PlanningError.self) { try edit(text, at: "config/dev/x.json", pointers: ["/a": "web:digest"]) }
    }

    @Test func `A value that is marked as one thing and pointed to as another is an error`() throws {
        let text = "a: old # {\"$promote\": \"web:digest\"}\n"
        #expect(throws: PlanningError.self) { try edit(text, at: "config/dev/x.yaml", pointers: ["/a": "web:tag"]) }
        #expect(try edit(text, at: "config/dev/x.yaml", pointers: ["/a": "web:digest"])?.contains(Self.digest) == true)
    }
}
