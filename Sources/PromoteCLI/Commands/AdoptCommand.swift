import ArgumentParser
import PromoteReports
import PromotionEngine

/// `promote adopt`
struct AdoptCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Record what environments run already, once, before the first promotion.",
        discussion: """
            What Git has in each environment becomes a release in the ledger, its tags as the digests that their registries have \
            for them now. It counts as deployed and not as verified: `rollback`, `status`, `diff` and `audit images` know it \
            from then on. Only operators may, and where the ledger knows what runs, nothing changes.

            promote adopt --all
            promote adopt --app web --env prod
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The application; needed where there are several, unless --all.", valueName: "app"))
    var app: String?

    @Flag(help: "All applications.")
    var all = false

    @Option(help: ArgumentHelp("This environment alone.", valueName: "env"))
    var env: String?

    func validate() throws {
        if all, app != nil { throw ValidationError("--all and --app exclude each other") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.adopt(application: app, all: all, environment: env))
    }
}
