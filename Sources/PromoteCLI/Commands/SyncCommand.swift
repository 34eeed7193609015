import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote sync`
struct SyncCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Look for what was done with other programs and on the forge, and record it, or what is wrong with it.",
        discussion: "Exits with status 77 when it finds a violation; what was found before is in `promote status`.")

    @OptionGroup var global: GlobalOptions

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let steps = try await engine.sync()
        return Answer(steps, rewritten: try await engine.rewrittenHistory())
    }
}
