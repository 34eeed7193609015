import PromotionDomain
import Testing

@testable import RepositorySurvey

@Suite struct OverlaySurveyTests {
    static let layouts: [(layout: String, folders: [String], base: String, template: String)] = [
        ("overlays/<env>", ["overlays/dev", "overlays/staging", "overlays/prod"], "../../base", "overlays/{environment}"),
        ("under another folder", ["deploy/k8s/dev", "deploy/k8s/prod"], "../../../base", "deploy/k8s/{environment}"),
        ("<env>/<app>", ["dev/web", "prod/web"], "../../base", "{environment}/web"),
        ("overlays/<env>/<app>", ["overlays/qa/web", "overlays/live/web"], "../../../base", "overlays/{environment}/web"),
        (
            "apps/<app>/overlays/<env>", ["apps/web/overlays/uat", "apps/web/overlays/prod"], "../../../../base",
            "apps/web/overlays/{environment}"
        ),
        (
            "apps/<app>/envs/<env>", ["apps/web/envs/test", "apps/web/envs/production"], "../../../../base",
            "apps/web/envs/{environment}"
        ),
        ("stages/<env>", ["stages/test", "stages/uat", "stages/prod"], "../../base", "stages/{environment}"),
        ("<app>-<env>", ["overlays/web-dev", "overlays/web-prod"], "../../base", "overlays/web-{environment}"),
        (
            "the environment twice", ["clusters/dev/web-dev", "clusters/prod/web-prod"], "../../../base",
            "clusters/{environment}/web-{environment}"
        ),
        (
            "a word that is none at the top", ["test/kustomize/overlays/dev", "test/kustomize/overlays/prod"], "../../../../base",
            "test/kustomize/overlays/{environment}"
        ),
    ]

    @Test(arguments: layouts)
    func `The environment is found wherever it stands in the path`(
        _ layout: String, _ folders: [String], _ base: String, _ template: String
    ) throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "registry.example/web:1.0")
        for folder in folders { tree.addOverlay(at: folder, on: base) }
        let proposal = try tree.proposal()
        #expect(proposal.applications.map { $0.source.path?.text } == [template], "\(layout)")
        #expect(proposal.environments.count == folders.count)
        #expect(proposal.applications.first?.name.text == "web")
    }

    @Test(arguments: ["kustomization.yaml", "kustomization.yml", "Kustomization"])
    func `All three names of a kustomization are read`(_ name: String) throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "registry.example/web")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base", file: name) }
        #expect(try tree.proposal().described == ["web overlays/{environment} registry.example/web"])
    }

    @Test func `Eleven images in one kustomization are eleven applications that share the overlay`() throws {
        var tree = SurveyedTree()
        tree.addBase(
            at: "base", images: "r.example/a", "r.example/b", "r.example/c", "r.example/d", "r.example/e", "r.example/f",
            "r.example/g", "r.example/h", "r.example/i", "r.example/j", "r.example/k", "redis:7")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        let proposal = try tree.proposal()
        #expect(proposal.applications.count == 11)
        #expect(Set(proposal.applications.map { $0.source }).count == 1)
        #expect(proposal.because(of: "redis")?.contains("built elsewhere") == true)
    }

    @Test func `What is beside the pinned images in their registry is built for the overlay, too`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/acme/web", "r.example/acme/api", "elsewhere.example/tool")
        for environment in ["dev", "prod"] {
            tree.addOverlay(
                at: "overlays/\(environment)", on: "../../base", more: "images: [{ name: r.example/acme/web, newTag: \"1\" }]\n")
        }
        #expect(try tree.proposal().applications.map(\.name.text) == ["api", "web"])
    }

    @Test func `An image that every environment takes from a registry of its own goes by the name that all rename`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "web")
        for environment in ["dev", "prod"] {
            tree.addOverlay(
                at: "overlays/\(environment)", on: "../../base",
                more: "images: [{ name: web, newName: \(environment).example/web, newTag: \"1\" }]\n")
        }
        #expect(try tree.proposal().described == ["web overlays/{environment} web"])
    }

    @Test func `An image that all environments rename alike goes by its new name`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "app")
        for environment in ["dev", "prod"] {
            tree.addOverlay(
                at: "overlays/\(environment)", on: "../../base", more: "images: [{ name: app, newName: ghcr.io/acme/shop }]\n")
        }
        #expect(try tree.proposal().described == ["shop overlays/{environment} ghcr.io/acme/shop"])
    }

    @Test func `Of overlays inside overlays, those that are put together are applications`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base/web", images: "r.example/web")
        tree.addBase(at: "base/api", images: "r.example/api")
        for environment in ["dev", "prod"] {
            tree.addOverlay(at: "overlays/\(environment)/web", on: "../../../base/web")
            tree.addOverlay(at: "overlays/\(environment)/api", on: "../../../base/api")
            tree.addOverlay(at: "overlays/\(environment)", on: "web, api")
        }
        #expect(
            try tree.proposal().described == [
                "api overlays/{environment}/api r.example/api", "web overlays/{environment}/web r.example/web",
            ])
    }

    @Test func `Components, bases and folders of other words are no environments`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        tree.add("kind: Component\n", at: "components/prod/kustomization.yaml")
        tree.addOverlay(at: "overlays/dev", on: "../../base")
        tree.addOverlay(at: "overlays/prod", on: "../../base")
        tree.addOverlay(at: "overlays/tracing", on: "../../base")
        let proposal = try tree.proposal()
        #expect(proposal.environments.map(\.name.text) == ["dev", "prod"])
        #expect(proposal.because(of: "overlays/tracing is left alone")?.contains("--env tracing") == true)
    }

    @Test func `Kustomizations that read files outside of their folder say so`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        tree.add("a: b\n", at: "shared/config.yaml")
        for environment in ["dev", "prod"] {
            tree.addOverlay(
                at: "overlays/\(environment)", on: "../../base",
                more: "configMapGenerator: [{ name: c, files: [../../shared/config.yaml] }]\n")
        }
        #expect(
            try tree.proposal().applications.map { SourceText($0.source).lines } == [
                ["overlay: overlays/{environment}", "loadRestrictions: none"]
            ])
    }

    @Test func `What does not render is left alone, and said`() throws {
        var tree = SurveyedTree()
        tree.addOverlay(at: "overlays/dev", on: "../../nowhere")
        tree.addOverlay(at: "overlays/prod", on: "../../nowhere")
        let proposal = try tree.proposal()
        #expect(proposal.applications.isEmpty && proposal.hasManifests)
        #expect(proposal.because(of: "overlays/{environment} is left alone")?.contains("does not render") == true)
    }

    @Test func `Environments of the configuration's own folder are left alone`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "environments/\(environment)", on: "../../base") }
        let proposal = try tree.proposal()
        #expect(proposal.applications.isEmpty)
        #expect(proposal.because(of: "environments/{environment} is left alone") != nil)
    }

    @Test func `A person's words win over every guess`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web", "r.example/worker")
        for environment in ["red", "amber", "dev"] { tree.addOverlay(at: "where/\(environment)", on: "../../base") }
        tree.request.environments = ["red", "amber"].compactMap(EnvironmentNames.make)
        tree.request.images = [ImageNames.make("r.example/worker")].compactMap(\.self)
        let proposal = try tree.proposal()
        #expect(proposal.chain == ["red ← build", "amber ← red"])
        #expect(proposal.described == ["worker where/{environment} r.example/worker"])
    }

    @Test func `Names that are no labels of DNS do not become names, and places keep theirs`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/my_app.v2")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "My_App/\(environment)", on: "../../base") }
        #expect(try tree.proposal().described == ["my-app-v2 My_App/{environment} r.example/my_app.v2"])
    }
}
