import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote reconcile`
struct ReconcileCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Do everything that happens by itself, once: promote, merge, clear away.",
        discussion: """
            Environments with `autoPromote: true` get what is verified upstream, those with `merge: auto` have what passes every \
            check merged; nothing is passed over. Run it after each build and verification, and every few minutes. Exits with status 77 when it \
            finds a violation.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Of this application only.", valueName: "app"))
    var app: String?

    @Flag(help: "Go on until it is stopped, and print what each pass did.")
    var watch = false

    @Option(help: "Seconds between two passes of --watch.")
    var interval = 30

    func validate() throws {
        if interval < 1 { throw ValidationError("--interval is at least one second.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        var told: [ReconciliationStep] = []
        while watch {
            if let steps = try await Patience(interval: interval).result(
                terminal, { try await engine.reconcile(application: app) })
            {
                // What has been waiting since the last pass was told then.
                for step in steps where !told.contains(step) { terminal.narrate(step.line) }
                told = steps
            }
            try await engine.pause(seconds: interval)
        }
        return Answer(try await engine.reconcile(application: app))
    }
}
