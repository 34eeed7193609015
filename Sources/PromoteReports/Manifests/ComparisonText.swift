import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// What differs between two environments, for people.
struct ComparisonText {
    let report: ComparisonReport
    let style: TextStyle
    let unified: Bool

    var text: String {
        let differing = report.applications.filter { !$0.diff.isEmpty }
        guard !differing.isEmpty else { return same }
        var lines = [style.coloured(headline(differing.count), .bold)] + differing.flatMap(lines)
        if let step = report.step {
            let application = report.applications.count == 1 ? " --app \(report.applications[0].name)" : ""
            lines += ["", "next: promote plan \(step.from) \(step.to)\(application)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var same: String {
        let total = report.applications.count
        return total == 1
            ? "\(report.applications[0].name) renders the same in \(report.from) and \(report.to).\n"
            : "All \(total) applications render the same in \(report.from) and \(report.to).\n"
    }

    private func headline(_ count: Int) -> String {
        let total = report.applications.count
        return
            "\(count) of \(total) application\(total == 1 ? "" : "s") \(count == 1 ? "differs" : "differ") between \(report.from) and \(report.to)"
    }

    private func lines(_ application: ComparisonReport.ApplicationComparison) -> [String] {
        var lines = ["", "\(application.name)  (- \(report.from)  + \(report.to))"]
        if let move = application.diff.namespaces {
            lines.append("  namespace: \(move.old ?? "default") → \(move.new ?? "default"), everywhere")
        }
        return lines + (unified ? application.diff.unified() : application.diff.lines.map { "  \($0)" })
    }
}
