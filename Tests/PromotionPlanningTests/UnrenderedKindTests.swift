import GitOpsTypes
import Kustomize
import PromotionDomain
import Testing

@testable import PromotionPlanning

/// Which objects are known to be rendered in the cluster and not here, and where they are said to come from.
@Suite struct UnrenderedKindTests {
    struct Case: Sendable {
        let api: String
        let kind: String
        let spec: String
        let origin: String

        init(_ api: String, _ kind: String, _ spec: String, _ origin: String) {
            (self.api, self.kind, self.spec, self.origin) = (api, kind, spec, origin)
        }

        var yaml: String { "apiVersion: \(api)\nkind: \(kind)\nmetadata: {name: x, namespace: apps}\nspec: \(spec)\n" }
    }

    static let cases = [
        Case(
            "helm.toolkit.fluxcd.io/v2", "HelmRelease",
            "{chart: {spec: {chart: redis, version: 19.x, sourceRef: {kind: HelmRepository, name: acme, namespace: flux-system}}}}",
            "chart redis 19.x of HelmRepository flux-system/acme"),
        Case(
            "helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", "{chartRef: {kind: OCIRepository, name: web}}",
            "the chart of OCIRepository web"),
        Case("helm.toolkit.fluxcd.io/v2", "HelmRelease", "{}", "a place that it does not name"),
        Case(
            "kustomize.toolkit.fluxcd.io/v1", "Kustomization", "{path: ./apps, sourceRef: {kind: GitRepository, name: apps}}",
            "./apps of GitRepository apps"),
        Case(
            "source.toolkit.fluxcd.io/v1", "OCIRepository",
            "{url: 'oci://registry.example/web', ref: {semver: '>=1', tag: 1.0.0}}",
            "oci://registry.example/web 1.0.0 >=1"),
        Case(
            "source.toolkit.fluxcd.io/v1", "GitRepository", "{url: 'https://git.example/a', ref: {branch: main}}",
            "https://git.example/a main"),
        Case("source.toolkit.fluxcd.io/v1", "Bucket", "{endpoint: s3.example, bucketName: b}", "s3.example b"),
        Case(
            "source.toolkit.fluxcd.io/v1", "HelmChart", "{chart: redis, sourceRef: {kind: HelmRepository, name: acme}}",
            "chart redis of HelmRepository acme"),
        Case("fluxcd.controlplane.io/v1", "ResourceSet", "{resources: []}", "templates that it has in itself"),
        Case(
            "fluxcd.controlplane.io/v1", "FluxInstance", "{sync: {url: 'https://git.example/a', path: p}}",
            "https://git.example/a p"),
        Case(
            "helm.fluxcd.io/v1", "HelmRelease", "{chart: {repository: 'https://charts.example', name: redis, version: 1.2.3}}",
            "chart redis 1.2.3 of https://charts.example"),
        Case(
            "argoproj.io/v1alpha1", "Application",
            "{source: {repoURL: 'https://charts.example', chart: redis, targetRevision: 19.0.1}}",
            "chart redis 19.0.1 of https://charts.example"),
        Case(
            "argoproj.io/v1alpha1", "Application",
            "{sources: [{repoURL: registry.example/charts, chart: web, targetRevision: 1.0.0}, {repoURL: 'https://git.example/a', ref: values}]}",
            "chart web 1.0.0 of registry.example/charts"),
        Case(
            "argoproj.io/v1alpha1", "ApplicationSet",
            "{template: {spec: {source: {repoURL: 'https://git.example/a', path: 'apps/{{name}}', targetRevision: HEAD}}}}",
            "apps/{{name}} of https://git.example/a HEAD"),
        Case(
            "helm.cattle.io/v1", "HelmChart", "{chart: redis, version: 1.0.0, repo: 'https://charts.example'}",
            "chart redis 1.0.0 of https://charts.example"),
        Case("helm.cattle.io/v1", "HelmChart", "{chartContent: SGVsbQ==}", "a chart that it has in itself"),
        Case("helm.cattle.io/v1", "HelmChartConfig", "{valuesContent: 'a: 1'}", "the HelmChart apps/x"),
        Case(
            "fleet.cattle.io/v1alpha1", "HelmOp", "{helm: {repo: 'oci://registry.example/charts/web', version: 1.0.0}}",
            "oci://registry.example/charts/web"),
        Case(
            "addons.cluster.x-k8s.io/v1alpha1", "HelmChartProxy", "{chartName: cni, repoURL: 'https://charts.example'}",
            "chart cni of https://charts.example"),
        Case(
            "addons.cluster.x-k8s.io/v1alpha1", "HelmReleaseProxy", "{chartName: cni, repoURL: 'https://charts.example'}",
            "chart cni of https://charts.example"),
        Case(
            "helm.crossplane.io/v1beta1", "Release",
            "{forProvider: {chart: {name: redis, version: 1.0.0, repository: 'https://charts.example'}}}",
            "chart redis 1.0.0 of https://charts.example"),
        Case(
            "config.projectsveltos.io/v1beta1", "ClusterProfile",
            "{helmCharts: [{chartName: redis, chartVersion: 1.0.0, repositoryURL: 'https://charts.example'}], policyRefs: [{kind: ConfigMap, name: a, namespace: b}]}",
            "chart redis 1.0.0 of https://charts.example, ConfigMap b/a"),
        Case(
            "config.projectsveltos.io/v1beta1", "Profile", "{kustomizationRefs: [{kind: GitRepository, name: a}]}",
            "GitRepository a"),
        Case(
            "fleet.cattle.io/v1alpha1", "GitRepo", "{repo: 'https://git.example/a', paths: [one, two]}",
            "https://git.example/a one two"),
        Case("fleet.cattle.io/v1alpha1", "Bundle", "{resources: []}", "what it has in itself"),
        Case(
            "gitops.kluctl.io/v1beta1", "KluctlDeployment", "{source: {git: {url: 'https://git.example/a', path: p}}}",
            "https://git.example/a p"),
        Case("kappctrl.k14s.io/v1alpha1", "App", "{fetch: []}", "what its `fetch` and `template` say"),
        Case(
            "packaging.carvel.dev/v1alpha1", "PackageInstall", "{packageRef: {refName: redis.example}}", "package redis.example"),
        Case(
            "addons.cluster.x-k8s.io/v1beta1", "ClusterResourceSet", "{resources: [{kind: ConfigMap, name: cni}]}",
            "ConfigMap cni"),
        Case("pkg.crossplane.io/v1", "Provider", "{package: 'registry.example/p:v1'}", "package registry.example/p:v1"),
        Case("pkg.crossplane.io/v1", "Configuration", "{package: 'registry.example/p:v1'}", "package registry.example/p:v1"),
        Case("pkg.crossplane.io/v1", "Function", "{package: 'registry.example/p:v1'}", "package registry.example/p:v1"),
        Case("operators.coreos.com/v1alpha1", "Subscription", "{name: redis, channel: stable}", "package redis stable"),
        Case("operators.coreos.com/v1alpha1", "CatalogSource", "{image: 'registry.example/c:1'}", "registry.example/c:1"),
        Case("olm.operatorframework.io/v1", "ClusterExtension", "{source: {catalog: {packageName: redis}}}", "package redis"),
        Case("apps.open-cluster-management.io/v1", "Subscription", "{channel: ns/ch}", "channel ns/ch"),
    ]

    private func unrendered(_ yaml: String) throws -> [UnrenderedObject] {
        let path = try #require(RepositoryPath("x.yaml"))
        return try RenderedManifests(writtenIn: [(path, Array(yaml.utf8))], reads: [:]).unrendered
    }

    @Test(arguments: cases) func `An object says where what it makes comes from`(_ example: Case) throws {
        #expect(
            try unrendered(example.yaml) == [UnrenderedObject(object: "\(example.kind) apps/x", origin: example.origin)])
    }

    @Test func `Every kind has an example, and no two are one`() {
        let known = UnrenderedKind.all.map { "\($0.group) \($0.kind)" }
        #expect(Set(known).count == known.count)
        let shown = Self.cases.map { "\($0.api.split(separator: "/")[0]) \($0.kind)" }
        #expect(Set(shown) == Set(known))
    }

    @Test(arguments: [
        "apiVersion: example.org/v1\nkind: HelmRelease\nmetadata: {name: x}\nspec: {}\n",
        "apiVersion: helm.toolkit.fluxcd.io.example.org/v1\nkind: HelmRelease\nmetadata: {name: x}\nspec: {}\n",
        "apiVersion: v1\nkind: Application\nmetadata: {name: x}\nspec: {}\n",
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: x}\nspec: {url: 'oci://registry.example'}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {of: [{apiVersion: helm.cattle.io/v1, kind: HelmChart, name: y}]}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'kind: HelmRelease'}\n",
    ])
    func `What only looks like one, or refers to one, is none`(_ yaml: String) throws {
        #expect(try unrendered(yaml).isEmpty)
    }

    @Test func `One inside of another object is found, and named by what it is in`() throws {
        let inner = "{apiVersion: helm.cattle.io/v1, kind: HelmChart, metadata: {name: inner}, spec: {chart: redis}}"
        let work =
            "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w}\nspec: {workload: {manifests: [\(inner)]}}\n"
        #expect(try unrendered(work) == [UnrenderedObject(object: "ManifestWork w", origin: "chart redis")])
        let list = "apiVersion: v1\nkind: List\nitems: [\(inner)]\n"
        #expect(try unrendered(list) == [UnrenderedObject(object: "HelmChart inner", origin: "chart redis")])
    }
}
