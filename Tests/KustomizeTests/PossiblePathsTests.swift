import GitOpsTypes
import Testing

@testable import Kustomize

/// Of what is not rendered, every word that could be a path is found, wherever it stands.
@Suite struct PossiblePathsTests {
    @Test(arguments: [
        "crds: [../shared/x.yaml]", "files: [key=../shared/x.yaml]", "valuesFile: \"../sh\\u0061red/x.yaml\"",
        "path: >-\n  ../shared/x.yaml\n", "? ../shared/x.yaml\n: value", "a: &a ../shared/x.yaml\nb: *a",
        // A configuration within one.
        "function: |\n  exec:\n    path: ../shared/x.yaml\n", "- |-\n  kind: T\n  path: \"../sh\\x61red/x.yaml\"\n",
        // What is no YAML, or none that can be read.
        "#!/bin/sh\ncat <../shared/x.yaml | sed 's/a/b/'\n", "name: a\nname: b\nvaluesFile: ../shared/x.yaml\n",
        "{{ include \"../shared/x.yaml\" . }}", "curl -d @../shared/x.yaml host", "as it says in ../shared/x.yaml.",
        "a: [\n# ../shared/x.yaml",
    ])
    func `A path is found`(_ text: String) throws {
        #expect(try #require(PossiblePaths.words(of: Array(text.utf8))).contains("../shared/x.yaml"))
    }

    @Test func `A path with spaces is found where YAML has it`() throws {
        let text = "path: |-\n  inner: 'my dir/x.yaml'\nother: my dir/y.yaml\n"
        let words = try #require(PossiblePaths.words(of: Array(text.utf8)))
        #expect(words.isSuperset(of: ["my dir/x.yaml", "my dir/y.yaml"]))
    }

    @Test(arguments: ["path: {}", "path: \"{}\"", "cat <{}"]) func `A path is found, however long`(_ text: String) throws {
        let path = String(repeating: "./", count: 4_000) + "../x.yaml"
        let words = PossiblePaths.words(of: Array(text.replacing("{}", with: path).utf8))
        #expect(try #require(words).contains(path))
    }

    @Test func `Too many words are none that can be told`() {
        let text = (0...100_000).map { "w\($0)" }.joined(separator: " ")
        #expect(PossiblePaths.words(of: Array(text.utf8)) == nil)
    }
}
