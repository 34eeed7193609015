import GitOpsTypes
import ImageSelection
import PromotionDomain
import Testing

@testable import RepositorySurvey

/// What Flux, Argo CD and others make of what is there.
@Suite struct AgentSurveyTests {
    private func lines(_ proposal: SetupProposal) -> [[String]] {
        proposal.applications.map { SourceText($0.source).lines }
    }

    private func overlays(_ folder: String = "apps/web") -> SurveyedTree {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web:1.0")
        for environment in ["staging", "prod"] { tree.addOverlay(at: "\(folder)/\(environment)", on: "../../../base") }
        return tree
    }

    private func flux(_ path: String, _ more: String = "") -> String {
        """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: { name: web, namespace: flux-system }
        spec:
          interval: 10m
          path: \(path)
          prune: true
          sourceRef: { kind: GitRepository, name: flux-system }
        \(more)
        """
    }

    @Test func `A Kustomization of Flux that changes what its folder renders to is the source`() throws {
        var tree = overlays()
        for environment in ["staging", "prod"] {
            tree.add(
                flux("./apps/web/\(environment)", "  postBuild: { substituteFrom: [{ kind: ConfigMap, name: vars }] }\n"),
                at: "clusters/\(environment)/web.yaml")
            tree.add(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: vars }\ndata: { a: b }\n",
                at: "clusters/\(environment)/vars.yaml")
        }
        #expect(
            try lines(tree.proposal()) == [
                [
                    "flux:", "  kustomization: clusters/{environment}/web.yaml",
                    "  variables: [\"clusters/{environment}/vars.yaml\"]",
                ]
            ])
    }

    @Test func `What a Kustomization of Flux renders as a whole is no source in its parts`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "r.example/web")
        for environment in ["staging", "prod"] {
            tree.addOverlay(at: "apps/\(environment)/web", on: "../../../base")
            tree.add(
                flux("./apps/\(environment)", "  postBuild: { substitute: { a: b } }\n"), at: "clusters/\(environment)/apps.yaml")
            tree.addOverlay(at: "clusters/\(environment)/flux-system", on: "../../../base")
        }
        #expect(try lines(tree.proposal()) == [["flux:", "  kustomization: clusters/{environment}/apps.yaml"]])
    }

    @Test func `One that changes nothing leaves the overlay as the source`() throws {
        var tree = overlays()
        for environment in ["staging", "prod"] {
            tree.add(flux("./apps/web/\(environment)"), at: "clusters/\(environment)/web.yaml")
        }
        #expect(try lines(tree.proposal()) == [["overlay: apps/web/{environment}"]])
    }

    @Test func `Several in one file are told, and their overlays are promoted`() throws {
        var tree = overlays()
        for environment in ["staging", "prod"] {
            let changing = flux("./apps/web/\(environment)", "  targetNamespace: web\n")
            tree.add(changing + "\n---\n" + changing, at: "clusters/\(environment)/all.yaml")
        }
        let proposal = try tree.proposal()
        #expect(lines(proposal) == [["overlay: apps/web/{environment}"]])
        #expect(proposal.because(of: "the Kustomization web of Flux")?.contains("has several") == true)
    }

    @Test func `A policy of Flux says which image is promoted, and which builds of it`() throws {
        var tree = SurveyedTree()
        tree.addBase(at: "base", images: "nginx:1", "r.example/web:1.0")
        for environment in ["staging", "prod"] { tree.addOverlay(at: "apps/\(environment)", on: "../../base") }
        tree.add(
            """
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImageRepository
            metadata: { name: web, namespace: flux-system }
            spec: { image: r.example/web }
            ---
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImagePolicy
            metadata: { name: web, namespace: flux-system }
            spec:
              imageRepositoryRef: { name: web }
              policy: { semver: { range: ">=1.0 <2" } }
            """, at: "clusters/images.yaml")
        let application = try #require(try tree.proposal().applications.first)
        #expect(application.images.map(\.text) == ["r.example/web"])
        #expect(application.selections.values.map(\.order) == [.semver(try #require(VersionRange(">=1.0 <2")))])
        #expect(application.policies.keys.map(\.self) == ["flux-system:web"])
    }

    private func argo(_ environment: String, _ source: String) -> String {
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: { name: web-\(environment) }
        spec:
          destination: { namespace: web-\(environment), server: https://kubernetes.default.svc }
          source:
            repoURL: https://git.example/acme/config
            \(source)

        """
    }

    @Test func `An Application with options of Kustomize is the source, one without leaves the overlay`() throws {
        for (options, expected) in [
            ("kustomize: { namePrefix: a- }", "argocd: / application: argo/{environment}.yaml"),
            ("", "overlay: apps/web/{environment}"),
        ] {
            var tree = overlays()
            for environment in ["staging", "prod"] {
                tree.add(argo(environment, "path: apps/web/\(environment)\n    \(options)"), at: "argo/\(environment).yaml")
            }
            #expect(try lines(tree.proposal()).map { $0.map { $0.trimmed }.joined(separator: " / ") } == [expected])
        }
    }

    private func chart() -> SurveyedTree {
        SurveyedTree([
            "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "charts/web/values.yaml": "image:\n  repository: r.example/web\n  tag: \"1\"\n",
            "charts/web/values-staging.yaml": "replicas: 1\n", "charts/web/values-prod.yaml": "replicas: 2\n",
        ])
    }

    private let expected = [
        "helm:", "  chart: charts/web", "  values: [\"charts/web/values-{environment}.yaml\"]",
        "  releaseName: web-{environment}", "  namespace: web-{environment}", "  images:",
        "    - { name: r.example/web, repository: /image/repository, tag: /image/tag }",
    ]

    @Test func `Applications of a chart say its values, its release and its namespace`() throws {
        var tree = chart()
        for environment in ["staging", "prod"] {
            tree.add(
                argo(environment, "path: charts/web\n    helm: { valueFiles: [values-\(environment).yaml] }"),
                at: "argo/\(environment).yaml")
        }
        #expect(try lines(tree.proposal()) == [expected])
    }

    static let generators = [
        "list: { elements: [{ env: staging }, { env: prod }] }", "git: { files: [{ path: \"argo/envs/*.yaml\" }] }",
    ]

    @Test(arguments: generators)
    func `So do those that an ApplicationSet makes`(_ generator: String) throws {
        var tree = chart()
        for environment in ["staging", "prod"] { tree.add("env: \(environment)\n", at: "argo/envs/\(environment).yaml") }
        tree.add(
            """
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: { name: web }
            spec:
              generators:
                - \(generator)
              template:
                metadata: { name: "web-{{env}}" }
                spec:
                  destination: { namespace: "web-{{ .env }}" }
                  source: { repoURL: x, path: charts/web, helm: { valueFiles: ["values-{{env}}.yaml"] } }
            """, at: "argo/set.yaml")
        #expect(try lines(tree.proposal()) == [expected])
    }

    @Test func `Stages of Kargo and paths of Telefonistka say the order`() throws {
        var kargo = overlays()
        for (stage, source) in [("staging", "stages: [prod]"), ("prod", "direct: true")] {
            kargo.add(
                """
                apiVersion: kargo.akuity.io/v1alpha1
                kind: Stage
                metadata: { name: \(stage) }
                spec: { requestedFreight: [{ origin: { kind: Warehouse, name: web }, sources: { \(source) } }] }
                """, at: "kargo/\(stage).yaml")
        }
        #expect(try kargo.proposal().chain == ["staging ← prod", "prod ← build"])
        var telefonistka = overlays()
        telefonistka.add(
            """
            promotionPaths:
              - sourcePath: "apps/web/prod/"
                promotionPrs: [{ targetPaths: ["apps/web/staging/"] }]
            """, at: "telefonistka.yaml")
        #expect(try telefonistka.proposal().chain == ["staging ← prod", "prod ← build"])
    }

    @Test(arguments: [("2h", 7200), ("1h30m", 5400), ("1.5h", 5400), ("36h0m0s", 129_600), ("10", 0), ("soon", 0)])
    func `A soak time of Kargo is one of the environment that it leads to`(_ text: String, _ seconds: Int64) throws {
        var kargo = overlays()
        kargo.add(
            """
            apiVersion: kargo.akuity.io/v1alpha1
            kind: Stage
            metadata: { name: prod }
            spec: { requestedFreight: [{ origin: { kind: Warehouse, name: web }, sources: { stages: [staging], requiredSoakTime: \(text) } }] }
            """, at: "kargo/prod.yaml")
        let proposal = try kargo.proposal()
        #expect(proposal.environments.map(\.soak) == proposal.environments.map { $0.name.text == "prod" ? seconds : 0 })
        let files = ConfigurationText(proposal, SetupPeople()).files()
        let written = files.first { $0.name == "environments.yaml" }?.content ?? ""
        #expect(written.contains("  soak: ") == (seconds > 0), "\(written)")
        if text == "36h0m0s" { #expect(written.contains("  promotesFrom: [staging]\n  soak: 1d12h\n"), "\(written)") }
    }

    @Test func `Charts from elsewhere are told and left alone`() throws {
        let tree = SurveyedTree([
            "apps/redis.yaml":
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: redis }\nspec: { source: { chart: redis, repoURL: x } }\n"
        ])
        #expect(try tree.proposal().because(of: "the Application redis is left alone")?.contains("from elsewhere") == true)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
