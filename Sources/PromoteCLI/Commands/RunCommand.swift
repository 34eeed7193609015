import ArgumentParser
import PromoteReports
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

    @OptionGroup var waiting: Waiting

    @Flag(help: "Pass over what only delays; for principals that the environment's policy names. Needs --reason.")
    var emergency = false

    @Option(help: "Why it is an emergency; it stays in the ledger.")
    var reason: String?

    private var isSeveral: Bool { all || selection.pattern != nil }

    func validate() throws {
        if emergency != (reason != nil) { throw ValidationError("--emergency and --reason go together.") }
        if all, selection.app != nil || selection.release != nil {
            throw ValidationError("--all goes with neither --app nor --release.")
        }
        if waiting.wait != nil, isSeveral || dryRun {
            throw ValidationError("--wait is for one promotion, and goes not with --dry-run.")
        }
        if isSeveral, selection.release != nil { throw ValidationError("--release is of one application.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        guard isSeveral else {
            let report = try await waiting.report(try await report(engine, of: selection.app), engine, terminal)
            return dryRun ? Answer(plan: report, terminal.style) : Answer(report, terminal.style)
        }
        var outcomes: [PromotionOutcome] = []
        for application in try await engine.applicationNames(selection.pattern, having: [from, to]) {
            do {
                let report = try await report(engine, of: application)
                outcomes.append(dryRun ? .planned(report) : .promoted(report))
            } catch {
                outcomes.append(.failed(application: application, error))
            }
        }
        return Answer(outcomes, terminal.style)
    }

    private func report(_ engine: PromotionEngine, of application: String?) async throws -> PromotionReport {
        var request = PromotionRequest(from: from, to: to, application: application, release: selection.release)
        request.emergency = reason
        if dryRun { return try await engine.plan(request) }
        let report = try await engine.promote(request)
        guard merge, let id = report.id, report.promotion?.isOpen == true else { return report }
        return try await engine.merge(id.description)
    }
}

/// Which release of which application.
struct ReleaseSelection: ParsableArguments {
    @Option(help: ArgumentHelp("The application; needed where there are several. 'shop-*' means each of them.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("This release instead of what <from> runs.", valueName: "release"))
    var release: String?

    /// What the applications are called, where several are meant.
    var pattern: String? { app.flatMap { $0.contains("*") ? $0 : nil } }
}
