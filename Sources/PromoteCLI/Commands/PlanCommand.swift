import ArgumentParser
import PromoteReports
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
        return Answer(plan: try await engine.plan(request), terminal.style, unified: unified)
    }
}
