import GitOpsTypes
import Kustomize
import Testing

/// Manifests that come to Kubernetes without Kustomize, against what `kubectl annotate --local` of 1.31 to 1.37 makes of them.
@Suite struct WrittenManifestsTests {
    private static let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    private func read(_ text: String) throws -> RenderedManifests {
        try RenderedManifests(writtenIn: [(.root, Array(text.utf8))], reads: [:])
    }

    private func printed(_ text: String) throws -> String { String(decoding: try read(text).yaml(), as: UTF8.self) }

    @Test(arguments: [
        ("yes", "true"), ("n", "false"), ("Off", "false"), ("\"yes\"", "\"yes\""), ("!!str yes", "\"yes\""), ("~", "null"),
        ("", "null"),
        ("{b: }", "\n    b: null"), ("0644", "420"), ("0o644", "420"), ("1_000", "1000"), ("1.0", "1"), ("1e3", "1000"),
        ("08", "8"),
        ("0b12", "0b12"), ("1:30", "\"1:30\""), ("2001-12-14", "\"2001-12-14\""), ("!!binary aGVsbG8=", "hello"),
    ])
    func `Values are what Kubernetes takes them for`(_ text: String, _ expected: String) throws {
        let printed = try printed(Self.head + "data:\n  k: \(text)\n")
        let value = expected.hasPrefix("\n") ? expected : " " + expected
        #expect(printed == "apiVersion: v1\ndata:\n  k:\(value)\nkind: ConfigMap\nmetadata:\n  name: a\n")
    }

    @Test(arguments: [
        ("a: 1\n  a: 2", "a: 2"), ("a: {b: 1}\n  a: {c: 2}", "a:\n    c: 2"), ("a: 1\n  <<: {a: 2}", "a: 2"),
        ("<<: {a: 2}\n  a: 1", "a: 1"),
        ("<<: [{a: 1}, {a: 2}]", "a: 1"), ("<<: {a: 1, b: 1}\n  <<: {a: 2}", "a: 2\n  b: 1"),
        ("yes: 1\n  true: 2", "\"true\": 2"),
        ("0x10: 1", "\"16\": 1"),
    ])
    func `The last of equal keys counts, merged ones too`(_ text: String, _ expected: String) throws {
        let printed = try printed(Self.head + "data:\n  \(text)\n")
        #expect(printed == "apiVersion: v1\ndata:\n  \(expected)\nkind: ConfigMap\nmetadata:\n  name: a\n")
    }

    @Test(arguments: [
        ("kind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: b}}\n", ["A a", "B b"]),
        ("kind: ConfigMapList\napiVersion: v1\nitems:\n- {metadata: {name: a}}\n", ["ConfigMap a"]),
        ("kind: Foo\nitems:\n- {kind: A, metadata: {name: a}}\n", ["A a"]),
        ("kind: Foo\nmetadata: {name: f}\nitems: {a: 1}\n", ["Foo f"]),
        ("kind: A\nmetadata: {name: a}\n--- # next\n\n---\nnull\n---\nkind: B\nmetadata: {name: b}\n...\n", ["A a", "B b"]),
        ("kind: A\r\nmetadata: {name: a}\r\n---\r\nkind: B\r\nmetadata: {name: b}\r\n", ["A a", "B b"]),
        (#"{"kind": "A", "metadata": {"name": "a\/b"}}"#, ["A a/b"]),
    ])
    func `Objects are those that an agent applies`(_ text: String, _ expected: [String]) throws {
        #expect(try read(text).objects.map { "\($0.kind) \($0.name)" } == expected)
    }

    @Test(arguments: [
        "\(head)...\n\(head)", "\(head.replacing("\n", with: "\r"))---\r\(head)", "\(head)--- {kind: A}\n",
        "\(head)--- !!map\n\(head)",
        "%YAML 1.1\n---\n\(head)", "\(head)---\n%YAML 1.1\n---\n\(head)", "\(head)\u{2028}---\n\(head)",
    ])
    func `What agents pass over or do not read is refused`(_ text: String) throws {
        #expect(throws: KustomizeError.self) { try read(text) }
    }

    @Test(arguments: [
        "a: 1\n", "- \(head)", "kind: List\nitems: [{metadata: {name: a}}]\n", "data: .inf\n\(head)", "data: {~: 1}\n\(head)",
        "data: {\"<<\": 1}\n\(head)",
        "data: {1: 1, \"1\": 2}\n\(head)", "data: {<<: {true: 1}, \"true\": 2}\n\(head)",
    ])
    func `What is no manifest is refused`(_ text: String) throws {
        #expect(throws: KustomizeError.self) { try read(text) }
    }

    @Test func `What was kept is the same as what was read`() throws {
        let first = try read("kind: A\nmetadata: {name: a, labels: {}}\nb: [1.0, yes, 0x1F, 2001-12-14]\na: \"y\"\n")
        #expect(try RenderedManifests(first.kept, of: .root, reads: [:]) == first)
    }
}
