import ArgumentParser
import GitOpsTypes
import PromoteComposition
import PromotionEngine

/// `promote hook`
struct HookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook", abstract: "Enforce the rules on a plain Git server.",
        subcommands: [PreReceiveCommand.self, InstallCommand.self])
}

/// `promote hook pre-receive`
struct PreReceiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pre-receive", abstract: "Judge a push before it lands; Git runs this on the server.")

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let terminal = Terminal.current()
        var updates: [ReceivedUpdate] = []
        while let line = readLine() {
            guard let update = ReceivedUpdate(line: line) else {
                throw UsageFailure(message: "standard input has lines of <old> <new> <ref>, as Git gives them to the hook")
            }
            updates.append(update)
        }
        let options = CompositionOptions(directory: global.directory, remote: ".", isOffline: false)
        let (engine, _) = try await Composition.engine(options)
        let refusals = try await engine.receive(updates)
        guard !refusals.isEmpty else { return }
        terminal.narrate("promote refuses this push, and nothing of it lands:")
        for item in refusals {
            terminal.narrate("\n\(item.ref.displayable)\n\(Diagnosis(item.refusal).text(terminal))")
        }
        throw ReportedFailure(status: ExitStatus.refused)
    }
}

/// `promote hook install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install the hook into a bare repository.")

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The bare repository that people push to.", valueName: "repo"))
    var bare: String

    func run() async throws {
        let terminal = Terminal.current()
        let hook = try await ReceiveHook.install(into: bare)
        if global.json {
            terminal.answer(
                try JSONValue.object(["hook": .string(hook.path), "created": .bool(hook.isNew)]).rendered())
            return
        }
        terminal.answer(
            (hook.isNew ? "Installed \(hook.path)" : "Nothing to do: \(hook.path) is installed already")
                + "\n\nFrom now on every push is judged, by the policy of the branch that it goes to.\n")
    }
}
