import Testing

@testable import YAMLEditing

/// Values that are added to files, with the mappings that lead to them.
@Suite struct AddedValueTests {
    @Test(arguments: [
        ("", "image:\n  tag: x\n"), ("# nothing yet", "# nothing yet\nimage:\n  tag: x\n"),
        ("a: 1\n", "a: 1\nimage:\n  tag: x\n"), ("a: 1", "a: 1\nimage:\n  tag: x"),
        ("image:\n    name: web # it\nb: 2\n", "image:\n    name: web # it\n    tag: x\nb: 2\n"),
        ("image: {name: web}\n", "image: {name: web, tag: x}\n"), ("image: {}\n", "image: {tag: x}\n"),
        ("image:\nb: 2\n", "image:\n  tag: x\nb: 2\n"), ("image: ~\n", "image: {tag: x}\n"),
        ("{a: 1}\n", "{a: 1, image: {tag: x}}\n"),
        ("image:\r\n  name: web\r\n", "image:\r\n  name: web\r\n  tag: x\r\n"),
        ("image:\n  list:\n  - a\n  - b\n# end\n", "image:\n  list:\n  - a\n  - b\n  tag: x\n# end\n"),
    ])
    func `A value is added in the file's own way`(_ text: String, _ expected: String) throws {
        let result = try YAMLEditor(YAMLFile(Array(text.utf8))).addingValue("x", at: ["image", "tag"])
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "image: web\n", "image: [a]\n", "a: &a {b: 1}\nimage: *a\n", "a: 1\n---\nb: 2\n", "- a\n", "image: {tag: y}\n",
    ])
    func `What is in the way is an error`(_ text: String) {
        #expect(throws: YAMLError.self) { try YAMLEditor(YAMLFile(Array(text.utf8))).addingValue("x", at: ["image", "tag"]) }
    }

    @Test(arguments: [
        ("list:\n- name: web\n  a: 1\n- name: b\n", "list:\n- name: web\n  a: 1\n  tag: x\n- name: b\n"),
        ("list: [{name: web}, {name: b}]\n", "list: [{name: web, tag: x}, {name: b}]\n"),
    ])
    func `A value is added to an item of a list`(_ text: String, _ expected: String) throws {
        let result = try YAMLEditor(YAMLFile(Array(text.utf8))).addingValue("x", at: ["list", "0", "tag"])
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        (#"{"image": {"name": "web"}}"#, #"{"image": {"name": "web", "tag": "x"}}"#),
        (#"{"a": 1}"#, #"{"a": 1, "image": {"tag": "x"}}"#), ("{}", #"{"image": {"tag": "x"}}"#),
    ])
    func `JSON stays JSON`(_ text: String, _ expected: String) throws {
        let editor = YAMLEditor(try YAMLFile(Array(text.utf8)))
        let result = try editor.addingValue("x", at: ["image", "tag"], like: .doubleQuoted)
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test func `A value that another reader would take for something else is quoted`() throws {
        let result = try YAMLEditor(YAMLFile(Array("a: 1\n".utf8))).addingValue("1.20", at: ["tag"])
        #expect(String(decoding: result, as: UTF8.self) == "a: 1\ntag: \"1.20\"\n")
    }
}
