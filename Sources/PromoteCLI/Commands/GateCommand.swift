import ArgumentParser
import PromoteReports
import PromotionEngine
import PromotionForge

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

    @Option(
        help: ArgumentHelp(
            "A pull request of the forge; the verdict becomes its status promote/gate, and a comment.", valueName: "N"))
    var pullRequest: Int?

    @Flag(help: "Print Markdown, for a comment on a pull request.")
    var markdown = false

    @Flag(help: "Show the manifests as a unified diff.")
    var unified = false

    func validate() throws {
        if markdown, unified { throw ValidationError("--markdown and --unified exclude each other.") }
        if markdown, global.json { throw ValidationError("--markdown and --json exclude each other.") }
        if pullRequest != nil, base != nil || head != nil {
            throw ValidationError("--pull-request tells the base and the head itself.")
        }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let form: Answer.ChangeForm = markdown ? .markdown : .verdict(terminal.style, unified: unified)
        guard let pullRequest else { return Answer(try await engine.gate(base: base, head: head), as: form) }
        let report = try await engine.gate(pullRequest: pullRequest)
        var answer = Answer(report, as: form)
        do {
            try await engine.publish(report, on: pullRequest, markdown: ChangeMarkdown(report).text)
        } catch let error as ForgeError {
            // A token that may only read still gets its verdict.
            answer.notices.append("note: the status of #\(pullRequest) is not set: \(error.reason)")
        }
        return answer
    }
}
