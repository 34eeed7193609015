import ArgumentParser
import PromotionDomain
import PromotionEngine

/// `promote plan <from> <to>`
struct PlanCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show the edit, the rendered diff and every check; change nothing.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "An environment, or build.")
    var from: String

    @Argument(help: "The environment to promote into.")
    var to: String

    @OptionGroup var selection: ReleaseSelection

    @Flag(help: "Show the rendered manifests as a unified diff.")
    var unified = false

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let request = PromotionRequest(from: from, to: to, application: selection.app, release: selection.release)
        return try Self.answer(await engine.plan(request), terminal, unified: unified)
    }

    /// A plan is printed even when a check fails: that is what it is for. The exit status says that one did.
    static func answer(_ report: PromotionReport, _ terminal: Terminal, unified: Bool = false) throws -> Answer {
        let rendering = PromotionRendering(report: report, unified: unified)
        var json = rendering.json
        if let refusal = report.checks.refusal(of: "not promoted", allowPending: true), case .object(var fields) = json {
            fields["error"] = Diagnosis(refusal).json
            json = .object(fields)
        }
        return Answer(
            json: json, text: rendering.text(terminal),
            failure: report.checks.failed.isEmpty ? nil : ReportedFailure(status: ExitStatus.refused))
    }
}
