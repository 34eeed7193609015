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
            "As it was then: 2026-11-21T07:42:00Z, 2026-11-21 (the end of that day), '2h ago', or a commit.",
            valueName: "time|rev"))
    var at: String?

    @Flag(name: .shortAndLong, help: "Go on until it is stopped, and print what changed.")
    var watch = false

    @Option(help: "Seconds between two looks of --watch.")
    var interval = 5

    func validate() throws {
        if interval < 1 { throw ValidationError("--interval is at least one second.") }
        if watch, at != nil { throw ValidationError("--watch looks at the present: it does not go with --at.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        if watch { return try await watched(engine, terminal) }
        guard let at else { return Answer(try await engine.status(application: app, environment: env), terminal.style) }
        return Answer(try await engine.status(application: app, environment: env, at: at))
    }

    /// Prints what is there whenever that is something else, until its reader is gone.
    private func watched(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        var told: String?
        while true {
            // Of ages alone nothing is printed anew.
            let found = try await Patience(interval: interval).result(terminal) {
                try await engine.status(application: app, environment: env)
            }
            if let found {
                let plain = try Answer(found).jsonText()
                if plain != told {
                    let answer = Answer(found, terminal.style)
                    let text = global.json ? plain : answer.text
                    guard case .written = terminal.redraw(text, isFirst: told == nil) else { return answer }
                    told = plain
                }
            }
            try await engine.pause(seconds: interval)
        }
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
        Answer(try await engine.history(application: app, environment: env, limit: limit), terminal.style)
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
