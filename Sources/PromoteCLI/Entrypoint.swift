import ArgumentParser
import Foundation
import GitOpsTypes
import PromoteComposition
import PromoteReports
import PromotionEngine
import Secrets

/// Runs the command line and turns every error into its exit status and words.
public enum Entrypoint {
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status.
    public static func run(_ arguments: [String]) async -> Int32 {
        Composition.begin()
        // A secret that a script puts into a reason or an address would be in the ledger for ever.
        let arguments = Waiting.completed(arguments.map { Redaction.hide(inOwnWords: $0) })
        let terminal = Terminal.current()
        let wantsJSON = arguments.contains("--json")
        TerminationSignals.install { signal in
            let error = EngineError.raced("ended by \(signal)", hint: "run the same command again: it finishes what was begun")
            let diagnosis = Diagnosis(error)
            report(diagnosis, wantsJSON, terminal)
            return diagnosis.status.code
        }
        if let name = topicName(arguments) {
            if let topic = HelpTopic(named: name) {
                terminal.answer(topic.text)
                return 0
            }
            let diagnosis = unknownTopic(name)
            report(diagnosis, wantsJSON, terminal)
            return diagnosis.status.code
        }
        do {
            var command = try PromoteCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as ReportedFailure {
            return failure.status.code
        } catch {
            let code = PromoteCommand.exitCode(for: error)
            // Help and version are no failures; ArgumentParser says so by their exit code.
            if code.isSuccess {
                terminal.answer(PromoteCommand.fullMessage(for: error) + "\n")
                return 0
            }
            if isUsageError(error, code) { return reportUsage(error, arguments, wantsJSON, terminal) }
            let diagnosis = Diagnosis(error)
            report(diagnosis, wantsJSON, terminal)
            return diagnosis.status.code
        }
    }

    /// ArgumentParser's own errors are about the command line; all others come from a command that ran.
    private static func isUsageError(_ error: any Error, _ code: ExitCode) -> Bool {
        code == .validationFailure
    }

    private static func reportUsage(_ error: any Error, _ arguments: [String], _ wantsJSON: Bool, _ terminal: Terminal) -> Int32 {
        let message = PromoteCommand.message(for: error)
        if arguments.isEmpty {
            terminal.narrate(PromoteCommand.helpMessage())
            return ExitStatus.usage.code
        }
        let words = words(of: arguments)
        let commands = PromoteCommand.commandNames
        let isCommand = words.first.map(commands.contains) ?? false
        let close = isCommand ? nil : words.first.flatMap { closestMatch(to: $0, among: commands) }
        var diagnosis: Diagnosis
        if isCommand, let missing = MissingArguments(of: arguments) {
            diagnosis = Diagnosis(UsageFailure(message: missing.message))
            diagnosis.hint = "\(missing.command); see `promote help \(words[0])`"
        } else if !isCommand, words.count == 1 {
            // One word is no way from here to there: it was meant for a command.
            diagnosis = Diagnosis(UsageFailure(message: "there is no command “\(words[0].displayable)”"))
            diagnosis.hint = close.map { "did you mean `promote \($0)`?" } ?? remedy(ofNoCommand: words[0].displayable)
        } else {
            diagnosis = Diagnosis(UsageFailure(message: message))
            diagnosis.hint =
                close.map { "did you mean `promote \($0)`?" } ?? "see `promote help\(isCommand ? " \(words[0])" : "")`"
        }
        report(diagnosis, wantsJSON, terminal)
        return ExitStatus.usage.code
    }

    /// What may have been meant by one word that is no command.
    private static func remedy(ofNoCommand word: String) -> String {
        switch word {
        case "version": "promote --version"
        case "build": "builds go into an environment: promote build <environment>"
        case _:
            "see `promote help`; from an environment of that name: promote \(word) <to>; into it: promote <from> \(word)"
        }
    }

    /// What of the arguments is no option. Words that are values of -C and --remote are no commands.
    private static func words(of arguments: [String]) -> [String] {
        zip(arguments, [""] + arguments).filter { !$0.hasPrefix("-") && $1 != "-C" && $1 != "--remote" }.map(\.0)
    }

    /// What `promote help` is asked for, where that is no command.
    private static func topicName(_ arguments: [String]) -> String? {
        let words = words(of: arguments)
        guard words.count == 2, words[0] == "help", !PromoteCommand.commandNames.contains(words[1]) else { return nil }
        return words[1]
    }

    private static func unknownTopic(_ name: String) -> Diagnosis {
        var diagnosis = Diagnosis(UsageFailure(message: "there is no help on “\(name.displayable)”"))
        let close = closestMatch(to: name, among: PromoteCommand.commandNames + HelpTopic.names)
        diagnosis.hint = close.map { "did you mean `promote help \($0)`?" } ?? "see `promote help topics`"
        return diagnosis
    }

    private static func report(_ diagnosis: Diagnosis, _ wantsJSON: Bool, _ terminal: Terminal) {
        // An error that cannot even be written as JSON is told in words.
        if wantsJSON, let text = try? diagnosis.jsonText() {
            terminal.answer(text)
        } else {
            terminal.narrate(diagnosis.text(terminal.style))
        }
    }
}

extension PromoteCommand {
    /// The names of all commands.
    static var commandNames: [String] {
        let groups = configuration.groupedSubcommands.flatMap(\.subcommands)
        return (configuration.ungroupedSubcommands + groups).compactMap { $0.configuration.commandName } + ["help"]
    }
}
