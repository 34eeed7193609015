import GitOpsTypes
import PromotionDomain
import SSHSignatures
import Testing

@testable import RepositorySurvey

/// Many applications of one pattern, and those that have not all environments.
@Suite struct SetProposalTests {
    private func tree(_ applications: [String: [String]], image: (String) -> String = { "r.example/\($0)" }) -> SurveyedTree {
        var tree = SurveyedTree()
        for (name, environments) in applications {
            tree.addBase(at: "apps/\(name)/base", images: image(name))
            for environment in environments { tree.addOverlay(at: "apps/\(name)/envs/\(environment)", on: "../../base") }
        }
        return tree
    }

    private func text(_ tree: SurveyedTree) throws -> String {
        ConfigurationText(try tree.proposal(), SetupPeople()).files().first { $0.name.hasPrefix("application") }?.content ?? ""
    }

    @Test func `Many folders of one pattern are one set`() throws {
        let all = ["dev", "prod"]
        #expect(
            try text(tree(["api": all, "web": all, "job": all])) == """
                apiVersion: promote/v1alpha1
                kind: ApplicationSet
                metadata: { name: applications }
                spec:
                  images: [{ name: "r.example/{application}" }]
                  overlay: apps/{application}/envs/{environment}

                """)
    }

    @Test func `One that is otherwise has a document of its own, and what is none is excluded`() throws {
        let all = ["dev", "prod"]
        var tree = tree(["api": all, "web": all, "job": all, "odd": ["dev"], "foreign": all]) {
            $0 == "foreign" ? "elsewhere.example/x" : "r.example/\($0)"
        }
        tree.addOverlay(at: "apps/broken/envs/dev", on: "../../nowhere")
        tree.addOverlay(at: "apps/broken/envs/prod", on: "../../nowhere")
        let text = try text(tree)
        #expect(text.contains("exclude: [broken]"))
        #expect(text.contains("metadata: { name: odd }"))
        #expect(text.contains("  overlay: apps/odd/envs/{environment}\n  environments: [dev]\n"))
        #expect(text.contains("images: [{ name: elsewhere.example/x }]\n  overlay: apps/foreign/envs/{environment}\n"))
        #expect(text.split(separator: "kind: Application\n").count == 3)
    }

    @Test(arguments: [
        ["a": ["dev"], "b": ["dev", "prod"], "c": ["prod"]],
        ["a": ["dev", "prod"], "b": ["dev", "prod"], "c": ["prod"], "d": ["dev"]],
    ])
    func `Fewer than three that have the same environments are written one by one`(_ applications: [String: [String]]) throws {
        let proposal = try tree(applications).proposal()
        #expect(proposal.sets.isEmpty)
        #expect(proposal.applications.map(\.name.text) == applications.keys.sorted())
    }

    @Test func `What a set has is configured`() throws {
        let all = ["dev", "prod"]
        let tree = tree(["api": all, "web": all, "job": all])
        let proposal = try tree.proposal()
        let set = try #require(proposal.sets.first)
        let policy = Policy(
            applications: [],
            sets: [try #require(ApplicationSet(set.name, of: set.model, excluding: []))],
            environments: proposal.environments.map { environment in
                Environment(
                    name: environment.name, source: .build, branch: nil, soak: 0,
                    approvals: ApprovalPolicy(required: 0, from: .anyone, fourEyes: []), promoters: .anyone, mergers: .anyone,
                    operators: .anyone, verifiers: .anyone)
            }, allowedSigners: AllowedSigners(entries: [], revoked: []))
        let again = try tree.proposal(besides: policy)
        #expect(!again.hasApplications && again.environments.isEmpty)
    }
}

/// Environments on branches.
@Suite struct BranchSurveyTests {
    @Test func `Branches with the same paths are environments`() throws {
        var tree = SurveyedTree()
        for environment in ["dev", "staging", "prod"] {
            tree.addBase(at: "base", images: "r.example/web")
            tree.addOverlay(at: "deploy", on: "../base")
            tree.moveToBranch(environment)
        }
        let proposal = try tree.proposal()
        #expect(proposal.chain == ["dev ← build", "staging ← dev", "prod ← staging"])
        #expect(proposal.environments.map(\.branch) == ["dev", "staging", "prod"])
        #expect(proposal.described == ["web deploy r.example/web"])
    }

    @Test func `Plain manifests on branches are promoted where they stand`() throws {
        var tree = SurveyedTree()
        for environment in ["dev", "prod"] {
            tree.add(
                "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: web, image: r.example/web }]\n",
                at: "k8s/pod.yaml")
            tree.moveToBranch(environment)
        }
        #expect(try tree.proposal().applications.map { SourceText($0.source).lines } == [["manifests: k8s"]])
    }

    @Test(arguments: ["prod", "env/prod", "environments/prod"])
    func `A branch is an environment by the whole of its name`(_ name: String) {
        #expect(SurveyTrees.environment(ofBranch: name, among: [])?.text == "prod")
    }

    @Test(arguments: ["main", "feature/prod", "fix-dev-build", "a/b/prod"])
    func `Others are none`(_ name: String) {
        #expect(SurveyTrees.environment(ofBranch: name, among: []) == nil)
    }
}
