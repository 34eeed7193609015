import ArgumentParser
import PromotionEngine

/// `promote approve P`
struct ApproveCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Consent to exactly what a promotion proposes now, signed with your key.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The promotion, such as web-3.")
    var promotion: String

    @Option(help: ArgumentHelp("Only if this is still its head: the commit you reviewed.", valueName: "commit"))
    var head: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let rendering = PromotionRendering(report: try await engine.approve(promotion, head: head))
        return Answer(json: rendering.json, text: rendering.text(terminal))
    }
}

/// `promote revoke P`
struct RevokeCommand: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Take your approval of a promotion back.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The promotion, such as web-3.")
    var promotion: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let rendering = PromotionRendering(report: try await engine.revoke(promotion))
        return Answer(json: rendering.json, text: rendering.text(terminal))
    }
}
