import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// A change for people: the verdict, then each environment that changes with its check and what of it differs.
struct ChangeText {
    let report: ChangeReport
    let style: TextStyle
    /// Whether manifests are shown as a unified diff instead of field by field, and whole.
    var unified = false

    /// So many lines of a difference are shown.
    private static let shownLines = 20

    var text: String {
        let headline = ChangeHeadline(report: report)
        var lines = ["\(style.coloured(headline.verdict, colour)): \(headline.summary)"]
        for entry in headline.changed { lines += self.lines(entry) }
        if let policy = report.policy {
            lines += ["", style.coloured("environments/", .bold)] + CheckText.lines([policy], style)
        }
        if report.verdict == .pending { lines += ["", "next: promote approve --change \(report.head.hex)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var colour: TextStyle.Colour {
        switch report.verdict {
        case .pass: .green
        case .pending: .yellow
        case .fail: .red
        }
    }

    private func lines(_ entry: ChangeReport.Entry) -> [String] {
        let lines =
            ["", style.coloured("\(entry.application) in \(entry.environment)", .bold)] + CheckText.lines([entry.check], style)
        if unified { return lines + (entry.diff?.unified() ?? []).map { "    \($0)" } }
        guard let diff = entry.diff?.lines else { return lines }
        let rest = diff.count - Self.shownLines
        return lines + diff.prefix(Self.shownLines).map { "    \($0)" } + (rest > 0 ? ["    … and \(rest) lines more"] : [])
    }
}

/// A verdict in a few words, as text and Markdown begin with it.
struct ChangeHeadline {
    let report: ChangeReport

    var changed: [ChangeReport.Entry] { report.entries.filter(\.isChanged) }

    var verdict: String {
        switch report.verdict {
        case .pass: "Permitted"
        case .pending: "Not yet"
        case .fail: "Refused"
        }
    }

    var summary: String {
        let (count, all) = (changed.count, report.entries.count)
        let what =
            count == 0
            ? "no environment changes"
            : "\(count) of \(all) environment\(all == 1 ? "" : "s") change\(count == 1 ? "s" : "")"
        return what + (report.policy == nil ? "" : ", and the policy changes")
    }
}
