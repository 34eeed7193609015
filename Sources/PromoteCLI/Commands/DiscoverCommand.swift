import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote discover`
struct DiscoverCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover",
        abstract: "Look for new builds in registries, by each image's `select`, and register them as candidates.",
        discussion: "Nothing moves by it, and a release that is older than a registered one is never taken.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.discover(application: app))
    }
}
