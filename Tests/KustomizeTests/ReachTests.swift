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

    /// A base that is named in so many bytes that its path is longer than any on a disk.
    @Test func `A long way to a base is a way`() throws {
        func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }
        let way = String(repeating: "./", count: 4_000) + "../base"
        let files = [
            try path("base/kustomization.yaml"): "resources: [app.yaml]\n",
            try path("base/app.yaml"): "kind: ConfigMap\nmetadata: {name: a}\n",
            try path("dev/kustomization.yaml"): "resources: [\(way)]\n",
        ].mapValues { Array($0.utf8) }
        #expect(outcome(files, try path("dev")) != nil)
        var reach = KustomizationReach(files: MemoryFiles(files))
        #expect(try reach.isTouched(path("dev"), by: [path("base/app.yaml")]))
    }

    /// Files without links, but for one.
    private struct LinkedFiles: FileSource {
        let files: MemoryFiles
        let link: RepositoryPath?

        func entry(at path: RepositoryPath) -> FileSourceEntry { files.entry(at: path) }
        func names(in directory: RepositoryPath) -> [String]? { files.names(in: directory) }
        func isLink(_ path: RepositoryPath) -> Bool { path == link }
    }

    /// The definition of a chart, what stands behind a link in it, and whether it is rendered from what is elsewhere.
    @Test(
        arguments: [
            ("name: web\n", nil, false),
            ("name: web # file://../lib\ndescription: file://../lib\n", nil, false),
            ("dependencies: [{name: lib, repository: 'file://../lib'}]\n", nil, true),
            (#"dependencies: [{name: lib, repository: "\x66ile://../lib"}]"#, nil, true),
            (#"dependencies: [{name: lib, repository: "fil\u0065://../lib"}]"#, nil, true),
            ("dependencies:\n- name: lib\n  repository: \"fi\\\n    le://../lib\"\n", nil, true),
            ("x: &r file://../lib\ndependencies: [{name: lib, repository: *r}]\n", nil, true),
            // What is vendored is not looked for elsewhere.
            ("dependencies: [{name: mine, repository: 'file://../mine'}]\n", nil, false),
            ("dependencies: [\n", nil, true), ("name: web\n", "charts/web/templates/a.yaml", true),
        ] as [(String, String?, Bool)])
    func `A chart reaches what its definition names`(_ definition: String, _ link: String?, _ isFurther: Bool) throws {
        func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }
        let files = [
            try path("dev/kustomization.yaml"): "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\n",
            try path("charts/web/Chart.yaml"): definition, try path("charts/web/charts/mine/Chart.yaml"): "name: mine\n",
            try path("charts/web/templates/a.yaml"): "kind: ConfigMap\n", try path("charts/lib/Chart.yaml"): "name: lib\n",
        ].mapValues { Array($0.utf8) }
        let source = LinkedFiles(files: MemoryFiles(files), link: link.flatMap { RepositoryPath($0) })
        var reach = KustomizationReach(files: source)
        #expect(try reach.isTouched(path("dev"), by: [path("charts/lib/values.yaml")]) == isFurther)
        #expect(try reach.isTouched(path("dev"), by: [path("charts/web/values.yaml")]))
        #expect(try ChartReferences.isReachingFurther(path("charts/web"), in: source) == isFurther)
    }
}
