import GitOpsTypes
import PromotionDomain
import Testing

@testable import RepositorySurvey

/// Two looks at one repository propose the same, to the byte.
@Suite struct RepeatableSurveyTests {
    private static let environments = ["dev", "test", "qa", "uat", "perf", "staging", "preprod", "prod"]

    private func written(_ tree: SurveyedTree, _ seed: UInt64?) throws -> [String] {
        let proposal = try tree.proposal(shuffledBy: seed)
        return ConfigurationText(proposal, SetupPeople()).files().map(\.content)
            + proposal.guesses.map { "\($0.about): \($0.because)" }
    }

    private func requireSame(_ tree: SurveyedTree) throws {
        let first = try written(tree, nil)
        for seed in 1...12 { #expect(try written(tree, UInt64(seed)) == first) }
    }

    /// Several patterns of as many applications: of each pair of environments, three.
    @Test func `Of sets that are as large, the one with the first name is written`() throws {
        var tree = SurveyedTree()
        for (group, pair) in [["dev", "qa"], ["dev", "prod"], ["qa", "prod"], ["qa", "uat"], ["uat", "prod"]].enumerated() {
            for member in ["x", "y", "z"] {
                let name = "\(member)\(5 - group)"
                tree.addBase(at: "apps/\(name)/base", images: "r.example/\(name):1.\(group)")
                for environment in pair { tree.addOverlay(at: "apps/\(name)/envs/\(environment)", on: "../../base") }
            }
        }
        let set = try #require(try tree.proposal().sets.first)
        #expect(set.model.environments?.map(\.text).sorted() == ["prod", "uat"])
        #expect(set.excluded.isEmpty)
        try requireSame(tree)
    }

    @Test func `Of values that differ, those of the first environment name the image`() throws {
        var copies = SurveyedTree()
        var applications = SurveyedTree(["charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n"])
        for environment in Self.environments {
            let values = "image: { repository: r.example/\(environment), tag: 1.0 }\n"
            copies.add("apiVersion: v2\nname: web\nversion: 1.0.0\n", at: "envs/\(environment)/web/Chart.yaml")
            copies.add(values, at: "envs/\(environment)/web/values.yaml")
            applications.add(values, at: "charts/web/values-\(environment).yaml")
            applications.add(
                """
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata: { name: web-\(environment) }
                spec:
                  destination: { namespace: web }
                  source: { path: charts/web, helm: { releaseName: web, valueFiles: [values-\(environment).yaml] } }
                """, at: "argo/\(environment).yaml")
        }
        for tree in [copies, applications] {
            #expect(try tree.proposal().applications.flatMap(\.images).map(\.text) == ["r.example/dev"])
            try requireSame(tree)
        }
    }

    @Test func `One image with several tags is the same in every look`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web:1.0", "r.example/web:2.0", "r.example/web:3.0", "r.example/web:4.0")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        try requireSame(tree)
    }
}
