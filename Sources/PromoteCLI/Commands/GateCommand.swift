import ArgumentParser
import PromotionEngine
import PromotionModel

/// `promote gate`
struct GateCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Judge a change to the configuration: what it does to each environment, and whether it may.",
        discussion: """
            For a required status check in CI. Judged is what merging --head into --base gives, by the policy, teams and keys of \
            the target branch, never by those that the change brings. Exits 77 when something fails, 75 when something waits.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The commit it goes into; otherwise the tip of the target branch.", valueName: "rev"))
    var base: String?

    @Option(help: ArgumentHelp("The commit to judge; otherwise what is checked out.", valueName: "rev"))
    var head: String?

    @Flag(help: "Print Markdown, for a comment on a pull request.")
    var markdown = false

    func validate() throws {
        if markdown, global.json { throw ValidationError("--markdown and --json exclude each other.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        ChangeRendering(report: try await engine.gate(base: base, head: head)).answer(terminal, asMarkdown: markdown)
    }
}
