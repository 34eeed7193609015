import GitOpsTypes
import PromotionConfiguration
import PromotionDomain
import Testing

@testable import RepositorySurvey

/// What is proposed beside a configuration that is there.
@Suite struct LaterSurveyTests {
    private func tree(_ applications: [String: [String]]) -> SurveyedTree {
        var tree = SurveyedTree()
        for (name, environments) in applications {
            tree.addBase(at: "apps/\(name)/base", images: "r.example/\(name)")
            for environment in environments { tree.addOverlay(at: "apps/\(name)/envs/\(environment)", on: "../../base") }
        }
        return tree
    }

    /// The policy that is written for a tree, besides one that is there.
    private func written(_ tree: SurveyedTree, besides files: [String: [UInt8]] = [:]) throws -> [String: [UInt8]] {
        let existing = files.isEmpty ? nil : try PolicyLoader(zones: NoTimeZones()).load(files)
        let text = ConfigurationText(
            try tree.proposal(besides: existing), SetupPeople(), besides: Set(files.keys))
        return files.merging(text.files().map { ($0.name, Array($0.content.utf8)) }) { present, _ in present }
    }

    private func chain(_ files: [String: [UInt8]]) throws -> [String] {
        try PolicyLoader(zones: NoTimeZones()).load(files).environments.map {
            "\($0.name) ← \($0.source.environments.map(\.text).joined(separator: "+"))"
        }
    }

    @Test(arguments: [["web"], ["web", "api"], ["web", "api", "job"]])
    func `An environment that is there since is added, and nothing else`(_ names: [String]) throws {
        func all(_ environments: String...) -> [String: [String]] {
            Dictionary(uniqueKeysWithValues: names.map { ($0, environments) })
        }
        let first = try written(tree(all("dev", "prod")))
        let later = try written(tree(all("dev", "staging", "prod")), besides: first)
        #expect(Set(later.keys).subtracting(first.keys) == ["environments-2.yaml"])
        #expect(try chain(later) == ["dev ← ", "prod ← dev", "staging ← dev"])
        let proposal = try tree(all("dev", "staging", "prod")).proposal(
            besides: PolicyLoader(zones: NoTimeZones()).load(first))
        #expect(!proposal.hasApplications)
        #expect(proposal.because(of: "environment prod stays as it is")?.contains("promotesFrom: [staging]") == true)
        #expect(try written(tree(all("dev", "staging", "prod")), besides: later) == later)
    }

    @Test func `Applications that lack it, and those that do not list it, are told with the key to write`() throws {
        let first = try written(tree(["web": ["dev", "prod"], "api": ["dev", "prod"], "old": ["dev"]]))
        let proposal = try tree(["web": ["dev", "qa", "prod"], "api": ["dev", "prod"], "old": ["dev", "qa"]]).proposal(
            besides: PolicyLoader(zones: NoTimeZones()).load(first))
        #expect(proposal.chain == ["qa ← dev"])
        #expect(proposal.because(of: "api without qa")?.contains("under `environments` of the application") == true)
        #expect(proposal.because(of: "old in qa")?.contains("`environments` of the application does not list it") == true)
    }
}
