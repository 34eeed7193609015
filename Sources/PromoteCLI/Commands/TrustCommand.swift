import ArgumentParser
import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// `promote trust`
struct TrustCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Permit this clone to run the programs that the policy names, after showing them.",
        discussion: """
            Gates of environments may be programs, and whoever may change the policy chooses them. They run here only in the \
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
        let json = JSONValue.object([
            "commit": .text(report.commit), "permitted": .bool(!dryRun), "programs": .array(report.programs.map(Self.json)),
        ])
        return Answer(json: json, text: lines(report, terminal).joined(separator: "\n") + "\n")
    }

    private static func json(_ program: PolicyProgram) -> JSONValue {
        .object([
            "environment": .text(program.environment), "gate": .string(program.gate.name),
            "command": .array(program.command.map { .string($0.displayable) }),
            "file": .text(program.gate.definition?.path), "version": .text(program.gate.definition?.version),
            "files": .array(
                (program.files ?? []).map { .object(["path": .text($0.path), "id": .string($0.id)]) }),
            "trusted": .bool(program.isTrusted),
        ])
    }

    private func lines(_ report: ProgramReport, _ terminal: Terminal) -> [String] {
        let place = "\(report.branch) at \(report.commit.short)"
        guard !report.programs.isEmpty else { return ["Nothing to do: the policy of \(place) names no program"] }
        var table = TextTable()
        for program in report.programs {
            table.add([
                program.environment.text, "gate/\(program.gate.name)", Self.quoted(program.command),
                program.isTrusted ? "permitted before" : dryRun ? "not permitted" : "new",
            ])
            let definition = program.gate.definition.map { "\($0.path) \($0.version.short)" }
            table.add(["", "", "named by \(definition?.displayable ?? "no file")", ""])
            for file in program.files ?? [] { table.add(["", "", "with \(file.path) \(file.id.prefix(10))".displayable, ""]) }
            if program.files == nil { table.add(["", "", "with files that are not on the target branch", ""]) }
        }
        let title = "Programs that the policy of \(place) names:"
        let end =
            dryRun
            ? "next: promote trust --at \(report.commit.short)"
            : "They may be run in this clone, as your account, with your files and your network."
        return [title, ""] + table.lines() + ["", end]
    }

    /// As a shell would want it, so that arguments with blanks are told from several.
    private static func quoted(_ command: [String]) -> String {
        command.map { word in
            let isPlain =
                !word.isEmpty
                && word.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                    default: "-_./:=@,+%".utf8.contains(byte)
                    }
                }
            return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
        }.joined(separator: " ").displayable
    }
}
