import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import Kustomize

/// Our renderer against what `kubectl kustomize` printed for the same input (`scripts/regenerate-goldens`), byte for byte.
@Suite struct ConformanceTests {
    @Test func `There are at least three hundred cases, and an expectation for each`() throws {
        let cases = try ConformanceCase.all()
        #expect(cases.count >= 300)
        #expect(cases.allSatisfy { $0.expected != nil })
        #expect(cases.contains { $0.exceptions[.v5_5] != nil } && cases.contains { $0.exceptions[.v5_7] != nil })
    }

    @Test(arguments: try ConformanceCase.all())
    func `An overlay renders as kustomize renders it`(_ test: ConformanceCase) throws {
        try test.check(as: .standard, expecting: #require(test.expected))
    }

    /// Also where it renders the same: so a change that is meant for one release shows in no other.
    @Test(arguments: try ConformanceCase.all())
    func `An overlay renders as an older kustomize renders it`(_ test: ConformanceCase) throws {
        for version in KustomizeVersion.allCases where version != .standard {
            try test.check(as: version, expecting: #require(test.exceptions[version] ?? test.expected))
        }
    }
}

/// A case of `Cases`, with what `Expected` says of it.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let topic: String
    let name: String
    var overlay = RepositoryPath.root
    /// A part of the message with which we refuse the case.
    var refusal: String?
    var files: [RepositoryPath: [UInt8]] = [:]
    var expected: String?
    /// What older releases make otherwise.
    var exceptions: [KustomizeVersion: String] = [:]

    var testDescription: String { "\(topic): \(name)" }

    func check(as version: KustomizeVersion, expecting expected: String) throws {
        let render = { try KustomizeRenderer(files: MemoryFiles(files), in: KustomizeDialect(version)).render(overlay).yaml() }
        // Older releases may refuse it for another reason.
        if let refusal, version == .standard || expected != "!!! refused\n" {
            #expect { try render() } throws: { $0 is KustomizeError && "\($0)".contains(refusal) }
        } else if expected == "!!! refused\n" {
            #expect(throws: KustomizeError.self, "Kustomize \(version.rawValue) refuses it") { try render() }
        } else {
            #expect(String(decoding: try render(), as: UTF8.self) == expected, "as Kustomize \(version.rawValue)")
        }
    }

    struct Malformed: Error {
        let line: String
    }

    static func all() throws -> [ConformanceCase] {
        let folder = Playground.repositoryRoot.appending(path: "Tests/KustomizeTests")
        let cases = folder.appending(path: "Cases")
        return try FileManager.default.contentsOfDirectory(atPath: cases.path).sorted().flatMap { file in
            let outputs = try Self.outputs(folder.appending(path: "Expected/\(file)"))
            let exceptions = try KustomizeVersion.allCases.filter { $0 != .standard }.map { version in
                (version, try Self.outputs(folder.appending(path: "Expected/\(version.rawValue)/\(file)")))
            }
            return try sections(String(contentsOf: cases.appending(path: file), encoding: .utf8)).map { section in
                var result = try ConformanceCase(topic: String(file.dropLast(4)), name: section.name, text: section.text)
                result.expected = outputs[section.name]
                for (version, outputs) in exceptions { result.exceptions[version] = outputs[section.name] }
                return result
            }
        }
    }

    /// Nothing where there is no such file: no case of the topic is an exception.
    private static func outputs(_ file: URL) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [:] }
        return sections(try String(contentsOf: file, encoding: .utf8)).reduce(into: [String: String]()) { $0[$1.name] = $1.text }
    }

    private init(topic: String, name: String, text: String) throws {
        self.topic = topic
        self.name = name
        var contents: [(path: String, text: String)] = []
        for line in Self.lines(text) {
            if line.hasPrefix("--- ") {
                contents.append((path: String(line.dropFirst(4).dropLast()), text: ""))
            } else if !contents.isEmpty {
                contents[contents.count - 1].text += line
            } else if line.hasPrefix("# overlay: "), let path = RepositoryPath(String(line.dropFirst(11).dropLast())) {
                overlay = path
            } else if line.hasPrefix("# refused: ") {
                refusal = String(line.dropFirst(11).dropLast())
            } else {
                throw Malformed(line: line)
            }
        }
        for (path, text) in contents {
            let (name, bytes) = Self.content(path, text)
            guard let key = RepositoryPath(name) else { throw Malformed(line: path) }
            files[key] = bytes
        }
    }

    private static func content(_ path: String, _ text: String) -> (path: String, bytes: [UInt8]) {
        let bytes = Array(text.utf8)
        if path.hasSuffix(" (hex)") {
            let digits = bytes.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            let pairs = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
            return (String(path.dropLast(6)), pairs)
        }
        if path.hasSuffix(" (no newline)") { return (String(path.dropLast(13)), bytes.dropLast()) }
        return (path, bytes)
    }

    private static func sections(_ text: String) -> [(name: String, text: String)] {
        var result: [(name: String, text: String)] = []
        for line in lines(text) {
            if line.hasPrefix("=== ") {
                result.append((name: String(line.dropFirst(4).dropLast()), text: ""))
            } else if !result.isEmpty {
                result[result.count - 1].text += line
            }
        }
        return result
    }

    /// The lines of `text` with the line feeds at their ends. A carriage return is a character like others here.
    private static func lines(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map {
            String(decoding: Array($0) + [UInt8(ascii: "\n")], as: UTF8.self)
        }
    }
}

@Suite struct KustomizeErrorTests {
    private func render(_ files: [String: String], _ directory: String = ".") throws -> RenderedManifests {
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in files { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        return try KustomizeRenderer(files: MemoryFiles(memory)).render(try #require(RepositoryPath(directory)))
    }

    private static let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    /// The kustomization, where the error is, and a part of what it says.
    @Test(arguments: [
        ("resources: [r.yaml]\nresourcez: []\n", "kustomization.yaml:2:1: unknown field “resourcez”; did you mean “resources”?"),
        ("configurations: [x]\n", "kustomization.yaml:1:18: x does not exist"),
        ("components: [x]\n", "kustomization.yaml:1:14: x does not exist"),
        (
            "replacements: [{source: {kind: Pod}, targets: [{select: {kind: Pod}}]}]\nresources: [r.yaml]\n",
            "nothing is selected by the source"
        ),
        (
            "replacements: [{source: {kind: ConfigMap}, targets: [{select: {kind: ConfigMap}, fieldPaths: [a.b]}]}]\nresources: [r.yaml]\n",
            "has no field a.b"
        ),
        ("helmCharts: [{name: web}]\n", "kustomization.yaml:1:14: web is a chart, and no helm is run here"),
        ("validators: [v.yaml]\n", "kustomization.yaml:1:14: validators is not supported yet"),
        ("resources: [missing.yaml]\n", "kustomization.yaml:1:13: missing.yaml does not exist"),
        ("resources: [../../etc/passwd]\n", "kustomization.yaml:1:13: “../../etc/passwd” leads out of the repository"),
        ("resources: [/etc/passwd]\n", "leads out of the repository"),
        ("resources: [https://example.org/x.yaml]\n", "is a file on a web server"),
        ("resources: ['github.com/a/b?ref=c']\n", "is on another host"),
        ("resources: [.]\n", "build on each other in a circle: . → ."),
        ("resources: [r.yaml, r.yaml]\n", "ConfigMap a is given twice"),
        ("namespace: 12\n", "kustomization.yaml:1:12: this must be a string"),
        ("namespace: y\n", "kustomization.yaml:1:12: this must be a string, and YAML 1.1 reads y as a boolean"),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "the kustomization is empty"),
        ("images: [{name: x, newTag: 1.20}]\n", "this must be a string"),
        ("images: [{name: x, digst: y}]\n", "unknown field “digst”; did you mean “digest”?"),
        (
            "replicas: [{name: a, count: 2}]\nresources: [r.yaml]\n",
            "no Deployment, ReplicationController, ReplicaSet or StatefulSet has that name"
        ),
        ("patches: [{path: p.yaml, patch: x}]\n", "either path or patch"),
        (
            "resources: [r.yaml]\npatches: [{patch: '[{\"op\": \"remove\", \"path\": \"/data/x\"}]', target: {kind: ConfigMap}}]\n",
            "the path /data/x does not exist"
        ),
        (
            "resources: [r.yaml]\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}'}]\n",
            "no object matches the patch for ConfigMap b"
        ),
        ("configMapGenerator: [{name: a}]\nresources: [r.yaml]\n", "exists already"),
        ("configMapGenerator: [{name: b, behavior: merge}]\n", "there is no ConfigMap b to merge"),
        ("configMapGenerator: [{name: b, literals: [novalue]}]\n", "is not key=value"),
        ("", "the kustomization is empty"),
    ])
    func `What cannot be rendered exactly is refused, with the place`(_ kustomization: String, _ message: String) {
        #expect { try render(["kustomization.yaml": kustomization, "r.yaml": Self.object]) } throws: { error in
            error is KustomizeError && "\(error)".contains(message)
        }
    }

    @Test func `A file outside the kustomization's directory is refused, a directory is not`() throws {
        let files = ["base/kustomization.yaml": "resources: [r.yaml]\n", "base/r.yaml": Self.object]
        #expect(try render(files.merging(["o/kustomization.yaml": "resources: [../base]\n"]) { $1 }, "o").objects.count == 1)
        #expect { try render(files.merging(["o/kustomization.yaml": "resources: [../base/r.yaml]\n"]) { $1 }, "o") } throws: {
            "\($0)".contains("outside of the kustomization's directory")
        }
    }
}
