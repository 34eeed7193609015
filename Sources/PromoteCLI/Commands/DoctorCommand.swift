import ArgumentParser
import GitOpsTypes
import PromotionEngine

/// `promote doctor`
struct DoctorCommand: EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Check the set-up: who you are, the policy, the ledgers, and what the forge enforces; with what to do about it.",
        discussion: "Exits 65 when something does not work, and 0 when it does, with or without warnings.")

    @OptionGroup var global: GlobalOptions

    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer {
        let findings = try await engine.findings()
        let json = JSONValue.object([
            "findings": .array(
                findings.map { finding in
                    .object([
                        "topic": .string(finding.topic), "status": .string(finding.status.rawValue),
                        "detail": .string(finding.detail.displayable), "remedy": .text(finding.remedy?.displayable),
                    ])
                })
        ])
        let problems = findings.filter { $0.status == .problem }.count
        let warnings = findings.filter { $0.status == .warning }.count
        var lines = [
            problems > 0
                ? "\(problems) of \(findings.count) checks found a problem"
                : "Everything works\(warnings > 0 ? "; \(warnings) warnings" : "")", "",
        ]
        var table = TextTable()
        for finding in findings {
            table.add([Self.mark(finding.status), finding.topic, finding.detail.displayable])
            if let remedy = finding.remedy { table.add(["", "", "→ \(remedy.displayable)"]) }
        }
        lines += table.lines()
        var answer = Answer(json: json, text: lines.joined(separator: "\n") + "\n")
        if problems > 0 { answer.failure = ReportedFailure(status: ExitStatus.badInput) }
        return answer
    }

    private static func mark(_ status: SetupFinding.Status) -> String {
        switch status {
        case .good: "ok"
        case .warning: "warning"
        case .problem: "PROBLEM"
        }
    }
}
