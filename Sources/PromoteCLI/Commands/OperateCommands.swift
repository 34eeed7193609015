import ArgumentParser
import GitOpsTypes
import PromoteReports
import PromotionDomain
import PromotionEngine

/// `promote rollback <env> --reason …`
struct RollbackCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Open a promotion back to what an environment ran before, and hold it there.",
        discussion: """
            Back to what ran before the present release and did not fail, or to --to. Nothing is built and nothing skips a \
            check that the policy asks of rollbacks. The hold stays until `promote resume`, so that automation does not undo it.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The environment to roll back.")
    var environment: String

    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?

    @Option(help: ArgumentHelp("Back to this release, which ran there before.", valueName: "release"))
    var to: String?

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    @Flag(help: "Pass over what only delays; for principals that the environment's policy names.")
    var emergency = false

    @Flag(help: "Print the plan and the checks; change nothing.")
    var dryRun = false

    @Flag(help: "Merge at once when every check passes.")
    var merge = false

    @OptionGroup var waiting: Waiting

    func validate() throws {
        if waiting.wait != nil, dryRun { throw ValidationError("--wait does not go with --dry-run.") }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let request = RollbackRequest(
            environment: environment, application: app, release: to, reason: reason, isEmergency: emergency)
        if dryRun { return Answer(plan: try await engine.planRollback(request), terminal.style) }
        var report = try await engine.rollback(request)
        if merge, let id = report.id, report.promotion?.isOpen == true { report = try await engine.merge(id.description) }
        return Answer(try await waiting.report(report, engine, terminal), terminal.style)
    }
}

/// An environment of an application, as operators name it.
struct OperatedEnvironment: ParsableArguments {
    @Argument(help: "The environment.")
    var environment: String

    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?
}

/// `promote hold <env> --reason …`
struct HoldCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Stop an environment for an application, until `promote resume`.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: OperatedEnvironment

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.hold(target.environment, application: target.app, reason: reason))
    }
}

/// `promote resume <env>`
struct ResumeCommand: EngineCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Take a hold back.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: OperatedEnvironment

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.resume(target.environment, application: target.app))
    }
}

/// `promote freeze <env> --reason …`
struct FreezeCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Stop all merges into an environment, of every application, for a time.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The environment.")
    var environment: String

    @Option(
        help: ArgumentHelp(
            "When it ends by itself, such as 2026-12-27T06:00:00Z, 2026-12-27 or 'in 2h'; else by `unfreeze`.", valueName: "time")
    )
    var until: String?

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.freeze(environment, until: until, reason: reason))
    }
}

/// `promote unfreeze <env>`
struct UnfreezeCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze", abstract: "Lift every freeze of an environment.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The environment.")
    var environment: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.unfreeze(environment))
    }
}

/// `promote yank R --reason …`
struct YankCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "yank", abstract: "Quarantine a release everywhere: it moves nowhere any more.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The release, such as web-1a2b3c4d5e6f.")
    var release: String

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.yank(release, reason: reason))
    }
}

/// `promote accept <env>|--policy --reason …`
struct AcceptCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept what came into an environment without a promotion.",
        discussion: """
            With --policy: you have seen the changes of environments/ that do not count, and they are shown no more. Which \
            policy counts stays as it is; for a change to count, its approvers run `promote approve --change`.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The environment; none with --policy.")
    var environment: String?

    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?

    @Flag(help: "Changes of environments/ that do not count, instead of an environment.")
    var policy = false

    @Option(help: "Why; it stays in the ledger.")
    var reason: String

    func validate() throws {
        guard policy != (environment != nil) else {
            throw ValidationError("name an environment, or --policy, and not both")
        }
    }

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        guard let environment else { return Answer(try await engine.acceptPolicy(reason: reason)) }
        return Answer(try await engine.accept(environment, application: app, reason: reason))
    }
}

/// `promote explain <env>|P`
struct ExplainCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why a release is not moving: every check, since when, and who can clear it.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "An environment, or a promotion such as web-3.")
    var name: String

    @Option(help: ArgumentHelp("The application; needed where there are several.", valueName: "app"))
    var app: String?

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        Answer(try await engine.explain(name, application: app), terminal.style)
    }
}
