import Testing

@testable import YAMLEditing

/// Values that are set and taken away in files of several documents.
@Suite struct SetValueTests {
    private func set(_ text: String, _ document: Int = 1) throws -> String {
        let editor = YAMLEditor(try YAMLFile(Array(text.utf8)))
        return String(decoding: try editor.settingValue("x", at: ["spec", "ref", "digest"], inDocument: document), as: UTF8.self)
    }

    @Test(arguments: [
        ("spec:\n  ref:\n    digest: y # it\n", "spec:\n  ref:\n    digest: x # it\n"),
        ("spec:\n  ref:\n    digest: 'y'\n    tag: 1\n", "spec:\n  ref:\n    digest: 'x'\n    tag: 1\n"),
        ("spec: {ref: {tag: 1}}\n", "spec: {ref: {tag: 1, digest: x}}\n"),
        ("spec:\n  ref:\n    tag: 1\n", "spec:\n  ref:\n    tag: 1\n    digest: x\n"),
        ("spec:\n  url: u\n", "spec:\n  url: u\n  ref:\n    digest: x\n"),
        ("spec:\n  ref:\n    digest:\n  url: u\n", "spec:\n  ref:\n    digest: x\n  url: u\n"),
        ("spec:\r\n  url: u\r\n", "spec:\r\n  url: u\r\n  ref:\r\n    digest: x\r\n"),
    ])
    func `A value is set in one document, whether it is there or not`(_ document: String, _ expected: String) throws {
        for (before, after) in [("a: 1\n---\n", ""), ("# first\na: {b: 1}\n---\n", "---\nspec: {ref: {digest: y}}\n")] {
            #expect(try set(before + document + after) == before + expected + after)
        }
        #expect(try set(before(expected)) == before(expected))
    }

    private func before(_ document: String) -> String { "a: 1\n---\n" + document }

    @Test(arguments: [
        "spec: &s {ref: {digest: y}}\nother: *s\n", "spec: {ref: web}\n", "spec: {ref: [a]}\n",
        "r: &r {tag: 1}\nspec: {ref: *r}\n",
        "spec: {ref: {digest: y, digest: z}}\n", "spec: {ref: {digest: {a: 1}}}\n",
    ])
    func `What is shared or in the way is an error`(_ document: String) {
        #expect(throws: YAMLError.self) { try set(before(document)) }
    }

    @Test(arguments: [
        ("ref:\n  tag: 1 # it\n  digest: x\n", "ref:\n  digest: x\n"), ("ref: {digest: x, tag: 1}\n", "ref: {digest: x}\n"),
        ("ref: {digest: x}\n", "ref: {digest: x}\n"), ("other: 1\n", "other: 1\n"),
    ])
    func `A value is taken away with its line`(_ document: String, _ expected: String) throws {
        let editor = YAMLEditor(try YAMLFile(Array(before(document).utf8)))
        #expect(try String(decoding: editor.removingValue(at: ["ref", "tag"], inDocument: 1), as: UTF8.self) == before(expected))
    }

    @Test func `The only value of a mapping is not taken away`() throws {
        let editor = YAMLEditor(try YAMLFile(Array("ref: {tag: 1}\n".utf8)))
        #expect(throws: YAMLError.self) { try editor.removingValue(at: ["ref", "tag"], inDocument: 0) }
    }
}
