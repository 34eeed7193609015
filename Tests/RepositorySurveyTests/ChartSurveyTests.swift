import GitOpsTypes
import PromotionDomain
import Testing

@testable import RepositorySurvey

@Suite struct ChartSurveyTests {
    private static let triple = "image:\n  repository: registry.example/web\n  tag: \"1.0\"\n"

    private func chart(at folder: String, values: String, more: [String: String]) -> SurveyedTree {
        var tree = SurveyedTree(more)
        tree.add("apiVersion: v2\nname: web\nversion: 1.0.0\n", at: folder + "/Chart.yaml")
        tree.add(values, at: folder + "/values.yaml")
        return tree
    }

    private func source(_ tree: SurveyedTree) throws -> [String] {
        try tree.proposal().applications.flatMap { SourceText($0.source).lines }
    }

    static let places: [(place: String, template: String)] = [
        ("charts/web/values-$E.yaml", "charts/web/values-{environment}.yaml"),
        ("charts/web/values/$E.yaml", "charts/web/values/{environment}.yaml"),
        ("values/$E.yaml", "values/{environment}.yaml"), ("envs/$E.yaml", "envs/{environment}.yaml"),
        ("envs/$E/values.yaml", "envs/{environment}/values.yaml"),
        ("deploy/web/$E/values.yaml", "deploy/web/{environment}/values.yaml"),
    ]

    @Test(arguments: places)
    func `Values by environment are found beside the chart and anywhere else`(_ place: String, _ template: String) throws {
        let values = ["dev", "prod"].map { (place.replacing("$E", with: $0), "replicas: 1\n") }
        let tree = chart(at: "charts/web", values: Self.triple, more: Dictionary(uniqueKeysWithValues: values))
        #expect(
            try source(tree) == [
                "helm:", "  chart: charts/web", "  values: [\"\(template)\"]", "  images:",
                "    - { name: registry.example/web, repository: /image/repository, tag: /image/tag }",
            ])
    }

    static let values: [(text: String, fields: String)] = [
        (
            "image:\n  registry: r.example\n  repository: web\n  tag: x\n  digest: \"\"\n",
            "name: r.example/web, registry: /image/registry, repository: /image/repository, tag: /image/tag, digest: /image/digest"
        ),
        ("web:\n  image: r.example/web:1.0\n", "name: r.example/web, reference: /web/image"),
        ("image:\n  repository: r.example/web\n", "name: r.example/web, repository: /image/repository, tag: /image/tag"),
    ]

    @Test(arguments: values)
    func `Images are found as parts and as whole references`(_ text: String, _ fields: String) throws {
        let tree = chart(
            at: "chart", values: text, more: ["chart/values-dev.yaml": "a: 1\n", "chart/values-prod.yaml": "a: 2\n"])
        #expect(try source(tree).last == "    - { \(fields) }")
    }

    @Test func `A chart of which each environment has a copy is one source`() throws {
        var tree = SurveyedTree()
        for environment in ["dev", "prod"] {
            tree.add("apiVersion: v2\nname: web\nversion: 1.0.0\n", at: "deploy/\(environment)/web/Chart.yaml")
            tree.add(Self.triple, at: "deploy/\(environment)/web/values.yaml")
            tree.add("a: 1\n", at: "deploy/\(environment)/web/values-dev.yaml")
        }
        #expect(try source(tree).prefix(3) == ["helm:", "  chart: deploy/{environment}/web", "  images:"])
    }

    @Test func `A chart without such values, and one that names no image, are left alone`() throws {
        let bare = chart(at: "chart", values: Self.triple, more: [:])
        #expect(try bare.proposal().because(of: "the chart chart is left alone") != nil)
        let silent = chart(
            at: "chart", values: "a: 1\n", more: ["chart/values-dev.yaml": "a: 1\n", "chart/values-prod.yaml": "a: 2\n"])
        let proposal = try silent.proposal()
        #expect(proposal.applications.isEmpty && proposal.hasManifests)
        #expect(proposal.because(of: "chart with chart/values-{environment}.yaml is left alone") != nil)
    }
}

@Suite struct PlainSurveyTests {
    private func pod(_ image: String) -> String {
        "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: web, image: \(image) }]\n"
    }

    @Test func `A folder of plain manifests for each environment`() throws {
        let tree = SurveyedTree([
            "deploy/dev/pod.yaml": pod("r.example/web:2"),
            "deploy/dev/more/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: a }\n",
            "deploy/prod/pod.yaml": pod("r.example/web:1"),
        ])
        let proposal = try tree.proposal()
        #expect(proposal.described == ["web deploy/{environment} r.example/web"])
        #expect(
            proposal.applications.first.map { SourceText($0.source).lines } == ["manifests: deploy/{environment}"])
    }

    @Test func `A file of plain manifests for each environment`() throws {
        let tree = SurveyedTree(["k8s/web-dev.yaml": pod("r.example/web"), "k8s/web-prod.yaml": pod("r.example/web")])
        #expect(try tree.proposal().described == ["web k8s/web-{environment}.yaml r.example/web"])
    }

    @Test func `Of places inside of each other, one is promoted`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        for environment in ["dev", "prod"] {
            tree.addOverlay(at: "overlays/\(environment)", on: "../../base")
            tree.add("apiVersion: v2\nname: api\nversion: 1.0.0\n", at: "overlays/\(environment)/chart/Chart.yaml")
            tree.add("image: { repository: r.example/api, tag: x }\n", at: "overlays/\(environment)/chart/values.yaml")
        }
        let proposal = try tree.proposal()
        #expect(proposal.described == ["web overlays/{environment} r.example/web"])
        #expect(
            proposal.because(of: "overlays/{environment}/chart is left alone")?.contains("would change the other") == true)
    }

    @Test func `What a kustomization takes is no plain manifest`() throws {
        var tree = SurveyedTree(["overlays/dev/pod.yaml": pod("r.example/web"), "overlays/prod/pod.yaml": pod("r.example/web")])
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "pod.yaml") }
        #expect(
            try tree.proposal().applications.map { SourceText($0.source).lines } == [
                ["overlay: overlays/{environment}"]
            ])
    }

    @Test func `Files of environments that are no manifests are told`() throws {
        var tree = SurveyedTree(["terraform/dev.tfvars": "a = 1\n", "terraform/prod.tfvars": "a = 2\n"])
        tree.addBase(at: "base", images: "r.example/web")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        let because = try tree.proposal().because(of: "terraform/dev.tfvars and 1 more are left alone")
        #expect(because?.contains("values of Terraform") == true)
    }

    @Test func `YAML that is broken is told, and the rest is read`() throws {
        var tree = SurveyedTree(["deploy/dev/pod.yaml": pod("r.example/web"), "deploy/prod/pod.yaml": "kind: [\ncontainers:\n"])
        tree.addBase(at: "base", images: "r.example/api")
        for environment in ["dev", "prod"] { tree.addOverlay(at: "overlays/\(environment)", on: "../../base") }
        let proposal = try tree.proposal()
        #expect(proposal.described.contains("api overlays/{environment} r.example/api"))
        #expect(proposal.because(of: "deploy/prod/pod.yaml is left alone")?.contains("cannot be read") == true)
    }
}
