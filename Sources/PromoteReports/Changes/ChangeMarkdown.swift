import GitOpsTypes
import PromotionDomain
public import PromotionEngine
import PromotionPlanning

/// A change as the comment on its pull request has it.
///
/// Source: GitHub Flavored Markdown, "Tables" and "Fenced code blocks", which GitLab and Gitea read too.
public struct ChangeMarkdown {
    let report: ChangeReport

    public init(_ report: ChangeReport) {
        self.report = report
    }

    /// What forges take for a comment, with room to spare.
    private static let maximumBytes = 60_000

    public var text: String {
        let changed = ChangeHeadline(report: report).changed
        var text = table(changed).joined(separator: "\n") + "\n"
        for (index, entry) in changed.enumerated() {
            guard let diff = entry.diff else { continue }
            let block = Self.block(diff, of: entry)
            guard text.utf8.count + block.utf8.count < Self.maximumBytes else {
                return text + "\n… and \(changed.count - index) more: `promote gate`\n"
            }
            text += block
        }
        return text
    }

    private func table(_ changed: [ChangeReport.Entry]) -> [String] {
        let headline = ChangeHeadline(report: report)
        let lines = ["### promote: \(headline.verdict.lowercased())", "", headline.summary + ".", ""]
        guard !changed.isEmpty || report.policy != nil else { return lines }
        return lines + ["| | application | environment | rule | |", "|---|---|---|---|---|"]
            + changed.map { Self.row($0.check, $0.application.text, $0.environment.text) }
            + (report.policy.map { [Self.row($0, "", "`environments/`")] } ?? [])
    }

    /// A difference, folded away; nothing in a manifest may end the fence early.
    private static func block(_ diff: RenderedDiff, of entry: ChangeReport.Entry) -> String {
        let body = diff.lines.map { $0.replacing("```", with: "` ` `") }.joined(separator: "\n")
        return "\n<details><summary>\(entry.application) in \(entry.environment)</summary>\n\n```\n\(body)\n```\n\n</details>\n"
    }

    private static func row(_ check: Check, _ application: String, _ environment: String) -> String {
        let mark =
            switch check.status {
            case .pass: "✅"
            case .pending: "⏳"
            case .fail: "❌"
            }
        let clearing = check.clearedBy.isEmpty ? "" : " (cleared by \(check.clearedBy.joined(separator: ", ")))"
        let detail = (check.detail.displayable + clearing).replacing("|", with: "\\|").replacing("<", with: "&lt;")
        return "| \(mark) | \(application) | \(environment) | \(check.rule) | \(detail) |"
    }
}
