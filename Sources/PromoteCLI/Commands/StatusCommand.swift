import ArgumentParser
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// `promote status`
struct StatusCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What every environment runs, and what is open; now, or at any time.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("This application only.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("This environment only.", valueName: "env"))
    var env: String?

    @Option(
        help: ArgumentHelp(
            "As it was then: 2026-11-21T07:42:00Z, 2026-11-21 (the end of that day), or a commit.", valueName: "time|rev"))
    var at: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let report =
            if let at {
                try await engine.status(application: app, environment: env, at: at)
            } else {
                try await engine.status(application: app, environment: env)
            }
        let rendering = StatusRendering(report: report)
        var answer = Answer(json: rendering.json, text: rendering.text())
        answer.notices = report.rewrittenHistory.map { "\($0.what)\nhint: \($0.hint)" }
        answer.notices += report.stops.map {
            "what follows in its ledger is not read yet: \($0.message.displayable)\nhint: \($0.hint?.displayable ?? "see promote doctor")"
        }
        return answer
    }
}

/// `promote history`
struct HistoryCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What happened, who did it, and when; newest first.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("In this environment only.", valueName: "env"))
    var env: String?

    @Option(help: "At most so many events.")
    var limit = 100

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is at least 1.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let rendering = HistoryRendering(
            entries: try await engine.history(application: app, environment: env, limit: limit))
        return Answer(json: rendering.json, text: rendering.text())
    }
}

/// `promote show R|P`
struct ShowCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything about one promotion or one release.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A promotion such as web-3, or a release such as web-1a2b3c4d5e6f.")
    var id: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        switch try await engine.show(id) {
        case .promotion(let report):
            let rendering = PromotionRendering(report: report)
            return Answer(json: rendering.json, text: rendering.text(terminal))
        case .release(let report):
            return Answer(json: ReleaseRendering.json(report), text: ReleaseRendering.text(report))
        }
    }
}
