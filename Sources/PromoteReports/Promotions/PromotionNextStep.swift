import PromotionDomain
import PromotionEngine

/// The command to type next about a promotion; nil where a plan cannot be carried out.
struct PromotionNextStep {
    let report: PromotionReport

    var command: String? {
        guard let id = report.id, case .recorded(let phase) = report.phase else { return report.id == nil ? ofPlan : nil }
        switch phase {
        case .open, .requested:
            if report.checks.contains(where: { $0.status == .fail }) { return "promote close \(id) --reason <why>" }
            let needsApproval = report.checks.contains { $0.rule == .approved && $0.status == .pending }
            return needsApproval ? "promote approve \(id)" : "promote merge \(id)"
        case .merged: return "promote verify \(report.environment) \(application) --result passed"
        case .verified, .failed, .closed, .superseded: return "promote status \(application)"
        }
    }

    private var ofPlan: String? {
        if report.checks.contains(where: { $0.status == .fail }) { return nil }
        return report.origin.isRollback(into: report.environment)
            ? "promote rollback \(report.environment) \(application) --to \(report.release.id) --reason <why>"
            : "promote \(report.origin) \(report.environment) \(application)"
    }

    private var application: String { "--app \(report.application)" }
}
