import Foundation
import GitOpsTypes
import PromoteTestSupport
import Testing

@testable import Kustomize

/// Our renderer against what `kubectl kustomize` printed for the same input (`scripts/regenerate-goldens`), byte for byte.
@Suite struct ConformanceTests {
    private static let fixtures = Playground.repositoryRoot.appending(path: "Tests/KustomizeTests/Fixtures")

    static let cases: [String] = {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: fixtures.path) else { return [] }
        return names.sorted()
    }()

    @Test func `There are cases`() {
        #expect(Self.cases.count >= 25)
    }

    @Test(arguments: cases)
    func `An overlay renders as kustomize renders it`(_ name: String) throws {
        let folder = Self.fixtures.appending(component: name)
        var files: [RepositoryPath: [UInt8]] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            guard let data = FileManager.default.contents(atPath: folder.appending(path: path).path),
                let key = RepositoryPath(path)
            else { continue }
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isDirectory)
            if !isDirectory.boolValue { files[key] = Array(data) }
        }
        let expected = try #require(RepositoryPath("expected.yaml").flatMap { files[$0] })
        let rendered = try KustomizeRenderer(files: MemoryFiles(files)).render(.root).yaml()
        #expect(String(decoding: rendered, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
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
        ("helmCharts: []\n", "kustomization.yaml:1:1: helmCharts is not supported yet"),
        ("validators: []\n", "kustomization.yaml:1:1: validators is not supported yet"),
        ("resources: [missing.yaml]\n", "kustomization.yaml:1:13: missing.yaml does not exist"),
        ("resources: [../../etc/passwd]\n", "kustomization.yaml:1:13: “../../etc/passwd” leads out of the repository"),
        ("resources: [/etc/passwd]\n", "leads out of the repository"),
        ("resources: [https://example.org/x.yaml]\n", "is on another host"),
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
        ("a: b\n---\nc: d\n", "a kustomization is one document"),
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
