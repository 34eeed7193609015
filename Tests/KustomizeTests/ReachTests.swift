import GitOpsTypes
import Testing

@testable import Kustomize

/// What a change can reach is found without rendering, and never too little.
@Suite struct ReachTests {
    private func outcome(_ files: [RepositoryPath: [UInt8]], _ overlay: RepositoryPath) -> [UInt8]? {
        do { return try KustomizeRenderer(files: MemoryFiles(files)).render(overlay).yaml() } catch { return nil }
    }

    @Test(arguments: try ConformanceCase.all())
    func `Whatever changes the render is reached`(_ test: ConformanceCase) throws {
        let before = outcome(test.files, test.overlay)
        var reach = KustomizationReach(files: MemoryFiles(test.files))
        for (path, bytes) in test.files {
            for change in [nil, bytes + Array("\nmore: {".utf8)] as [[UInt8]?] {
                var files = test.files
                files[path] = change
                guard outcome(files, test.overlay) != before else { continue }
                #expect(try reach.isTouched(test.overlay, by: [path]), "\(path)")
            }
        }
    }

    @Test func `What an overlay does not refer to does not reach it, through bases neither`() throws {
        func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }
        let files = [
            try path("base/kustomization.yaml"): "resources: [app.yaml]\n", try path("base/app.yaml"): "kind: X\n",
            try path("dev/kustomization.yaml"): "resources: [../base]\npatches: [{path: patch.yaml}]\n",
            try path("prod/kustomization.yaml"): "resources: [../base]\n",
            try path("odd/kustomization.yaml"): "resources: [../base]\ntransformers: [t.yaml]\n",
        ].mapValues { Array($0.utf8) }
        var reach = KustomizationReach(files: MemoryFiles(files))
        #expect(try reach.isTouched(path("prod"), by: [path("base/app.yaml")]))
        #expect(try !reach.isTouched(path("prod"), by: [path("dev/patch.yaml"), path("README.md"), path("base/other.yaml")]))
        // Where the file is not there yet, it may come; and below it.
        #expect(try reach.isTouched(path("dev"), by: [path("dev/patch.yaml")]))
        #expect(try reach.isTouched(path("dev"), by: [path("dev/patch.yaml/x")]))
        #expect(try reach.isTouched(path("dev"), by: [path("dev/kustomization.yml")]))
        // A link may come to stand for a folder on the way.
        let later = [try path("dev/kustomization.yaml"): Array("resources: [../later/on/base]\n".utf8)]
        var laterReach = KustomizationReach(files: MemoryFiles(later))
        #expect(try laterReach.isTouched(path("dev"), by: [path("later")]))
        #expect(try laterReach.isTouched(path("dev"), by: [path("later/on")]))
        #expect(try !laterReach.isTouched(path("dev"), by: [path("latest")]))
        // What words cannot tell is rendered.
        #expect(try reach.isTouched(path("odd"), by: [path("README.md")]))
    }
}
