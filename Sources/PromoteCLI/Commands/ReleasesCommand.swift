import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote releases`
struct ReleasesCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases", abstract: "Builds, newest first: version, commit, age, and where each is and was.",
        discussion: """
            Wherever a release is asked for, the first four or more digits of its id are enough, or its version, where no other \
            release has it.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Option(help: "At most so many.")
    var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit is at least 1.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.releases(application: app, limit: limit), terminal.style)
    }
}
