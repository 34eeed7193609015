import GitOpsTypes
public import PromotionEngine

/// What the set-up was found to be.
struct DoctorAnswer: Encodable, Sendable {
    let findings: [Finding]

    enum CodingKeys: String, CodingKey {
        case findings
    }

    struct Finding: Encodable, Sendable {
        let topic: String
        let status: String
        let detail: String
        @TextOrNull var remedy: String?

        enum CodingKeys: String, CodingKey {
            case topic
            case status
            case detail
            case remedy
        }

        init(_ finding: SetupFinding) {
            topic = finding.topic
            status = finding.status.rawValue
            detail = finding.detail.displayable
            remedy = finding.remedy?.displayable
        }
    }
}

extension Answer {
    /// `promote doctor`: bad input where something does not work.
    public init(_ findings: [SetupFinding]) {
        self.init(
            json: DoctorAnswer(findings: findings.map(DoctorAnswer.Finding.init)), text: Self.text(of: findings),
            status: findings.contains { $0.status == .problem } ? .badInput : .success)
    }

    private static func text(of findings: [SetupFinding]) -> String {
        let problems = findings.filter { $0.status == .problem }.count
        let warnings = findings.filter { $0.status == .warning }.count
        var table = TextTable()
        for finding in findings {
            table.add([mark(finding.status), finding.topic, finding.detail.displayable])
            if let remedy = finding.remedy { table.add(["", "", "→ \(remedy.displayable)"]) }
        }
        let headline =
            problems > 0
            ? "\(problems) of \(findings.count) checks found a problem"
            : "Everything works\(warnings > 0 ? "; \(warnings) warning\(warnings == 1 ? "" : "s")" : "")"
        return ([headline, ""] + table.lines()).joined(separator: "\n") + "\n"
    }

    private static func mark(_ status: SetupFinding.Status) -> String {
        switch status {
        case .good: "ok"
        case .warning: "warning"
        case .problem: "PROBLEM"
        }
    }
}
