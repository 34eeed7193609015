import ArgumentParser
import PromoteComposition
import PromoteReports
import PromotionEngine

/// `promote init`
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Read what the repository has, and write a configuration that promotes it; never changes a file.",
        discussion: """
            Looks at the last commit for Kustomize overlays, charts, plain manifests, and what Argo CD and Flux make of them, and \
            writes environments/ alone, with a line for each guess. In a repository without manifests, it writes a starter.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .customLong("env"), parsing: .singleValue,
        help: ArgumentHelp("An environment; once for each, in the order that releases go.", valueName: "environment"))
    var environments: [String] = []

    @Option(help: ArgumentHelp("Where overlays are, such as overlays/{environment}.", valueName: "template"))
    var overlay: String?

    @Option(
        name: .customLong("app"), parsing: .singleValue,
        help: ArgumentHelp("An application: those alone are written; or the name of the only one.", valueName: "app"))
    var applications: [String] = []

    @Option(
        name: .customLong("image"), parsing: .singleValue,
        help: ArgumentHelp("An image that is promoted; others are not.", valueName: "image"))
    var images: [String] = []

    @Option(
        name: .customLong("team"), parsing: .singleValue,
        help: ArgumentHelp("A team: NAME=member,member. The first is for production.", valueName: "team"))
    var teams: [String] = []

    @Option(
        help: ArgumentHelp(
            "The folder for the configuration, where environments/ is something else; kept in Git's promote.directory.",
            valueName: "folder"))
    var environmentsDir: String?

    @Flag(help: "Write without asking.")
    var yes = false

    @Flag(help: "Show what would be written, and why.")
    var dryRun = false

    func run() async throws {
        let terminal = Terminal.current()
        var options = SetupOptions()
        options.environments = environments
        options.overlay = overlay
        options.applications = applications
        options.images = images
        options.teams = teams
        options.directory = environmentsDir
        let setup = try await RepositorySetup(in: global.directory, options)
        if dryRun {
            try terminal.answer(Answer(setup.report), asJSON: global.json)
            return
        }
        if !yes, !global.json, terminal.asks, case .proposed = setup.report.outcome {
            terminal.answer(Answer(setup.report, isAsked: true).text)
            guard terminal.confirms("Write these files? --env, --app, --image and --team change what is proposed.") else {
                terminal.narrate("nothing was written")
                return
            }
        }
        try terminal.answer(Answer(try await setup.write()), asJSON: global.json)
    }
}
