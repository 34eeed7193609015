import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote merge P`
struct MergeCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Merge a promotion, once every check passes.")

    @OptionGroup var global: GlobalOptions

    @OptionGroup var named: NamedPromotions
    @OptionGroup var waiting: Waiting

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        try await named.names.answer(engine, terminal.style) { promotion in
            try await waiting.report(try await engine.merge(promotion), engine, terminal)
        }
    }
}

/// `promote close P --reason …`
struct CloseCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a promotion without merging it.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The promotion, such as web-3.")
    var promotion: String

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.close(promotion, reason: reason), terminal.style)
    }
}
