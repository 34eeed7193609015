import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote images --in-use`
struct ImagesCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "Every image that an environment runs, may go back to, or is about to get.",
        discussion: """
            One <name>@<digest> on each line: what a clean-up of the registry has to keep. What runs is what Git has in each \
            environment, promoted or not; an image without a digest stands there as it is written.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Flag(help: "Those that are needed, which is what is printed in any case.")
    var inUse = false

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.imagesInUse(application: app))
    }
}
