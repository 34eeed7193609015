import GitOpsTypes
import Kustomize

/// `helm template` of one chart: on nothing but the files that are given, with no network, plugins, repositories and cluster.
struct HelmTemplate {
    /// What is rendered, for messages.
    let chart: RepositoryPath
    /// Where they are to be for Helm.
    let files: [RepositoryPath: [UInt8]]
    /// Those behind `helm template`.
    let arguments: [String]
    /// Whether what is rendered may follow from the time.
    let asksForTime: Bool
    /// How it is rendered by hand, for messages.
    let byHand: String

    static let program = "helm"

    /// Which file of this machine Helm is.
    ///
    /// - Throws: `RendererUnavailable` where there is none.
    static func identity(_ programs: any RenderingPrograms, for chart: RepositoryPath) throws -> String {
        guard let identity = try programs.identity(of: program) else {
            throw RendererUnavailable(
                "\(chart) is a Helm chart, and there is no helm in PATH",
                hint: "install Helm \(HelmVersion.oldest) or newer, 4 too; everything that needs no chart goes on without it")
        }
        return identity
    }

    /// What both of two runs have printed, and the version of Helm.
    ///
    /// - Parameter leavesOutTests: whether the chart's tests are left out where nothing but these is another each time.
    /// - Throws: `RenderingError` where it does not render, or not twice to the same; `RendererUnavailable`.
    func output(_ programs: any RenderingPrograms, leavesOutTests: Bool) throws -> (output: ChartOutput, version: String) {
        var outputs = try programs.run(runs())
        if outputs[0].lacksSchema { outputs = try programs.run(runs(["--skip-schema-validation"])) }
        let version = try HelmVersion.supported(outputs[2])
        guard outputs[0].status == 0 else { throw failure(outputs[0]) }
        return (try stable(outputs[0], outputs[1], leavesOutTests: leavesOutTests), version)
    }

    private func stable(
        _ one: ProgramOutput, _ other: ProgramOutput, leavesOutTests: Bool
    ) throws(RenderingError) -> ChartOutput {
        let output = ChartOutput(one.standardOutput, of: chart)
        guard other.status == 0 else { throw output.instability(nil) }
        let again = ChartOutput(other.standardOutput, of: chart)
        if again == output { return output }
        guard leavesOutTests, case let rest = output.withoutTests, again.withoutTests == rest else {
            throw output.instability(again)
        }
        return rest
    }

    /// Rendered twice, in time zones that are more than a day apart, and by two clocks where the chart asks for the time.
    private func runs(_ more: [String] = []) -> [ProgramRun] {
        let nowhere = "http://127.0.0.1:9"
        func run(_ zone: String, _ delay: Int) -> ProgramRun {
            ProgramRun(
                Self.program, ["template"] + more + arguments, files: files,
                environment: [
                    "TZ": zone, "KUBECONFIG": "/dev/null", "HELM_NO_PLUGINS": "1", "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere,
                ], delay: delay)
        }
        return [
            run("Etc/GMT+12", 0), run("Etc/GMT-14", asksForTime ? 1_100 : 0),
            ProgramRun(Self.program, ["version", "--template", "{{.Version}}"]),
        ]
    }

    private func failure(_ output: ProgramOutput) -> RenderingError {
        let lines = output.standardError.split(whereSeparator: \.isNewline).map { String($0).displayable }
        let error = lines.drop { !$0.hasPrefix("Error: ") }
        let text = (error.isEmpty ? lines[...] : error).prefix(4).joined(separator: " · ")
        let message = text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text
        let isIncomplete = text.contains("missing in charts/ directory")
        return RenderingError(
            "helm: \(message.prefix(800))", in: chart,
            hint: isIncomplete ? "run `helm dependency build \(chart)`, and commit its charts folder" : "see \(byHand)")
    }

    /// A path as an item of a list, which Helm reads as CSV: a comma would begin another file, anywhere on this machine.
    static func listed(_ path: String) -> String {
        guard path.contains(where: { $0 == "," || $0 == "\"" }) else { return path }
        return "\"\(path.replacing("\"", with: "\"\""))\""
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
