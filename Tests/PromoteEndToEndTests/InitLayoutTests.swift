import Foundation
import PromoteTestSupport
import Testing

/// `promote init` on layouts that are no plain overlays, each to a merged promotion with nothing written by hand.
@Suite struct InitLayoutTests {
    private static let image = "registry.example/web"
    private static let base = [
        "base/kustomization.yaml": "resources: [deployment.yaml]\n",
        "base/deployment.yaml": InitTests.deployment(of: image + ":1.0"),
    ]

    @Test func `Plain manifests in a folder for each environment`() throws {
        let repository = try AdoptedRepository([
            "deploy/dev/web.yaml": InitTests.deployment(of: Self.image + ":2"),
            "deploy/prod/web.yaml": InitTests.deployment(of: Self.image + ":1"),
        ])
        try repository.promote(Self.image, of: "web", through: ["dev", "prod"])
    }

    @Test func `A Kustomization of Flux with variables`() throws {
        var files = Self.base
        for environment in ["staging", "production"] {
            files["apps/\(environment)/kustomization.yaml"] = "resources: [../../base]\n"
            files["clusters/\(environment)/web.yaml"] = """
                apiVersion: kustomize.toolkit.fluxcd.io/v1
                kind: Kustomization
                metadata: { name: web, namespace: flux-system }
                spec:
                  interval: 10m
                  path: ./apps/\(environment)
                  prune: true
                  sourceRef: { kind: GitRepository, name: flux-system }
                  targetNamespace: web
                  postBuild: { substitute: { region: eu } }

                """
        }
        let repository = try AdoptedRepository(files)
        try repository.promote(Self.image, of: "web", through: ["staging", "production"])
        let written = try String(
            contentsOfFile: repository.person.directory + "/environments/application.yaml", encoding: .utf8)
        #expect(written.contains("kustomization: clusters/{environment}/web.yaml"))
    }

    @Test func `Applications of Argo CD with options of Kustomize`() throws {
        var files = Self.base
        for environment in ["dev", "prod"] {
            files["overlays/\(environment)/kustomization.yaml"] = "resources: [../../base]\n"
            files["argocd/\(environment).yaml"] = """
                apiVersion: argoproj.io/v1alpha1
                kind: Application
                metadata: { name: web-\(environment), namespace: argocd }
                spec:
                  project: default
                  destination: { server: https://kubernetes.default.svc, namespace: web }
                  source:
                    repoURL: https://git.example/acme/config
                    path: overlays/\(environment)
                    kustomize: { namePrefix: \(environment)- }

                """
        }
        let repository = try AdoptedRepository(files)
        try repository.promote(Self.image, of: "web", through: ["dev", "prod"])
    }

    @Test(.enabled(if: !Oracles.helms.isEmpty))
    func `A chart with values for each environment`() throws {
        let repository = try AdoptedRepository(
            [
                "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
                "charts/web/values.yaml": "image:\n  repository: \(Self.image)\n  tag: \"1.0\"\n",
                "charts/web/templates/web.yaml": InitTests.deployment(
                    of: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"),
                "values/dev.yaml": "replicas: 1\n", "values/prod.yaml": "replicas: 2\n",
            ], helm: Oracles.helms.first)
        try repository.promote(Self.image, of: "web", through: ["dev", "prod"], tag: "1.1")
    }

    @Test func `Many folders of one pattern, and one that has not all environments`() throws {
        var files: [String: String] = [:]
        for name in ["api", "job", "web"] {
            files["apps/\(name)/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
            files["apps/\(name)/base/deployment.yaml"] = InitTests.deployment(of: "registry.example/\(name)")
            for environment in name == "job" ? ["dev", "prod"] : ["dev", "staging", "prod"] {
                files["apps/\(name)/envs/\(environment)/kustomization.yaml"] = "resources: [../../base]\n"
            }
        }
        files["apps/worker/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
        files["apps/worker/base/deployment.yaml"] = InitTests.deployment(of: "registry.example/worker")
        for environment in ["dev", "staging", "prod"] {
            files["apps/worker/envs/\(environment)/kustomization.yaml"] = "resources: [../../base]\n"
        }
        let repository = try AdoptedRepository(files)
        try repository.promote("registry.example/web", of: "web", through: ["dev", "staging", "prod"])
        let written = try String(
            contentsOfFile: repository.person.directory + "/environments/applications.yaml", encoding: .utf8)
        #expect(written.contains("kind: ApplicationSet"))
        #expect(written.contains("environments: [dev, prod]"))
    }

    @Test func `Branches that are environments, with the same path in each`() throws {
        let repository = try AdoptedRepository(["README.md": "The environments are the branches.\n"])
        let git = repository.person.git
        for environment in ["dev", "prod"] {
            try git.succeed("checkout", "-q", "--orphan", environment)
            for (path, text) in Self.base { try repository.write(text, to: path) }
            try repository.write("resources: [../base]\n", to: "deploy/kustomization.yaml")
            try git.succeed("add", "-A")
            try git.succeed("commit", "-q", "-m", environment)
            try git.succeed("push", "-q", "origin", environment)
            try git.succeed("checkout", "-q", "-f", "main")
        }
        let written = try repository.person.ask("init")
        #expect(written.status == 0, "\(written.result.output)")
        try repository.push("Start promoting")
        _ = try repository.person.ask("register", "\(Self.image)@\(Playground.digest("1"))", "--no-registry")
        for (source, environment) in [("build", "dev"), ("dev", "prod")] {
            let merged = try repository.person.ask(source, environment, "--merge")
            #expect(merged.status == 0, "\(merged.result.output)")
            _ = try repository.person.ask("verify", environment, "--result", "passed")
        }
        #expect(try git.succeed("show", "origin/prod:deploy/kustomization.yaml").contains(Playground.digest("1")))
    }

    @Test func `Links out of the repository, broken YAML and names of other alphabets do not stop it`() throws {
        var files = Self.base
        for environment in ["dev", "prod"] { files["overlays/\(environment)/kustomization.yaml"] = "resources: [../../base]\n" }
        files["überlagerung/prod/kustomization.yaml"] = "resources: [\n"
        files["other/dev/broken.yaml"] = "kind: {{ x }}\ncontainers:\n"
        files["a{b}/prod/kustomization.yaml"] = "resources: [../../base]\n"
        let repository = try AdoptedRepository(files)
        let links = URL(filePath: repository.person.directory).appending(path: "links")
        try FileManager.default.createDirectory(at: links, withIntermediateDirectories: true)
        for (name, target) in [("prod", "/etc"), ("dev", ".."), ("up", "../..")] {
            try FileManager.default.createSymbolicLink(atPath: links.appending(path: name).path, withDestinationPath: target)
        }
        try repository.push("Links")
        try repository.promote(Self.image, of: "web", through: ["dev", "prod"])
    }
}
