import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// What a change does to environments, as text, Markdown and JSON.
struct ChangeRendering {
    let report: ChangeReport

    /// - Parameter isJudged: whether the exit status tells the verdict.
    func answer(_ terminal: Terminal, asMarkdown: Bool = false, isJudged: Bool = true) -> Answer {
        var answer = Answer(json: json, text: asMarkdown ? markdown : text(terminal))
        switch report.verdict {
        case _ where !isJudged: break
        case .pass: break
        case .pending: answer.failure = ReportedFailure(status: ExitStatus.tryAgain)
        case .fail: answer.failure = ReportedFailure(status: ExitStatus.refused)
        }
        return answer
    }

    private var changed: [ChangeReport.Entry] { report.entries.filter(\.isChanged) }

    private var json: JSONValue {
        .object([
            "verdict": .string(report.verdict.rawValue), "base": .text(report.base), "head": .text(report.head),
            "environments": .array(
                report.entries.map { entry in
                    var fields = Self.fields(entry.check)
                    fields["name"] = .text(entry.environment)
                    fields["application"] = .text(entry.application)
                    fields["changed"] = .bool(entry.isChanged)
                    fields["diff"] = .array((entry.diff?.lines ?? []).map { .string($0) })
                    return .object(fields)
                }),
            "policy": report.policy.map { .object(Self.fields($0)) } ?? .null,
        ])
    }

    private static func fields(_ check: Check) -> [String: JSONValue] {
        [
            "permitted": .bool(check.status == .pass), "status": .string(check.status.rawValue), "rule": .text(check.rule),
            "detail": .string(check.detail.displayable), "clearedBy": .array(check.clearedBy.map { .string($0) }),
        ]
    }

    // MARK: Text

    private var headline: String {
        switch report.verdict {
        case .pass: "Permitted"
        case .pending: "Waits for somebody"
        case .fail: "Refused"
        }
    }

    private var summary: String {
        let count = changed.count
        let what =
            count == 0
            ? "no environment changes"
            : "\(count) of \(report.entries.count) environment\(report.entries.count == 1 ? "" : "s") change\(count == 1 ? "s" : "")"
        return what + (report.policy == nil ? "" : ", and the policy changes")
    }

    private func text(_ terminal: Terminal) -> String {
        let colour: Terminal.Colour = report.verdict == .pass ? .green : report.verdict == .pending ? .yellow : .red
        var lines = ["\(terminal.coloured(headline, colour)): \(summary)"]
        for entry in changed {
            lines += ["", terminal.coloured("\(entry.application) in \(entry.environment)", .bold)]
            lines += PromotionRendering.lines([entry.check], terminal)
            if let diff = entry.diff {
                lines += diff.lines.prefix(Self.maximumTextLines).map { "    \($0)" }
                if diff.lines.count > Self.maximumTextLines {
                    lines.append("    … and \(diff.lines.count - Self.maximumTextLines) lines more")
                }
            }
        }
        if let policy = report.policy {
            lines += ["", terminal.coloured("environments/", .bold)] + PromotionRendering.lines([policy], terminal)
        }
        if let next { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let maximumTextLines = 20

    private var next: String? {
        guard report.verdict == .pending else { return nil }
        return "promote approve --change \(report.head.hex)"
    }

    // MARK: Markdown

    /// What forges take for a comment, with room to spare.
    private static let maximumMarkdownBytes = 60_000

    var markdown: String {
        var lines = ["### promote: \(headline.lowercased())", "", summary + ".", ""]
        if !changed.isEmpty || report.policy != nil {
            lines += ["| | application | environment | rule | |", "|---|---|---|---|---|"]
            lines += changed.map { entry in
                Self.row(entry.check, entry.application.text, entry.environment.text)
            }
            if let policy = report.policy { lines.append(Self.row(policy, "", "`environments/`")) }
        }
        var text = lines.joined(separator: "\n") + "\n"
        for (index, entry) in changed.enumerated() {
            guard let diff = entry.diff else { continue }
            // Nothing in a manifest may end the fence early.
            let body = diff.lines.map { $0.replacing("```", with: "` ` `") }.joined(separator: "\n")
            let block =
                "\n<details><summary>\(entry.application) in \(entry.environment)</summary>\n\n```\n\(body)\n```\n\n</details>\n"
            guard text.utf8.count + block.utf8.count < Self.maximumMarkdownBytes else {
                return text + "\n… and \(changed.count - index) more: `promote gate`\n"
            }
            text += block
        }
        return text
    }

    private static func row(_ check: Check, _ application: String, _ environment: String) -> String {
        let mark =
            switch check.status {
            case .pass: "✅"
            case .pending: "⏳"
            case .fail: "❌"
            }
        let who = check.clearedBy.isEmpty ? "" : " (cleared by \(check.clearedBy.joined(separator: ", ")))"
        let detail = (check.detail.displayable + who).replacing("|", with: "\\|").replacing("<", with: "&lt;")
        return "| \(mark) | \(application) | \(environment) | \(check.rule) | \(detail) |"
    }
}
