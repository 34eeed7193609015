import GitOpsTypes
import Kustomize
import PromotionDomain

/// Renders a Helm chart by the `helm` of this machine, on nothing but the repository's own files: no network, no plugins, no
/// repositories, no cluster.
///
/// What `helm template` prints with the chart, its values and its options. Source: Helm, "helm template".
struct ChartRenderer: ManifestRenderer {
    let release: ChartRelease
    let programs: any RenderingPrograms

    func version() throws -> String { "chart 1 \(try HelmTemplate.identity(programs, for: release.chart))" }

    func render(_ files: any FileSource) throws -> RenderedManifests {
        // Without helm, nothing further needs to be looked at.
        _ = try version()
        let traced = TracedFiles(files)
        var contents = ChartContents(in: traced, naming: release.chart)
        try contents.addChart(at: release.chart, as: release.chart)
        try contents.addValues(release.values)
        var exported = contents.files
        if let values = release.overrides.values { exported[try Self.inlineValues(besides: exported)] = Array(values.utf8) }
        let template = HelmTemplate(
            chart: release.chart, files: exported, arguments: arguments, asksForTime: contents.mentionsTime,
            byHand: "`helm template \(arguments.joined(separator: " "))` in the repository's folder")
        // Agents do not apply the tests of a release.
        let (output, version) = try template.output(programs, leavesOutTests: true)
        do {
            return try RenderedManifests(
                writtenIn: [(release.chart, output.text)], reads: traced.identities, text: output.text, by: "helm \(version)")
        } catch {
            throw output.error(error)
        }
    }

    /// How the file is called that has the values that stand in none.
    private static let inlineName = "promote-inline-values.yaml"

    private static func inlineValues(besides files: [RepositoryPath: [UInt8]]) throws -> RepositoryPath {
        guard let path = RepositoryPath(inlineName), files[path] == nil else {
            throw RenderingError(
                "there is a file of this name, which is kept for values without a file", in: .root, hint: "rename \(inlineName)")
        }
        return path
    }

    private var arguments: [String] {
        var arguments = ["--kube-version", release.options.kubeVersion]
        arguments.append(release.options.includesCRDs ? "--include-crds" : "--skip-crds")
        if let namespace = release.namespace { arguments += ["--namespace", namespace] }
        for api in release.options.apiVersions { arguments += ["--api-versions", api] }
        for file in release.values { arguments += ["--values", HelmTemplate.listed("./\(file)")] }
        if release.overrides.values != nil { arguments += ["--values", "./\(Self.inlineName)"] }
        // A name is none of Helm's options, whatever it looks like: one of them names a program to run.
        return arguments + release.overrides.arguments + ["--", release.name, "./\(release.chart)"]
    }
}
