import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote state …`
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The local state store, which holds nothing that the ledger does not.",
        subcommands: [Rebuild.self])

    /// `promote state rebuild`
    struct Rebuild: EngineCommand {
        static let configuration = CommandConfiguration(
            commandName: "rebuild", abstract: "Forget the state store and read every ledger again.")

        @OptionGroup var global: GlobalOptions

        func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
            Answer(rebuilt: try await engine.rebuild())
        }
    }
}
