import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote trust`
struct TrustCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Permit this clone to run the programs that the policy names, after showing them.",
        discussion: """
            Gates of environments may be programs, and the authors of the policy choose them. They run here only in the \
            versions that were permitted: when the file of environments/ that names one changes, or what it is given from the \
            target branch, its gate waits until this is run again. In CI, --run-gates permits whatever the policy names.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Show the programs; permit nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Permit only what the target branch has at this commit.", valueName: "commit"))
    var at: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let report = dryRun ? try await engine.programs() : try await engine.trustPrograms(at: at)
        return Answer(report, permitted: !dryRun)
    }
}
