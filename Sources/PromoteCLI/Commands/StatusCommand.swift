import ArgumentParser
import PromoteReports
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
        guard let at else { return Answer(try await engine.status(application: app, environment: env)) }
        return Answer(try await engine.status(application: app, environment: env, at: at))
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
        Answer(try await engine.history(application: app, environment: env, limit: limit))
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
        case .promotion(let report): Answer(report, terminal.style)
        case .release(let report): Answer(report)
        }
    }
}
