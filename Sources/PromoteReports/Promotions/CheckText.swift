import GitOpsTypes
import PromotionDomain

/// Checks as lines of text, what stands in the way first: what each found, and below it since when and who can clear it.
enum CheckText {
    /// So many passed checks are told one by one.
    private static let unfolded = 3

    /// - Parameter foldsPassed: whether those that pass are told in one line: all but that of approvals, which says whose they are.
    static func lines(_ checks: [Check], _ style: TextStyle, foldsPassed: Bool = false) -> [String] {
        let open = checks.filter { $0.status == .fail } + checks.filter { $0.status == .pending }
        let passed = checks.filter { $0.status == .pass }
        let folded = passed.filter { $0.rule != .approved }
        guard foldsPassed, folded.count > unfolded else { return told(open + passed, style) }
        let rules = folded.map(\.rule.description).joined(separator: ", ")
        let isAll = open.isEmpty && folded.count == passed.count
        return told(open + passed.filter { $0.rule == .approved }, style)
            + ["  \(word(.pass, style))  \(isAll ? "all " : "")\(folded.count) \(isAll ? "" : "other ")checks: \(rules)"]
    }

    private static func told(_ checks: [Check], _ style: TextStyle) -> [String] {
        let width = checks.map { $0.rule.description.count }.max() ?? 0
        return checks.flatMap { check in
            let rule = check.rule.description
            let line =
                "  \(word(check.status, style))  \(rule)\(String(repeating: " ", count: width - rule.count))  \(check.detail.displayable)"
            let facts = [
                check.since.map { "since \(style.told($0))" },
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
