import ArgumentParser
import PromotionDomain
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
            let rebuilt = try await engine.rebuild()
            var table = TextTable()
            for (application, events) in rebuilt { table.add(["", application.text, "\(events) events"]) }
            return Answer(
                json: .object([
                    "applications": .array(
                        rebuilt.map { .object(["name": .text($0.application), "events": .number($0.events)]) })
                ]),
                text: (["Read again:"] + table.lines()).joined(separator: "\n") + "\n")
        }
    }
}
