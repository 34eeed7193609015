import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionLedger

/// Audits for people.
struct AuditText {
    let audits: [LedgerAudit]

    var text: String {
        var blocks = audits.map(Self.text)
        if audits.allSatisfy(\.isIntact) {
            blocks.append("next: promote audit export > audit.jsonl   # to verify against later, with --checkpoint\n")
        }
        return blocks.joined(separator: "\n")
    }

    private static func text(_ audit: LedgerAudit) -> String {
        let count = audit.records.count == 1 ? "1 event" : "\(audit.records.count) events"
        var lines = ["\(audit.application): \(audit.isIntact ? "intact" : "NOT INTACT"), \(count)"]
        if let checkpoint = audit.checkpoint {
            lines.append("  head \(checkpoint.head.hex)")
            lines.append("  hash \(checkpoint.hash)")
        }
        lines += audit.findings.flatMap { self.lines($0, audit.application) } + rejected(audit)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ finding: LedgerAudit.Finding, _ application: ApplicationName) -> [String] {
        let vanished = ToldFaults(finding.vanished)
        return ["", "  \(finding.what)"]
            + vanished.told.map { "    \($0.commit.short)  \(described($0.content, application))" }
            + (vanished.rest.map { ["    \($0)"] } ?? []) + ["  hint: \(finding.hint)"]
    }

    private static func rejected(_ audit: LedgerAudit) -> [String] {
        let rejected = audit.rejected
        guard !rejected.told.isEmpty else { return [] }
        let told = rejected.told.flatMap { item in
            [
                "    \(item.record.commit.short)  \(described(item.record.content, audit.application))",
                "             \(item.record.rejection?.reason.displayable ?? "")",
            ]
        }
        let rest = rejected.rest.map { ["    \($0); all of them: promote audit export --app \(audit.application)"] } ?? []
        return ["", "  not applied:"] + told + rest
    }

    private static func described(_ content: LedgerRecord.Content, _ application: ApplicationName) -> String {
        guard case .event(let event, _) = content else { return "not an event" }
        return "\(event.time)  \(event.actor)  \(event.summary(of: application).displayable)"
    }
}
