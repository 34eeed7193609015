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

    private static let program = "helm"

    func version() throws -> String {
        guard let identity = try programs.identity(of: Self.program) else {
            throw RendererUnavailable(
                "\(release.chart) is a Helm chart, and there is no helm in PATH",
                hint: "install Helm \(HelmVersion.oldest) or newer, 4 too; everything that needs no chart goes on without it")
        }
        return "chart 1 \(identity)"
    }

    func render(_ files: any FileSource) throws -> RenderedManifests {
        let traced = TracedFiles(files)
        var contents = ChartContents(of: release, in: traced)
        var exported = try contents.files()
        if let values = release.overrides.values { exported[try Self.inlineValues(besides: exported)] = Array(values.utf8) }
        // Rendered twice, in time zones that are a day apart, and by two clocks where the chart asks for the time.
        let first = run(exported, zone: "UTC")
        let second = run(exported, zone: "Etc/GMT-14", delay: contents.mentionsTime ? 1_100 : 0)
        let outputs = try programs.run([first, second, Self.versionRun])
        let version = try HelmVersion.supported(outputs[2])
        guard outputs[0].status == 0 else { throw failure(outputs[0]) }
        let text = outputs[0].standardOutput
        if outputs[1].status != 0 || outputs[1].standardOutput != text {
            throw UnstableOutput(text, outputs[1].standardOutput).error(in: release.chart)
        }
        return try rendering {
            try RenderedManifests(
                writtenIn: [(release.chart, text)], reads: traced.identities, text: text, by: "helm \(version)")
        }
    }

    private func run(_ files: [RepositoryPath: [UInt8]], zone: String, delay: Int = 0) -> ProgramRun {
        let nowhere = "http://127.0.0.1:9"
        return ProgramRun(
            Self.program, arguments, files: files,
            environment: [
                "TZ": zone, "KUBECONFIG": "/dev/null", "HELM_NO_PLUGINS": "1", "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere,
            ], delay: delay)
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

    private static var versionRun: ProgramRun { ProgramRun(program, ["version", "--template", "{{.Version}}"]) }

    private var arguments: [String] {
        var arguments = ["template", release.name, "./\(release.chart)", "--kube-version", release.options.kubeVersion]
        arguments.append(release.options.includesCRDs ? "--include-crds" : "--skip-crds")
        if let namespace = release.namespace { arguments += ["--namespace", namespace] }
        for api in release.options.apiVersions { arguments += ["--api-versions", api] }
        for file in release.values { arguments += ["--values", "./\(file)"] }
        if release.overrides.values != nil { arguments += ["--values", "./\(Self.inlineName)"] }
        return arguments + release.overrides.arguments
    }

    private func failure(_ output: ProgramOutput) -> RenderingError {
        let lines = output.standardError.split(whereSeparator: \.isNewline).map { String($0).displayable }
        let error = lines.drop { !$0.hasPrefix("Error: ") }
        let text = (error.isEmpty ? lines[...] : error).prefix(4).joined(separator: " · ")
        let message = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
        let isIncomplete = text.contains("missing in charts/ directory")
        return RenderingError(
            "helm: \(message.prefix(800))", in: release.chart,
            hint: isIncomplete
                ? "run `helm dependency build \(release.chart)`, and commit its charts folder"
                : "see `helm \(arguments.joined(separator: " "))` in the repository's folder")
    }
}

/// A release of Helm, and whether it can be relied on.
private enum HelmVersion {
    static let oldest = "3.17"

    /// - Parameter output: what `helm version` printed.
    static func supported(_ output: ProgramOutput) throws(RendererUnavailable) -> String {
        let text = String(decoding: output.standardOutput, as: UTF8.self).filter { !$0.isWhitespace }.displayable
        let numbers = text.drop { $0 == "v" }.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard output.status == 0, numbers.count == 2 else {
            throw RendererUnavailable(
                "the helm in PATH does not say which version it is", hint: "install Helm \(oldest) or newer, 4 too")
        }
        guard numbers[0] > 3 || (numbers[0] == 3 && numbers[1] >= 17) else {
            throw RendererUnavailable("helm \(text) is too old", hint: "install Helm \(oldest) or newer, 4 too")
        }
        return text
    }
}

/// Two outputs of the same chart that differ.
private struct UnstableOutput {
    /// The template, as Helm names it, of the first manifest that differs.
    private let template: String?

    init(_ one: [UInt8], _ other: [UInt8]) {
        let difference = Self.manifests(one).enumerated().first { index, manifest in
            let others = Self.manifests(other)
            return index >= others.count || others[index] != manifest
        }
        template = difference.flatMap { Self.template(of: $0.element) }
    }

    func error(in chart: RepositoryPath) -> RenderingError {
        RenderingError(
            "\(template ?? "the chart") is not the same when it is rendered twice: it uses chance, the time, or keys in no order",
            in: chart,
            hint:
                "give the value that it makes up (a password, a certificate, a date) in the values, or take it from a Secret that exists"
        )
    }

    private static func manifests(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: /^---$/.anchorsMatchLineEndings())
    }

    private static func template(of manifest: Substring) -> String? {
        manifest.split(separator: "\n").first { $0.hasPrefix("# Source: ") }
            .map { String($0.dropFirst("# Source: ".count)).displayable }
    }
}
