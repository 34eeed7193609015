public import ArgumentParser
import CVersion

/// `promote`: the root of the command line.
public struct PromoteCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Build once, promote everywhere: moves one built image through environments kept in Git.",
        usage: "promote [-C <repo>] [--json] <from> <to> [--app <app>]\n       promote [-C <repo>] [--json] <command>",
        discussion:
            "Start with `promote status`. `promote help <command>` explains a command; `promote help topics` lists the rest.",
        version: String(cString: promote_version()),
        subcommands: [RunCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Promote",
                subcommands: [
                    PlanCommand.self, DiscoverCommand.self, RegisterCommand.self, VerifyCommand.self, ApproveCommand.self,
                    RejectCommand.self,
                    RevokeCommand.self,
                    MergeCommand.self, CloseCommand.self, ReconcileCommand.self, SyncCommand.self, GateCommand.self,
                ]),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    RollbackCommand.self, HoldCommand.self, ResumeCommand.self, FreezeCommand.self, UnfreezeCommand.self,
                    YankCommand.self,
                    AcceptCommand.self,
                ]),
            CommandGroup(
                name: "Ask",
                subcommands: [
                    StatusCommand.self, ExplainCommand.self, HistoryCommand.self, ShowCommand.self, ReleasesCommand.self,
                    DiffCommand.self, MetricsCommand.self, ImagesCommand.self, RenderCommand.self,
                    AuditCommand.self,
                ]),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    InitCommand.self, AdoptCommand.self, KeysCommand.self, SchemaCommand.self, HookCommand.self,
                    DoctorCommand.self,
                    TrustCommand.self,
                    FetchBaseCommand.self, StateCommand.self,
                ]),
        ],
        defaultSubcommand: RunCommand.self)

    @OptionGroup var global: GlobalOptions

    public init() {}
}
