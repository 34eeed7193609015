import ArgumentParser
import PromotionDomain
import PromotionEngine

/// `promote <from> <to>`
struct RunCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Promote what <from> runs into <to>; this is what `promote <from> <to>` does.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Where the release comes from: an environment, or build for the newest registered release.")
    var from: String

    @Argument(help: "The environment to promote into.")
    var to: String

    @OptionGroup var selection: ReleaseSelection

    @Flag(help: "Promote every application.")
    var all = false

    @Flag(help: "Print the plan and the checks; change nothing.")
    var dryRun = false

    @Flag(help: "Merge at once when every check passes.")
    var merge = false

    @Flag(help: "Pass over what only delays; for those whom the environment's policy names. Needs --reason.")
    var emergency = false

    @Option(help: "Why it is an emergency; it stays in the ledger.")
    var reason: String?

    func validate() throws {
        if emergency != (reason != nil) { throw ValidationError("--emergency and --reason go together.") }
        if all, selection.app != nil || selection.release != nil {
            throw ValidationError("--all goes with neither --app nor --release.")
        }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        guard all else { return try await one(engine, terminal, selection.app) }
        var reports: [JSONValue] = []
        var texts: [String] = []
        var failure: (any Error)?
        for application in try await engine.applicationNames() {
            do {
                let answer = try await one(engine, terminal, application)
                reports.append(answer.json)
                texts.append(answer.text)
            } catch {
                let diagnosis = Diagnosis(error)
                reports.append(.object(["application": .string(application), "error": diagnosis.json]))
                texts.append("\(application): \(diagnosis.message)\n")
                // The exit status is that of the first application that was not promoted.
                failure = failure ?? ReportedFailure(status: diagnosis.status)
            }
        }
        return Answer(
            json: .object(["promotions": .array(reports)]), text: texts.joined(separator: "\n"), failure: failure)
    }

    private func one(_ engine: PromotionEngine, _ terminal: Terminal, _ application: String?) async throws -> Answer {
        var request = PromotionRequest(from: from, to: to, application: application, release: selection.release)
        request.emergency = reason
        if dryRun { return try PlanCommand.answer(await engine.plan(request), terminal) }
        var report = try await engine.promote(request)
        if merge, let id = report.id, report.promotion?.isOpen == true { report = try await engine.merge(id.description) }
        let rendering = PromotionRendering(report: report)
        return Answer(json: rendering.json, text: rendering.text(terminal))
    }
}

/// Which release of which application.
struct ReleaseSelection: ParsableArguments {
    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("This release instead of what <from> runs.", valueName: "release"))
    var release: String?
}

/// Something was refused, and the answer says what; only the exit status is left to give.
struct ReportedFailure: Error {
    let status: Int32
}
