import PromotionDomain
import PromotionEngine

/// The command to type next about a promotion; nil where a plan cannot be carried out.
struct PromotionNextStep {
    let report: PromotionReport

    var command: String? {
        guard let id = report.id, case .recorded(let phase) = report.phase else { return report.id == nil ? ofPlan : nil }
        switch phase {
        case .open, .requested:
            if let failed = report.checks.first(where: { $0.status == .fail }) {
                return Self.clearing(failed, report) ?? "promote close \(id) --reason <why>"
            }
            if let rejection = report.promotion?.rejections.first {
                if report.action == .rejected { return "promote close \(id) --reason <why>" }
                return "promote revoke \(id), by \(rejection.by)"
            }
            guard let approval = report.checks.first(where: { $0.rule == .approved && $0.status == .pending }) else {
                return "promote merge \(id)"
            }
            let approvers = approval.clearedBy.isEmpty ? "" : ", by \(approval.clearedBy.joined(separator: " or "))"
            return "promote approve \(id)\(approvers)"
        case .merged: return "promote verify \(report.environment) \(application) --result passed"
        case .verified, .failed, .closed, .superseded: return "promote status \(application)"
        }
    }

    private var ofPlan: String? {
        if let failed = report.checks.first(where: { $0.status == .fail }) { return Self.clearing(failed, report) }
        return report.origin.isRollback(into: report.environment)
            ? "promote rollback \(report.environment) \(application) --to \(report.release.id) --reason <why>"
            : "promote \(report.origin) \(report.environment) \(application)"
    }

    /// What clears a check that fails, where one command does.
    private static func clearing(_ check: Check, _ report: PromotionReport) -> String? {
        let application = "--app \(report.application)"
        switch check.rule {
        case .notHeld: return "promote resume \(report.environment) \(application)"
        case .noSilentDowngrade where !report.origin.isRollback(into: report.environment):
            return "promote rollback \(report.environment) \(application) --to \(report.release.id) --reason <why>"
        case .notTainted, .verifiedUpstream:
            guard case .environment(let origin) = report.origin else { return nil }
            return "promote explain \(origin) \(application)"
        case _: return nil
        }
    }

    private var application: String { "--app \(report.application)" }
}
