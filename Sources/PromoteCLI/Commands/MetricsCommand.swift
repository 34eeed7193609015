import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote metrics`
struct MetricsCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "How often applications are deployed, how long that takes, how much of it fails, and for how long.",
        discussion: """
            The four figures of DORA, by the ledger: merged promotions; from a build's registration to its deployment; the part \
            that a verification failed or that was rolled back; from there to the next that passed or was deployed.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("In this environment only.", valueName: "env"))
    var env: String?

    @Option(help: ArgumentHelp("From when on: 2026-11-21, or 90d for that long ago (default: 30d).", valueName: "time"))
    var since: String?

    @Option(help: "text, json or prometheus.")
    var format = WrittenFormat.text

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        try Answer(try await engine.metrics(application: app, environment: env, since: since), as: format.value)
    }
}

/// The format as it is typed.
enum WrittenFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case prometheus

    var value: MetricsFormat {
        switch self {
        case .text: .text
        case .json: .json
        case .prometheus: .prometheus
        }
    }
}
