import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionPlanning

/// A promotion as text and as JSON.
struct PromotionRendering {
    let report: PromotionReport
    /// Whether rendered manifests are shown as a unified diff instead of field by field.
    var unified = false

    // MARK: JSON

    var json: JSONValue {
        let promotion = report.promotion
        var fields: [String: JSONValue] = [
            "promotion": .text(report.id), "application": .text(report.application), "release": .text(report.release.id),
            "from": .text(report.origin), "to": .text(report.environment), "state": state,
            "branch": .text(promotion?.content.branch), "commit": .text(promotion?.content.head), "mergeCommit": .null,
            "images": ReleaseRendering.images(report.release),
            "pullRequest": promotion?.pullRequest.map {
                .object([
                    "number": .number($0.number), "url": .text($0.url), "title": .string($0.title), "body": .string($0.body),
                ])
            } ?? .null,
            "emergency": .text(promotion?.emergency), "requestedBy": .text(promotion?.requestedBy),
            "requestedAt": .text(promotion?.requestedAt),
            "approvals": .array(
                (promotion?.approvals ?? []).map { .object(["by": .text($0.by), "at": .text($0.at), "head": .text($0.head)]) }),
            "rejections": .array(
                (promotion?.rejections ?? []).map {
                    .object(["by": .text($0.by), "at": .text($0.at), "reason": .string($0.reason.displayable)])
                }),
            "checks": .array(report.checks.map(Self.json)),
        ]
        if case .merged(let merge)? = promotion?.state { fields["mergeCommit"] = .text(merge.commit) }
        if let plan = report.plan { fields["plan"] = Self.json(plan) }
        return .object(fields)
    }

    private var state: JSONValue {
        switch report.phase {
        case .planned: .null
        case .recorded(let phase): .string(phase.rawValue)
        }
    }

    static func json(_ check: Check) -> JSONValue {
        var fields: [String: JSONValue] = [
            "rule": .text(check.rule), "status": .string(check.status.rawValue), "detail": .string(check.detail.displayable),
            "since": .text(check.since), "clearedBy": .array(check.clearedBy.map { .string($0) }),
        ]
        if let output = check.output { fields["output"] = .string(output) }
        return .object(fields)
    }

    private static func json(_ plan: PromotionPlan) -> JSONValue {
        .object([
            "overlay": .text(plan.overlay), "rendered": .string(plan.rendered),
            "edits": .array(
                plan.edits.map { .object(["path": .text($0.path), "lines": .array($0.lines.map { .string($0) })]) }),
            "diff": .array(plan.diff.lines.map { .string($0) }),
        ])
    }

    // MARK: Text

    func text(_ terminal: Terminal) -> String {
        var lines = [terminal.coloured(headline, .bold)]
        var facts = TextTable()
        for image in report.release.images {
            facts.add(["image", "\(image.name)@\(image.digest)" + (image.tag.map { " (\($0))" } ?? "")])
        }
        if let promotion = report.promotion {
            if let reason = promotion.emergency {
                facts.add(["EMERGENCY", "by \(promotion.requestedBy): \(reason.displayable)"])
            }
            facts.add(["requested", "by \(promotion.requestedBy) at \(promotion.requestedAt)"])
            if let url = promotion.pullRequest?.url { facts.add(["pull request", url.displayable]) }
            if promotion.isOpen { facts.add(["branch", "\(promotion.content.branch) at \(promotion.content.head.short)"]) }
            if case .merged(let merge) = promotion.state {
                facts.add(["merged", "by \(merge.by) at \(merge.at) as \(merge.commit.short)"])
            }
            if case .closed(let closing) = promotion.state {
                facts.add(["closed", "by \(closing.by) at \(closing.at): \(closing.reason.displayable)"])
            }
        }
        lines += facts.lines(indentation: "  ")
        if let plan = report.plan { lines += self.lines(plan) }
        if showsChecks, !report.checks.isEmpty {
            lines.append("")
            lines += Self.lines(report.checks, terminal)
        }
        if let next { lines += ["", "next: \(next)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var showsChecks: Bool {
        guard let promotion = report.promotion else { return true }
        return promotion.isOpen
    }

    private var headline: String {
        let move =
            report.origin.isRollback(into: report.environment)
            ? "\(report.environment) back to \(report.release.id)"
            : "\(report.release.id) from \(report.origin) into \(report.environment)"
        let id = report.id?.description ?? ""
        return switch report.action {
        case .planned: "Plan: \(move)"
        case .opened(nil): "Opened \(id): \(move)"
        case .opened(let number?): "Opened \(id) in place of \(PromotionID(report.application, number)): \(move)"
        case .alreadyOpen: "\(id) is open already: \(move)"
        case .alreadyThere: "Nothing to do: \(report.environment) has \(report.release.id) already"
        case .approved: "Approved \(id): \(move)"
        case .alreadyApproved: "Nothing to do: you approved \(id) already"
        case .revoked: "Revoked your approval of \(id)"
        case .nothingToRevoke: "Nothing to do: you have neither approved nor rejected \(id)"
        case .rejected: "Rejected \(id): it is not merged until you withdraw that"
        case .alreadyRejected: "Nothing to do: you rejected \(id) already"
        case .withdrawn: "Withdrew your rejection of \(id)"
        case .merged: "Merged \(id): \(report.release.id) is now the desired state of \(report.environment)"
        case .alreadyMerged: "Nothing to do: \(id) was merged already"
        case .closed: "Closed \(id): \(report.environment) stays as it is"
        case .alreadyClosed: "Nothing to do: \(id) was closed already"
        case .shown: "\(id) is \(phaseName): \(move)"
        }
    }

    private var phaseName: String {
        switch report.phase {
        case .planned: "planned"
        case .recorded(let phase): phase.rawValue
        }
    }

    /// The command to type next.
    var next: String? {
        let application = "--app \(report.application)"
        guard let id = report.id else {
            if report.checks.contains(where: { $0.status == .fail }) { return nil }
            return report.origin.isRollback(into: report.environment)
                ? "promote rollback \(report.environment) \(application) --to \(report.release.id) --reason <why>"
                : "promote \(report.origin) \(report.environment) \(application)"
        }
        guard case .recorded(let phase) = report.phase else { return nil }
        switch phase {
        case .open, .requested:
            if report.checks.contains(where: { $0.status == .fail }) { return "promote close \(id) --reason <why>" }
            let needsApproval = report.checks.contains { $0.rule == .approved && $0.status == .pending }
            return needsApproval ? "promote approve \(id)" : "promote merge \(id)"
        case .merged: return "promote verify \(report.environment) \(application) --result passed"
        case .verified, .failed, .closed, .superseded: return "promote status \(application)"
        }
    }

    static func lines(_ checks: [Check], _ terminal: Terminal) -> [String] {
        let width = checks.map { $0.rule.description.count }.max() ?? 0
        return checks.flatMap { check in
            let (word, colour): (String, Terminal.Colour) =
                switch check.status {
                case .pass: ("pass   ", .green)
                case .fail: ("FAIL   ", .red)
                case .pending: ("pending", .yellow)
                }
            let rule = check.rule.description
            let line =
                "  \(terminal.coloured(word, colour))  \(rule)\(String(repeating: " ", count: width - rule.count))  \(check.detail.displayable)"
            let facts = [
                check.since.map { "since \($0)" },
                check.status == .pass || check.clearedBy.isEmpty ? nil : "cleared by \(check.clearedBy.joined(separator: ", "))",
            ].compactMap(\.self)
            return facts.isEmpty ? [line] : [line, String(repeating: " ", count: width + 13) + facts.joined(separator: "; ")]
        }
    }

    private func lines(_ plan: PromotionPlan) -> [String] {
        var lines: [String] = []
        for edit in plan.edits {
            lines += ["", "  \(edit.path)"] + edit.lines.map { "    \($0)" }
        }
        if !plan.diff.isEmpty {
            lines += ["", "  rendered"] + (unified ? plan.diff.unified() : plan.diff.lines).map { "    \($0)" }
        }
        return lines
    }
}
