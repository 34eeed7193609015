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
        // Without helm, nothing further needs to be looked at.
        _ = try version()
        let traced = TracedFiles(files)
        var contents = ChartContents(of: release, in: traced)
        var exported = try contents.files()
        if let values = release.overrides.values { exported[try Self.inlineValues(besides: exported)] = Array(values.utf8) }
        let delay = contents.mentionsTime ? 1_100 : 0
        var outputs = try programs.run(runs(exported, delay: delay))
        if outputs[0].lacksSchema {
            outputs = try programs.run(runs(exported, ["--skip-schema-validation"], delay: delay))
        }
        let version = try HelmVersion.supported(outputs[2])
        guard outputs[0].status == 0 else { throw failure(outputs[0]) }
        let output = try stable(outputs[0], outputs[1])
        do {
            return try RenderedManifests(
                writtenIn: [(release.chart, output.text)], reads: traced.identities, text: output.text, by: "helm \(version)")
        } catch {
            throw output.error(error)
        }
    }

    /// What both runs have printed, without the chart's tests where nothing but these is another each time.
    private func stable(_ one: ProgramOutput, _ other: ProgramOutput) throws(RenderingError) -> ChartOutput {
        let output = ChartOutput(one.standardOutput, of: release.chart)
        if other.status == 0 {
            let again = ChartOutput(other.standardOutput, of: release.chart)
            if again == output { return output }
            let rest = output.withoutTests
            if again.withoutTests == rest { return rest }
            throw output.instability(again)
        }
        throw output.instability(nil)
    }

    /// Rendered twice, in time zones that are more than a day apart, and by two clocks where the chart asks for the time.
    private func runs(_ files: [RepositoryPath: [UInt8]], _ more: [String] = [], delay: Int) -> [ProgramRun] {
        let nowhere = "http://127.0.0.1:9"
        func run(_ zone: String, _ delay: Int) -> ProgramRun {
            ProgramRun(
                Self.program, ["template"] + more + arguments, files: files,
                environment: [
                    "TZ": zone, "KUBECONFIG": "/dev/null", "HELM_NO_PLUGINS": "1", "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere,
                ], delay: delay)
        }
        return [
            run("Etc/GMT+12", 0), run("Etc/GMT-14", delay), ProgramRun(Self.program, ["version", "--template", "{{.Version}}"]),
        ]
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
        for file in release.values { arguments += ["--values", Self.listed("./\(file)")] }
        if release.overrides.values != nil { arguments += ["--values", "./\(Self.inlineName)"] }
        // A name is none of Helm's options, whatever it looks like: one of them names a program to run.
        return arguments + release.overrides.arguments + ["--", release.name, "./\(release.chart)"]
    }

    /// A path as an item of a list, which Helm reads as CSV: a comma would begin another file, anywhere on this machine.
    private static func listed(_ path: String) -> String {
        guard path.contains(where: { $0 == "," || $0 == "\"" }) else { return path }
        return "\"\(path.replacing("\"", with: "\"\""))\""
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
                : "see `helm template \(arguments.joined(separator: " "))` in the repository's folder")
    }
}

extension ProgramOutput {
    /// Whether the values were not held to a schema because that refers to another one on the network, which is not there.
    fileprivate var lacksSchema: Bool {
        status != 0 && standardError.contains("specifications of the schema") && standardError.contains("proxyconnect")
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
