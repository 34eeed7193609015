import GitOpsTypes
import Testing

@testable import Kustomize

/// Files outside of a kustomization's directory, as `kustomize build --load-restrictor LoadRestrictionsNone` reads them.
@Suite struct LoadRestrictionsTests {
    private static let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

    private func files(_ kustomization: String) throws -> MemoryFiles {
        let texts = [
            "overlay/kustomization.yaml": kustomization, "shared/a.yaml": Self.object, "shared/values.env": "K=v\n",
            "shared/patch.yaml": "- {op: add, path: /data, value: {P: p}}\n",
        ]
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in texts { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        return MemoryFiles(memory)
    }

    private func render(_ kustomization: String, loading: LoadRestrictions, sharing shared: SharedBases? = nil) throws -> String {
        let renderer = KustomizeRenderer(
            files: try files(kustomization), in: KustomizeDialect(loading: loading), sharing: shared)
        return String(decoding: try renderer.render(try #require(RepositoryPath("overlay"))).yaml(), as: UTF8.self)
    }

    /// What reads a file, and a part of what it makes.
    private static let readers = [
        ("resources: [../shared/a.yaml]\n", "kind: ConfigMap"),
        ("configMapGenerator: [{name: g, envs: [../shared/values.env]}]\n", "K: v"),
        ("configMapGenerator: [{name: g, files: [../shared/values.env]}]\n", "values.env: |"),
        ("resources: [../shared/a.yaml]\npatches: [{path: ../shared/patch.yaml, target: {kind: ConfigMap}}]\n", "P: p"),
    ]

    @Test(arguments: readers)
    func `Without restrictions, files are read from anywhere in the repository`(_ kustomization: String, _ made: String) throws {
        #expect(try render(kustomization, loading: .none).contains(made))
        #expect { try render(kustomization, loading: .root) } throws: {
            ($0 as? KustomizeError)?.code == .forbidden && "\($0)".contains("outside of the kustomization's directory")
        }
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "https://example.org/a.yaml"])
    func `Without restrictions, nothing is read from outside of the repository`(_ path: String) {
        #expect { try render("resources: [\(path)]\n", loading: .none) } throws: {
            ($0 as? KustomizeError)?.code == .forbidden
        }
    }

    @Test func `A base that was built without restrictions is not taken for one that is built with them`() throws {
        let texts = ["base/kustomization.yaml": "resources: [../shared/a.yaml]\n", "shared/a.yaml": Self.object]
        var memory: [RepositoryPath: [UInt8]] = [:]
        for (path, text) in texts { memory[try #require(RepositoryPath(path))] = Array(text.utf8) }
        memory[try #require(RepositoryPath("overlay/kustomization.yaml"))] = Array("resources: [../base]\n".utf8)
        let (shared, overlay) = (SharedBases(), try #require(RepositoryPath("overlay")))
        let free = KustomizeRenderer(files: MemoryFiles(memory), in: KustomizeDialect(loading: .none), sharing: shared)
        #expect(try free.render(overlay).objects.count == 1)
        #expect(throws: KustomizeError.self) {
            try KustomizeRenderer(files: MemoryFiles(memory), sharing: shared).render(overlay)
        }
    }
}
