import GitOpsTypes
import Kustomize
import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// A promotion for people.
struct PromotionText {
    let report: PromotionReport
    let style: TextStyle
    /// Whether rendered manifests are shown as a unified diff instead of field by field.
    var unified = false

    var text: String {
        var lines = [style.coloured(PromotionHeadline(report: report).text, .bold)]
        lines += facts.lines(indentation: "  ")
        if let plan = report.plan { lines += self.lines(plan) }
        lines += report.releaseDifferences.flatMap(self.lines)
        if showsChecks, !report.checks.isEmpty {
            lines += [""] + CheckText.lines(report.checks, style, foldsPassed: report.action != .shown)
        }
        if let next = PromotionNextStep(report: report).command { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var facts: TextTable {
        var facts = TextTable()
        for image in report.release.images {
            facts.add([
                image.kind.rawValue,
                "\(image.name)@\(image.digest)" + ((image.chartVersion?.text ?? image.tag?.text).map { " (\($0))" } ?? ""),
            ])
        }
        guard let promotion = report.promotion else { return facts }
        if let reason = promotion.emergency {
            facts.add(["EMERGENCY", "by \(promotion.requestedBy): \(reason.displayable)"])
        }
        facts.add(["requested", "by \(promotion.requestedBy) at \(promotion.requestedAt)"])
        for approval in promotion.approvals {
            facts.add(["approved", "by \(approval.by) at \(approval.at), at \(approval.head.short)"])
        }
        for rejection in promotion.rejections {
            facts.add(["rejected", "by \(rejection.by) at \(rejection.at): \(rejection.reason.displayable)"])
        }
        if let url = promotion.pullRequest?.url { facts.add(["pull request", url.displayable]) }
        if promotion.isOpen { facts.add(["branch", "\(promotion.content.branch) at \(promotion.content.head.short)"]) }
        if report.plan == nil {
            for base in promotion.content.bases ?? [] {
                facts.add(["built on", "\(base.repository.displayable) at \(base.commit.short)"])
            }
        }
        if case .merged(let merge) = promotion.state {
            // Who goes on in a clone that lacks it has the next push rejected.
            let pull = report.action == .merged ? "; git pull brings it into a clone" : ""
            facts.add(["merged", "by \(merge.by) at \(merge.at) as \(merge.commit.short)\(pull)"])
        }
        if case .closed(let closing) = promotion.state {
            facts.add(["closed", "by \(closing.by) at \(closing.at): \(closing.reason.displayable)"])
        }
        return facts
    }

    private var showsChecks: Bool {
        guard let promotion = report.promotion else { return true }
        return promotion.isOpen
    }

    private func lines(_ difference: ReleaseDifference) -> [String] {
        let what: [String] =
            switch difference.outcome {
            case .otherwise(let diff): diff.lines
            case .refused(let reason): ["refused: \(reason.displayable)"]
            }
        return ["", "  but as Kustomize \(difference.kustomize.rawValue) renders it (docs/kustomize-versions.md)"]
            + what.map { "    \($0)" }
    }

    private func lines(_ plan: PromotionPlan) -> [String] {
        var lines: [String] = []
        for edit in plan.edits {
            lines += ["", "  \(edit.path)"] + edit.lines.map { "    \($0)" }
        }
        let bases = plan.manifests.repositories
        if !bases.isEmpty {
            lines += ["", "  built on"] + bases.map { "    \($0.address.displayable) at \($0.commit)" }
        }
        if !plan.diff.isEmpty {
            let program = plan.manifests.program.map { " by \($0)" } ?? ""
            lines += ["", "  rendered\(program)"] + (unified ? plan.diff.unified() : plan.diff.lines).map { "    \($0)" }
        }
        if !plan.unrendered.isEmpty {
            lines += ["", "  not rendered here"] + plan.unrendered.prefix(20).map { "    \($0.description)" }
            if plan.unrendered.count > 20 { lines.append("    and \(plan.unrendered.count - 20) more") }
        }
        return lines
    }
}
