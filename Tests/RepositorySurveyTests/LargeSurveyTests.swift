import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import RepositorySurvey

/// What takes as many steps as there are files, and not as many as there are pairs of them: with those, none of these would end.
@Suite struct LargeSurveyTests {
    /// One folder with many folders in it, each with a file.
    private struct WideFolder: FileSource {
        let names: [String]

        func entry(at path: RepositoryPath) -> FileSourceEntry { path.components.count < 3 ? .directory : .missing }

        func names(in directory: RepositoryPath) -> [String]? {
            switch directory.components.count {
            case 0: ["overlays"]
            case 1: names
            case 2 where directory.name != "kustomization.yaml": ["kustomization.yaml"]
            default: nil
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `Names beside many others are read in one look`() throws {
        let names = (0..<8_000).flatMap { ["dev-service\($0)", "prod-service\($0)"] }
        let index = try TreeIndex(of: WideFolder(names: names))
        let groups = TemplateReader(index: index, lexicon: EnvironmentLexicon()).groups(of: index.kustomizations)
        #expect(groups.count == 8_000)
        #expect(groups.allSatisfy { $0.places.count == 2 })
    }

    @Test(.timeLimit(.minutes(1))) func `Many objects in one file are read in one look`() throws {
        let objects = (0..<8_000).map { "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: a\($0) }\n" }
        let path = try #require(RepositoryPath("argo/apps.yaml"))
        let files = MemoryFiles([path: Array(objects.joined(separator: "---\n").utf8)])
        let found = AgentObjects(in: try TreeIndex(of: files), SurveyFiles(files))["argoproj.io/Application"]
        #expect(found.count == 8_000 && !found.contains(where: \.isAlone))
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [String(repeating: "*a", count: 60) + "b", Array(repeating: "**", count: 60).joined(separator: "/") + "/b"])
    func `A pattern of an ApplicationSet is matched in a few steps, whatever is in it`(_ pattern: String) throws {
        let folder = Array(repeating: "aaaaaaaaaa", count: 20).joined(separator: "/")
        var tree = SurveyedTree(["\(folder)/x.yaml": "a: 1\n", String(repeating: "a", count: 200) + "/y.yaml": "a: 1\n"])
        tree.add(
            """
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: { name: all }
            spec:
              generators: [{ git: { directories: [{ path: "\(pattern)" }], files: [{ path: "\(pattern)" }] } }]
              template: { metadata: { name: x }, spec: { source: { path: x } } }
            """, at: "argo/all.yaml")
        #expect(try !tree.proposal().hasApplications)
    }
}
