import GitOpsTypes
import PromotionDomain
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
            source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard), builders: .anyone)
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
            "a: \"o\\u006Cd\" # {\"$promote\": \"registry.example/team/web:digest\"}\r\nb: 1\r\n",
            "a: \"D\" # {\"$promote\": \"registry.example/team/web:digest\"}\r\nb: 1\r\n"
        ),
        (
            "image: registry.example/team/web:1 # {\"$imagepolicy\": \"flux-system:web\"}\n",
            "image: registry.example/team/web:2.0.0@D # {\"$imagepolicy\": \"flux-system:web\"}\n"
        ),
        ("tag: 1.10 # {\"$imagepolicy\": \"ns:web:tag\"}\n", "tag: 2.0.0 # {\"$imagepolicy\": \"ns:web:tag\"}\n"),
        ("r: x # {\"$imagepolicy\": \"ns:web:name\"}\n", "r: registry.example/team/web # {\"$imagepolicy\": \"ns:web:name\"}\n"),
        ("- old # {\"$promote\": \"web:digest\"}\n- old\n", "- D # {\"$promote\": \"web:digest\"}\n- old\n"),
        ("{a: old} # {\"$promote\": \"web:digest\"}\n", "{a: D} # {\"$promote\": \"web:digest\"}\n"),
        ("{a: x,\n b: old} # {\"$promote\": \"web:digest\"}\n", "{a: x,\n b: D} # {\"$promote\": \"web:digest\"}\n"),
        ("digest: # {\"$promote\": \"web:digest\"}\n", "digest: D # {\"$promote\": \"web:digest\"}\n"),
        (
            "- api=registry.example/team/web:1 # {\"$promote\": \"web\"}\n",
            "- api=registry.example/team/web:2.0.0@D # {\"$promote\": \"web\"}\n"
        ),
        ("- VERSION=1.0 # {\"$promote\": \"web:tag\"}\n", "- VERSION=2.0.0 # {\"$promote\": \"web:tag\"}\n"),
        ("- VERSION= # {\"$promote\": \"web:tag\"}\n", "- VERSION=2.0.0 # {\"$promote\": \"web:tag\"}\n"),
        (
            "t: |\n  # x: y # {\"$promote\": \"web\"}\na: old # {\"$promote\": \"web:digest\"}\n",
            "t: |\n  # x: y # {\"$promote\": \"web\"}\na: D # {\"$promote\": \"web:digest\"}\n"
        ),
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
        ("export WEB=old # {\"$promote\": \"web:digest\"}", "export WEB=D # {\"$promote\": \"web:digest\"}"),
        (
            "/* old */\nweb = \"old\" // {\"$promote\": \"web:digest\"}",
            "/* old */\nweb = \"D\" // {\"$promote\": \"web:digest\"}"
        ),
        (
            "x = \"it's\"\nweb = [\"old\"] # {\"$promote\": \"web:digest\"}",
            "x = \"it's\"\nweb = [\"D\"] # {\"$promote\": \"web:digest\"}"
        ),
        (
            "x = <<EOT\n\"\nEOT\nweb = \"old\" # {\"$promote\": \"web:digest\"}",
            "x = <<EOT\n\"\nEOT\nweb = \"D\" # {\"$promote\": \"web:digest\"}"
        ),
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
        ("# {\"$promote\": \"web:digest\"}\na: 1\n", "no value"), ("a: # {\"$promote\": \"web\"}\n  b: 1\n", "no value"),
        ("a: | # {\"$promote\": \"web:digest\"}\n  x\n", "several lines"),
        ("a: \"x\n  y\" # {\"$promote\": \"web:digest\"}\n", "several lines"),
        ("a: &x old\nb: *x # {\"$promote\": \"web:digest\"}\n", "an alias"),
        ("a: &x {c: old}\nb:\n  <<: *x # {\"$promote\": \"web:digest\"}\n", "an alias"),
        ("{a: old, b: old} # {\"$promote\": \"web:digest\"}\n", "one of several"),
        ("a: [old, x] # {\"$imagepolicy\": \"ns:web:digest\"}\n", "one of several"),
        ("x: &x y\na: {b: old, c: *x} # {\"$promote\": \"web:digest\"}\n", "one of several"),
        ("a: {b: old, c} # {\"$promote\": \"web:digest\"}\n", "one of several"),
        ("a: [\"x\n  y\", old] # {\"$promote\": \"web:digest\"}\n", "one of several"),
    ])
    func `A marker of no value, or of no single one, is an error with its place`(_ text: String, _ reason: String) throws {
        let error = #expect(throws: PlanningError.self) { try edit(text, at: "overlays/dev/x.yaml") }
        #expect(error?.position != nil && error?.hint != nil)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "a: 1\n# b: old # {\"$imagepolicy\": \"ns:web:tag\"}\n", "# b: old # {\"$promote\": \"web:tag\"}\na: 1\n",
        "a:\n    # b: old # {\"$promote\": \"web\"}\n", "a: |\n  b: old # {\"$promote\": \"web:digest\"}\nc: 1\n",
        "a: >-\n  # b: old # {\"$promote\": \"web:digest\"}\n\n", "a: 'x\n  b # {\"$promote\": \"web:digest\"}\n'\n",
        "a: |\n  x\n# b: old # {\"$promote\": \"web:digest\"}\n",
        "a: 1 # b: old # {\"$imagepolicy\": \"ns:web:digest\"}\n", "#a: {b: old, # {\"$promote\": \"web:digest\"}\nb: 1\n",
    ])
    func `What is commented out, or quoted in a text, is left alone`(_ text: String) throws {
        #expect(try edit(text, at: "overlays/dev/x.yaml") == nil)
    }

    @Test(arguments: [
        "# web = \"old\" # {\"$promote\": \"web:digest\"}\n", "// web = \"old\" // {\"$promote\": \"web:digest\"}\n",
        "/*\nweb = \"old\" # {\"$promote\": \"web:digest\"}\n*/\n", "/* x */ # web = \"old\" # {\"$promote\": \"web:digest\"}\n",
        "x = <<-EOT\n  web = \"old\" # {\"$promote\": \"web:digest\"}\n  EOT\n", "; web = old # {\"$promote\": \"web:digest\"}\n",
        "<!--\nweb old # {\"$promote\": \"web:digest\"}\n-->\n",
        "x = \"\"\"\nweb = old # {\"$promote\": \"web:digest\"}\n\"\"\"\n",
        "x = \"a # {'$promote': 1}\"\n", "-- web = 'old' # {\"$promote\": \"web:digest\"}\n",
        "a = 1# web = \"old\" # {\"$imagepolicy\": \"ns:web:digest\"}\n",
    ])
    func `What is commented out is left alone elsewhere, too`(_ text: String) throws {
        #expect(try edit(text, at: "terraform/dev.tfvars") == nil)
    }

    @Test(arguments: [
        "{ tag = \"old\", pull = \"Always\" } # {\"$promote\": \"web:tag\"}\n",
        "{ tag = \"old\", pull = true } # {\"$promote\": \"web:tag\"}\n",
        "{ pull = true, tag = \"old\" } # {\"$promote\": \"web:tag\"}\n", "tag = upper(\"old\") # {\"$promote\": \"web:tag\"}\n",
        "a=1 b=2 # {\"$promote\": \"web:tag\"}\n", "FROM web AS build # {\"$promote\": \"web:tag\"}\n",
        "/* tag = \"old\" */ # {\"$promote\": \"web:tag\"}\n", "tag = \"a\" \"b\" # {\"$promote\": \"web:tag\"}\n",
        "tag = x == \"old\" # {\"$promote\": \"web:tag\"}\n", "tag = \"old\" + x # {\"$promote\": \"web:tag\"}\n",
    ])
    func `Where a line elsewhere has more than one value, it is an error`(_ text: String) throws {
        let error = #expect(throws: PlanningError.self) { try edit(text, at: "terraform/dev.tfvars") }
        #expect(error?.message.contains("one of several") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("x:1", "web"), ("registry.example/web:1", "web"), ("mirror.example/team/web:1", "web"), ("Always", "web"),
        ("registry.example/team/web:${TAG}", "web"), ("a b=registry.example/team/web x", "web"),
        ("registry.example/team/web:1", "web:tag"), ("1.0@sha256:0", "web:tag"), ("{{ .Values.tag }}", "web:tag"),
        ("1.0 --debug", "web:tag"), ("registry.example/team/web@sha256:0", "web:digest"), ("sha512:0", "web:digest"),
        ("sha256:$(DIGEST)", "web:digest"), ("registry.example/team/web:1", "web:name"), ("a b", "web:name"),
    ])
    func `A value that is not what it is marked as is not overwritten`(_ value: String, _ marked: String) throws {
        for text in ["a: '\(value)' # {\"$promote\": \"\(marked)\"}\n", "- \"k=\(value)\" # {\"$promote\": \"\(marked)\"}\n"] {
            let error = #expect(throws: PlanningError.self) { try edit(text, at: "overlays/dev/x.yaml") }
            #expect(error?.message.contains("the marker says that it is") == true, "\(error?.message ?? "")")
        }
    }

    @Test(arguments: [
        "a: &x old # {\"$promote\": \"web:digest\"}\nb: *x\n", "a: &x {c: old} # {\"$promote\": \"web:digest\"}\nb: *x\n",
        "a: &x\n  c: old # {\"$promote\": \"web:digest\"}\nb:\n  <<: *x\n",
        "a: &x\n- old # {\"$promote\": \"web:digest\"}\nb: *x\n", "- &x\n  a: old # {\"$promote\": \"web:digest\"}\n- [*x]\n",
    ])
    func `A value that others share is not changed behind their backs`(_ text: String) throws {
        let error = #expect(throws: PlanningError.self) { try edit(text, at: "overlays/dev/x.yaml") }
        #expect(error?.message.contains("shares it") == true, "\(error?.message ?? "")")
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
            source: .overlay(try #require(PathTemplate("overlays/{environment}")), as: .standard), builders: .anyone,
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
