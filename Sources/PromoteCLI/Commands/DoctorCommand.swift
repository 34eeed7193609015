import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote doctor`
struct DoctorCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Check the set-up: who you are, the policy, the ledgers, and what the forge enforces; with what to do about it.",
        discussion: "Exits 65 when something does not work, and 0 when it does, with or without warnings.")

    @OptionGroup var global: GlobalOptions

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.findings())
    }
}
