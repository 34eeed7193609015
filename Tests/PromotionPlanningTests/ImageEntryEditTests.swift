import GitOpsTypes
import PromoteTestSupport
import PromotionDomain
import Testing
import YAMLEditing

@testable import PromotionPlanning

/// Overlays as people write them. `OLD` stands for the digest that is there.
let overlayCorpus: [(name: String, text: String)] = [
    ("plain", "resources:\n- ../../base\nimages:\n- name: registry.example/web\n  digest: OLD\n"),
    ("indented list", "resources:\n  - ../../base\nimages:\n  - name: registry.example/web\n    digest: OLD\n"),
    ("wide dash", "images:\n-   name: registry.example/web\n    digest: OLD\nresources:\n-   ../../base\n"),
    (
        "comments",
        "# top\nimages: # list\n# before\n- name: registry.example/web # the app\n  # above\n  digest: OLD # set by promote\n  # below\nresources: [../../base] # end\n# last\n"
    ),
    ("single quotes", "images:\n- name: 'registry.example/web'\n  digest: 'OLD'\n  newTag: '1.0'\n"),
    ("double quotes", "\"images\":\n- \"name\": \"registry.example/web\"\n  \"newTag\": \"1.0\"\n  \"digest\": \"OLD\"\n"),
    ("folded digest", "images:\n- name: registry.example/web\n  digest: >-\n    OLD\n\n\nnamespace: x\n"),
    ("literal digest", "images:\n- digest: |-\n    OLD\n  name: registry.example/web\nnamespace: x\n"),
    ("flow", "{resources: [../../base], images: [{name: registry.example/web, digest: OLD}], namespace: x}\n"),
    ("flow over lines", "images: [\n  {\n    name: registry.example/web, # app\n    digest: OLD,\n    newTag: v1\n  },\n]\n"),
    ("flow without digest", "images: [{name: registry.example/web}, {name: other}]\nnamespace: x\n"),
    ("tag first", "images:\n- newTag: v1 # moves\n  name: registry.example/web\nnamespace: x\n"),
    ("tag first, comment between", "images:\n- newTag: v1\n  # about the name\n  name: registry.example/web\n"),
    ("tag last without digest", "images:\n- name: registry.example/web\n  newTag: v1"),
    (
        "tag only, more images",
        "images:\n- name: a\n  newTag: v0\n- name: registry.example/web\n  newTag: v1\n- name: z\n  digest: sha256:zz\n"
    ),
    ("renamed", "images:\n- name: registry.example/web\n  newName: mirror.example/web\n  digest: OLD\n"),
    ("placeholder", "images:\n- name: app\n  newName: registry.example/web\n  newTag: latest\n"),
    ("no digest yet", "images:\n- name: registry.example/web\nresources:\n- ../../base\n"),
    ("empty digest", "images:\n- name: registry.example/web\n  digest:\nresources:\n- ../../base\n"),
    ("empty digest, comment", "images:\n- name: registry.example/web\n  digest: # none yet\n"),
    ("null digest", "images:\n- name: registry.example/web\n  digest: null\n"),
    ("other images only", "images:\n- name: other\n  newTag: v1\nresources:\n- ../../base\n"),
    (
        "other images, indented, comment after",
        "resources:\n  - ../../base\nimages:\n    - name: other\n      newTag: v1 # keep\n# end\n"
    ),
    ("empty list", "images: []\nresources:\n- ../../base\n"),
    ("empty list, comment", "images: [] # none\n"),
    ("null list", "resources:\n  - ../../base\nimages:\nnamespace: x\n"),
    ("no list", "resources:\n- ../../base\nnamespace: x\n"),
    ("no list, indented style", "resources:\n  - ../../base\n\n# the end\n"),
    (
        "no list, block scalar last",
        "resources:\n- ../../base\npatches:\n- patch: |-\n    - op: remove\n      path: /spec\n\n\n# tail\n"
    ),
    ("no list, flow root", "{resources: [../../base]}\n"),
    ("empty flow root", "{}\n"),
    ("document markers", "---\nimages:\n- name: registry.example/web\n  digest: OLD\n...\n"),
    (
        "non-ASCII",
        "# Überlagerung für München 🚀\nnamespace: \"grüße\" # ü\u{85}\nimages:\n- name: registry.example/web # Bild — neu\n  digest: OLD # ✓\ncommonAnnotations:\n  naïve: \"日本語\"\n"
    ),
    ("anchor elsewhere", "namespace: &ns x\nnamePrefix: *ns\nimages:\n- name: registry.example/web\n  digest: OLD\n"),
    ("anchored entry", "images:\n- &web\n  name: registry.example/web\n  digest: OLD\n"),
    ("anchored digest, unused", "images:\n- name: registry.example/web\n  digest: &d OLD\n"),
    ("tagged", "images:\n- name: !!str registry.example/web\n  digest: !!str OLD\n"),
    ("aliased tag", "x: &tag v1\nimages:\n- name: registry.example/web\n  newTag: *tag\n  digest: OLD\n"),
    ("blank lines", "\n\nimages:\n\n\n- name: registry.example/web\n\n  digest: OLD\n\n\n\nnamespace: x\n\n"),
    ("trailing spaces", "images:   \n- name: registry.example/web   \n  digest: OLD   \n"),
    ("explicit keys", "? images\n: - ? name\n    : registry.example/web\n    ? digest\n    : OLD\n"),
    (
        "long line",
        "images:\n- name: registry.example/web\n  digest: OLD\ncommonAnnotations:\n  a: " + String(repeating: "word ", count: 60)
            + "\n"
    ),
]

@Suite struct ImageEntryEditTests {
    private static let oldDigest = "sha256:" + String(repeating: "0", count: 64)

    /// The corpus as it is, with CRLF, with a byte order mark, and without the last line's end.
    private static func variants(_ text: String) -> [[UInt8]] {
        let text = text.replacing("OLD", with: oldDigest)
        var variants = [text, text.replacing("\n", with: "\r\n"), "\u{FEFF}" + text]
        // A line break is one character, CRLF too.
        if text.hasSuffix("\n") { variants += [String(text.dropLast()), String(text.replacing("\n", with: "\r\n").dropLast())] }
        return variants.map { Array($0.utf8) }
    }

    private static func image(_ random: inout SeededGenerator, tag: Bool) throws -> ReleaseImage {
        let digits = (0..<64).map { _ in String(Int.random(in: 0..<16, using: &random), radix: 16) }.joined()
        let tags = ["1.20", "v1.4.2", "1e3", "0x10", "yes", "latest", "2026-11-21", "1_000", "null", "12", "007", "a.b-c_d"]
        return ReleaseImage(
            name: try #require(ImageName("registry.example/web")), digest: try #require(ImageDigest("sha256:" + digits)),
            tag: tag ? ImageTag(tags.randomElement(using: &random) ?? "v1") : nil)
    }

    @Test(arguments: overlayCorpus.map(\.name))
    func `An edit changes the bytes it means to change, and the file then means what was intended`(_ name: String) throws {
        let text = try #require(overlayCorpus.first { $0.name == name }?.text)
        var random = SeededGenerator(seed: UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xFFFF))
        let path = try #require(RepositoryPath("overlays/dev/kustomization.yaml"))
        for bytes in Self.variants(text) {
            for tag in [true, false] {
                let image = try Self.image(&random, tag: tag)
                let edited = try ImageEntryEdit(image: image, path: path).apply(to: bytes)
                try expectIntended(edited, from: bytes, image)
                expectOnlyIntendedLines(edited, from: bytes, image)
                // Doing it again changes nothing.
                #expect(try ImageEntryEdit(image: image, path: path).apply(to: edited) == edited)
            }
        }
    }

    /// The model of the edited file, compared with one that is worked out here, apart from the editor.
    private func expectIntended(_ edited: [UInt8], from bytes: [UInt8], _ image: ReleaseImage) throws {
        let old = try YAMLFile(bytes).documents.first.map(Plain.init) ?? .map([:])
        let new = try YAMLFile(edited).documents.first.map(Plain.init) ?? .map([:])
        guard case .map(var expected) = old else { return }
        var images: [Plain] = []
        if case .list(let items)? = expected["images"] { images = items }
        let name = Plain.text(image.name.text)
        if let index = images.firstIndex(where: { $0["name"] == name || $0["newName"] == name }) {
            guard case .map(var entry) = images[index] else { return }
            entry["digest"] = .text(image.digest.text)
            if entry["newTag"] != nil { entry["newTag"] = image.tag.map { .text($0.text) } }
            images[index] = .map(entry)
        } else {
            images.append(.map(["name": name, "digest": .text(image.digest.text)]))
        }
        expected["images"] = .list(images)
        #expect(new == .map(expected), "\(String(decoding: edited, as: UTF8.self))")
    }

    /// Lines that went or came are about the entry; every other line is there as before, in the same order.
    private func expectOnlyIntendedLines(_ edited: [UInt8], from bytes: [UInt8], _ image: ReleaseImage) {
        func lines(_ bytes: [UInt8]) -> [[UInt8]] {
            bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        }
        let difference = lines(edited).difference(from: lines(bytes))
        for change in difference {
            let line: [UInt8]
            switch change {
            case .insert(_, let element, _), .remove(_, let element, _): line = element
            }
            let text = String(decoding: line, as: UTF8.self)
            let isAbout = ["digest", "newTag", "images", "name:", "sha256:", "{}", "resources: [../../base]}"].contains {
                text.contains($0)
            }
            // A last line that had no end gets one when lines follow it.
            let isDash = text.allSatisfy { $0 == "-" || $0.isWhitespace }
            let content = line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : line
            let isLastLine = isDash || bytes.ends(with: content) || edited.ends(with: line)
            #expect(isAbout || isLastLine, "the line “\(text)” of \(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(difference.count <= 6)
        // Line ends are of one kind where they were.
        if bytes.contains(UInt8(ascii: "\r")) {
            let text = String(decoding: edited, as: UTF8.self)
            #expect(!text.replacing("\r\n", with: "").contains("\n"))
        }
        #expect(edited.starts(with: [0xEF, 0xBB, 0xBF]) == bytes.starts(with: [0xEF, 0xBB, 0xBF]))
    }

    @Test(arguments: [
        ("images:\n- &x\n  name: registry.example/web\n  digest: &d a\nother: *d\n", "changing another value"),
        ("x: &x\n  name: registry.example/web\nimages:\n- *x\n", "is an alias of another"),
        ("images:\n- name: registry.example/web\n- name: registry.example/web\n", "two entries"),
        ("images: text\n", "must be a list"),
        ("- a\n", "must be a mapping"),
        ("a: b\n---\nc: d\n", "one document"),
        ("images:\n- name: registry.example/web\n  digest: a\n  digest: b\n", "given twice"),
        ("images: [\n", ""),
    ])
    func `What cannot be edited without harm is refused`(_ text: String, _ message: String) throws {
        var random = SeededGenerator(seed: 1)
        let image = try Self.image(&random, tag: true)
        let path = try #require(RepositoryPath("k.yaml"))
        #expect { try ImageEntryEdit(image: image, path: path).apply(to: Array(text.utf8)) } throws: { error in
            (error as? PlanningError).map { $0.message.contains(message) } ?? false
        }
    }
}

/// What YAML means, for comparison in tests: scalars by their text, null apart.
indirect enum Plain: Hashable {
    case text(String)
    case other(String)
    case list([Plain])
    case map([String: Plain])

    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar):
            self = scalar.kind(tag: node.tag) == .string ? .text(scalar.text) : .other(scalar.text)
        case .sequence(let items): self = .list(items.map(Plain.init))
        case .mapping(let entries):
            self = .map(Dictionary(entries.map { ($0.key.scalar?.text ?? "", Plain($0.value)) }, uniquingKeysWith: { $1 }))
        }
    }

    subscript(key: String) -> Plain? {
        if case .map(let map) = self { map[key] } else { nil }
    }
}

extension [UInt8] {
    func ends(with other: [UInt8]) -> Bool {
        suffix(other.count).elementsEqual(other)
    }
}
