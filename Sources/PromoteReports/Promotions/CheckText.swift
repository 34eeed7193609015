import GitOpsTypes
import PromotionDomain

/// Checks as lines of text: what each found, and below it since when and who can clear it.
enum CheckText {
    static func lines(_ checks: [Check], _ style: TextStyle) -> [String] {
        let width = checks.map { $0.rule.description.count }.max() ?? 0
        return checks.flatMap { check in
            let rule = check.rule.description
            let line =
                "  \(word(check.status, style))  \(rule)\(String(repeating: " ", count: width - rule.count))  \(check.detail.displayable)"
            let facts = [
                check.since.map { "since \($0)" },
                check.status == .pass || check.clearedBy.isEmpty ? nil : "cleared by \(check.clearedBy.joined(separator: ", "))",
            ].compactMap(\.self)
            return facts.isEmpty ? [line] : [line, String(repeating: " ", count: width + 13) + facts.joined(separator: "; ")]
        }
    }

    private static func word(_ status: Check.Status, _ style: TextStyle) -> String {
        switch status {
        case .pass: style.coloured("pass   ", .green)
        case .fail: style.coloured("FAIL   ", .red)
        case .pending: style.coloured("pending", .yellow)
        }
    }
}
