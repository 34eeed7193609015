import Kustomize

extension UnrenderedKind {
    /// All kinds that are known. What operators make of custom resources of their own (a database, such as) is not among them.
    ///
    /// Source: the API references of Flux 2.7 and its operator, Argo CD 3.4, k3s, Fleet 0.13, kapp-controller, Cluster API and its
    /// provider of Helm add-ons, Crossplane and its provider-helm, OLM 0 and 1, Open Cluster Management, Sveltos and Kluctl.
    static let all = flux + argo + charts + packages

    /// The same by their kinds: most objects are none of them.
    static let byKind = Dictionary(grouping: all, by: \.kind)

    /// Flux, and its predecessor.
    private static let flux = [
        UnrenderedKind("helm.toolkit.fluxcd.io", "HelmRelease") {
            $0.reference("spec.chartRef").map { "the chart of \($0)" }
                ?? $0.chart("spec.chart.spec.chart", "spec.chart.spec.version", of: $0.reference("spec.chart.spec.sourceRef"))
        },
        UnrenderedKind("kustomize.toolkit.fluxcd.io", "Kustomization") { node in
            node.reference("spec.sourceRef").map { "\(node.words("spec.path") ?? "./") of \($0)" }
        },
        UnrenderedKind("source.toolkit.fluxcd.io", "OCIRepository") {
            $0.words("spec.url", "spec.ref.tag", "spec.ref.semver", "spec.ref.digest")
        },
        UnrenderedKind("source.toolkit.fluxcd.io", "GitRepository") {
            $0.words(
                "spec.url", "spec.ref.branch", "spec.ref.tag", "spec.ref.semver", "spec.ref.name", "spec.ref.commit")
        },
        UnrenderedKind("source.toolkit.fluxcd.io", "Bucket") { $0.words("spec.endpoint", "spec.bucketName", "spec.prefix") },
        UnrenderedKind("source.toolkit.fluxcd.io", "HelmChart") {
            $0.chart("spec.chart", "spec.version", of: $0.reference("spec.sourceRef"))
        },
        UnrenderedKind("fluxcd.controlplane.io", "ResourceSet") { _ in "templates that it has in itself" },
        UnrenderedKind("fluxcd.controlplane.io", "FluxInstance") { $0.words("spec.sync.url", "spec.sync.path", "spec.sync.ref") },
        UnrenderedKind("helm.fluxcd.io", "HelmRelease") {
            $0.chart("spec.chart.name", "spec.chart.version", of: $0.words("spec.chart.repository"))
                ?? $0.words("spec.chart.git", "spec.chart.path", "spec.chart.ref")
        },
    ]

    private static let argo = [
        UnrenderedKind("argoproj.io", "Application") { sources(of: $0["spec"]) },
        UnrenderedKind("argoproj.io", "ApplicationSet") { sources(of: $0["spec"]?["template"]?["spec"]) },
    ]

    /// The sources of an Application.
    private static func sources(of spec: ManifestNode?) -> String? {
        let sources = spec?["sources"]?.list ?? spec?["source"].map { [$0] } ?? []
        // One with nothing but a `ref` has values for others.
        let texts = sources.filter { $0["ref"] == nil || $0["path"] != nil || $0["chart"] != nil }.compactMap { source in
            source.chart("chart", "targetRevision", of: source.words("repoURL"))
                ?? source.words("repoURL").map { place in
                    "\(source.words("path") ?? ".") of \(place)\(source.words("targetRevision").map { " \($0)" } ?? "")"
                }
        }
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }

    /// What other controllers make of charts.
    private static let charts = [
        UnrenderedKind("helm.cattle.io", "HelmChart") {
            $0.words("spec.chartContent") == nil
                ? $0.chart("spec.chart", "spec.version", of: $0.words("spec.repo")) : "a chart that it has in itself"
        },
        UnrenderedKind("helm.cattle.io", "HelmChartConfig") { $0.reference("metadata").map { "the HelmChart \($0)" } },
        UnrenderedKind("fleet.cattle.io", "HelmOp") {
            $0.chart("spec.helm.chart", "spec.helm.version", of: $0.words("spec.helm.repo")) ?? $0.words("spec.helm.repo")
        },
        UnrenderedKind("addons.cluster.x-k8s.io", "HelmChartProxy") {
            $0.chart("spec.chartName", "spec.version", of: $0.words("spec.repoURL"))
        },
        UnrenderedKind("addons.cluster.x-k8s.io", "HelmReleaseProxy") {
            $0.chart("spec.chartName", "spec.version", of: $0.words("spec.repoURL"))
        },
        UnrenderedKind("helm.crossplane.io", "Release") {
            $0.chart(
                "spec.forProvider.chart.name", "spec.forProvider.chart.version",
                of: $0.words("spec.forProvider.chart.repository")) ?? $0.words("spec.forProvider.chart.url")
        },
        UnrenderedKind("config.projectsveltos.io", "ClusterProfile", profile),
        UnrenderedKind("config.projectsveltos.io", "Profile", profile),
    ]

    /// Charts, objects with manifests, and kustomizations.
    @Sendable private static func profile(_ node: ManifestNode) -> String? {
        let charts = (node["spec"]?["helmCharts"]?.list ?? []).compactMap {
            $0.chart("chartName", "chartVersion", of: $0.words("repositoryURL"))
        }
        let others = ["policyRefs", "kustomizationRefs"].flatMap { field in
            (node["spec"]?[field]?.list ?? []).compactMap {
                ManifestNode.map(ManifestMap([.init(key: "at", value: $0)])).reference("at")
            }
        }
        let texts = charts + others
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }

    /// What is made of repositories, packages and objects with manifests.
    private static let packages = [
        UnrenderedKind("fleet.cattle.io", "GitRepo") { $0.words("spec.repo", "spec.branch", "spec.revision", "spec.paths") },
        UnrenderedKind("fleet.cattle.io", "Bundle") { _ in "what it has in itself" },
        UnrenderedKind("gitops.kluctl.io", "KluctlDeployment") {
            $0.words("spec.source.git.url", "spec.source.oci.url", "spec.source.git.path", "spec.source.path", "spec.target")
        },
        UnrenderedKind("kappctrl.k14s.io", "App") { _ in "what its `fetch` and `template` say" },
        UnrenderedKind("packaging.carvel.dev", "PackageInstall") {
            $0.words("spec.packageRef.refName", "spec.packageRef.versionSelection.constraints").map { "package \($0)" }
        },
        UnrenderedKind("addons.cluster.x-k8s.io", "ClusterResourceSet") { node in
            let names = (node["spec"]?["resources"]?.list ?? []).compactMap { $0.words("kind", "name") }
            return names.isEmpty ? nil : names.joined(separator: ", ")
        },
        UnrenderedKind("pkg.crossplane.io", "Provider") { $0.words("spec.package").map { "package \($0)" } },
        UnrenderedKind("pkg.crossplane.io", "Configuration") { $0.words("spec.package").map { "package \($0)" } },
        UnrenderedKind("pkg.crossplane.io", "Function") { $0.words("spec.package").map { "package \($0)" } },
        UnrenderedKind("operators.coreos.com", "Subscription") {
            $0.words("spec.name", "spec.channel", "spec.startingCSV").map { "package \($0)" }
        },
        UnrenderedKind("operators.coreos.com", "CatalogSource") { $0.words("spec.image", "spec.address") },
        UnrenderedKind("olm.operatorframework.io", "ClusterExtension") {
            $0.words("spec.source.catalog.packageName", "spec.source.catalog.version").map { "package \($0)" }
        },
        UnrenderedKind("apps.open-cluster-management.io", "Subscription") {
            $0.words("spec.channel", "spec.name").map { "channel \($0)" }
        },
    ]
}
