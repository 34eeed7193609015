import ArgumentParser
import Dispatch
import GitOpsTypes
import Glibc
import PromoteComposition
import PromoteReports
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
        do {
            try await judge(terminal)
        } catch let failure as ReportedFailure {
            throw failure
        } catch {
            let diagnosis = Diagnosis(error)
            terminal.narrate("promote refuses this push, because it cannot be judged:\n\n\(diagnosis.text(terminal.style))")
            throw ReportedFailure(status: diagnosis.status)
        }
    }

    private func judge(_ terminal: Terminal) async throws {
        let updates = try Self.updates()
        let repository = try await FoundRepository(at: global.directory)
        Self.limit(to: try ReceiveHook.timeout(in: repository), terminal)
        if let problem = try await ReceiveHook.problem(with: repository) { throw problem }
        let options = CompositionOptions(
            directory: global.directory, remote: ".", isOffline: false, runsGates: global.runGates)
        let (engine, _) = try await Composition.engine(options, in: repository)
        let refusals = try await engine.receive(updates)
        guard !refusals.isEmpty else { return }
        terminal.narrate("promote refuses this push, and nothing of it lands:")
        for item in refusals.prefix(Self.shown) {
            terminal.narrate("\n\(item.ref.displayable)\n\(Diagnosis(item.refusal).text(terminal.style))")
        }
        if refusals.count > Self.shown { terminal.narrate("\nand \(refusals.count - Self.shown) more refs") }
        throw ReportedFailure(status: .refused)
    }

    /// So many refused refs are explained to the pusher.
    private static let shown = 20

    private static func updates() throws -> [ReceivedUpdate] {
        var updates: [ReceivedUpdate] = []
        while let line = readLine() {
            guard let update = ReceivedUpdate(line: line) else {
                throw UsageFailure(message: "standard input has lines of <old> <new> <ref>, as Git gives them to the hook")
            }
            updates.append(update)
        }
        // Git runs the hook for at least one ref; a hook that calls this one has read them itself, and not handed them on.
        guard !updates.isEmpty else {
            throw UsageFailure(message: "standard input names no ref: hand on what Git gives to the hook")
        }
        return updates
    }

    /// Ends the process when judging takes longer than `seconds`, whatever it is doing then.
    private static func limit(to seconds: Int, _ terminal: Terminal) {
        DispatchQueue(label: "promote.hook").asyncAfter(deadline: .now() + .seconds(seconds)) {
            terminal.narrate(
                """
                promote refuses this push: it could not be judged within \(seconds) seconds
                hint: push less at once; or, on the server: git config promote.hookTimeout <seconds>
                """)
            _exit(ExitStatus.unavailable.code)
        }
    }
}

/// `promote hook install`
struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Install the hook into a bare repository.",
        discussion: """
            With --run-gates the hook runs the programs that the policy names, with the server's account; without it, gates that \
            are programs keep every push of their environments waiting.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The bare repository that people push to.", valueName: "repo"))
    var bare: String

    func run() async throws {
        let hook = try await ReceiveHook.install(into: bare, runsGates: global.runGates)
        try Terminal.current().answer(Answer(hook: hook.path, isNew: hook.isNew), asJSON: global.json)
    }
}
