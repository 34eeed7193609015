import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote diff <env> <env>`
struct DiffCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between two environments, as they are rendered.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "An environment.")
    var from: String

    @Argument(help: "The environment to compare with it.")
    var to: String

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Flag(help: "Show the manifests as a unified diff.")
    var unified = false

    @Flag(help: "Exit with status 2 when there is a difference.")
    var exitCode = false

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(
            try await engine.compare(from, to, application: app), terminal.style, unified: unified, saysDifference: exitCode)
    }
}
