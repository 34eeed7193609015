import GitOpsTypes
import PromotionDomain
import PromotionEngine

/// The programs that the policy names, for people.
struct ProgramsText {
    let report: ProgramReport
    let permitted: Bool

    var text: String { lines.joined(separator: "\n") + "\n" }

    private var lines: [String] {
        let place = "\(report.branch) at \(report.commit.short)"
        guard !report.programs.isEmpty else { return ["Nothing to do: the policy of \(place) names no program"] }
        var table = TextTable()
        for program in report.programs { rows(program).forEach { table.add($0) } }
        let end =
            permitted
            ? "They may be run in this clone, as your account, with your files and your network."
            : "next: promote trust --at \(report.commit.short)"
        return ["Programs that the policy of \(place) names:", ""] + table.lines() + ["", end]
    }

    private func rows(_ program: PolicyProgram) -> [[String]] {
        let definition = program.definition.map { "\($0.path) \($0.version.short)" }
        let files =
            program.files.map { $0.map { "with \($0.path) \($0.id.prefix(10))".displayable } }
            ?? ["with files that are not on the target branch"]
        let told = ["named by \(definition?.displayable ?? "no file")"] + files
        return [
            [
                program.environment.text, Self.noun(program.purpose), Self.quoted(program.command),
                program.isTrusted ? "permitted before" : permitted ? "new" : "not permitted",
            ]
        ] + told.map { ["", "", $0, ""] }
    }

    private static func noun(_ purpose: PolicyProgram.Purpose) -> String {
        switch purpose {
        case .gate(let name): "gate/\(name)"
        case .renderer(let application): "renderer of \(application)"
        }
    }

    /// As a shell would want it, so that arguments with blanks are told from several.
    private static func quoted(_ command: [String]) -> String {
        command.map(\.shellWord).joined(separator: " ").displayable
    }
}
