import Foundation
import GitOpsTypes
import PromotionDomain
import PromotionEngine
import PromotionLedger

/// Audits as text, as JSON, and as lines for an auditor's own tools.
struct AuditRendering {
    let audits: [LedgerAudit]

    var json: JSONValue {
        .object(["ledgers": .array(audits.map(Self.json))])
    }

    private static func json(_ audit: LedgerAudit) -> JSONValue {
        let notApplied = notApplied(audit)
        return .object([
            "application": .string(audit.application.text), "intact": .bool(audit.isIntact),
            "events": .number(audit.records.count),
            "checkpoint": audit.checkpoint.map(json) ?? .null,
            "notApplied": .array(
                notApplied.told.map { item in
                    .object([
                        "commit": .string(item.record.commit.hex), "reason": .text(item.record.rejection?.reason),
                        "signer": .string(item.signer),
                    ])
                }), "notAppliedUntold": .number(notApplied.untold),
            "findings": .array(
                audit.findings.map { finding in
                    let vanished = ToldFaults(finding.vanished)
                    return .object([
                        "what": .string(finding.what), "hint": .string(finding.hint),
                        "vanished": .array(vanished.told.map { .string($0.commit.hex) }),
                        "vanishedUntold": .number(vanished.untold),
                    ])
                }),
        ])
    }

    private static func notApplied(_ audit: LedgerAudit) -> ToldFaults<LedgerAudit.AuditedRecord> {
        ToldFaults(audit.records.filter { $0.record.rejection != nil }) { $0.record.rejection?.reason ?? "" }
    }

    private static func json(_ checkpoint: LedgerCheckpoint) -> JSONValue {
        .object([
            "application": .string(checkpoint.application.text), "head": .string(checkpoint.head.hex),
            "count": .number(checkpoint.count), "hash": .string(checkpoint.hash),
        ])
    }

    func text() -> String {
        var blocks: [String] = []
        for audit in audits { blocks.append(Self.text(audit)) }
        if audits.allSatisfy(\.isIntact) {
            blocks.append("next: promote audit export > audit.jsonl   # to verify against later, with --checkpoint\n")
        }
        return blocks.joined(separator: "\n")
    }

    private static func text(_ audit: LedgerAudit) -> String {
        let rejected = notApplied(audit)
        let count = audit.records.count == 1 ? "1 event" : "\(audit.records.count) events"
        var lines = ["\(audit.application): \(audit.isIntact ? "intact" : "NOT INTACT"), \(count)"]
        if let checkpoint = audit.checkpoint {
            lines.append("  head \(checkpoint.head.hex)")
            lines.append("  hash \(checkpoint.hash)")
        }
        for finding in audit.findings {
            lines += ["", "  \(finding.what)"]
            let vanished = ToldFaults(finding.vanished)
            for record in vanished.told {
                lines.append("    \(record.commit.short)  \(described(record.content, audit.application))")
            }
            if let rest = vanished.rest { lines.append("    \(rest)") }
            lines.append("  hint: \(finding.hint)")
        }
        if !rejected.told.isEmpty {
            lines += ["", "  not applied:"]
            for item in rejected.told {
                lines.append("    \(item.record.commit.short)  \(described(item.record.content, audit.application))")
                lines.append("             \(item.record.rejection?.reason.displayable ?? "")")
            }
            if let rest = rejected.rest {
                lines.append("    \(rest); all of them: promote audit export --app \(audit.application)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func described(_ content: LedgerRecord.Content, _ application: ApplicationName) -> String {
        guard case .event(let event, _) = content else { return "not an event" }
        return "\(event.time)  \(event.actor)  \(event.summary(of: application).displayable)"
    }

    // MARK: Lines

    /// One object a line: the events of each ledger in their own text, then its checkpoint.
    func lines() throws -> String {
        var lines = ""
        for audit in audits {
            for item in audit.records {
                let rejection = try Self.compact(.text(item.record.rejection?.reason))
                let event = item.json.map { String(decoding: $0, as: UTF8.self) }
                // What is no event is no JSON either, perhaps.
                let isEvent = if case .event = item.record.content { true } else { false }
                lines += "{\"application\":\"\(audit.application)\",\"commit\":\"\(item.record.commit.hex)\","
                lines += "\"event\":\(isEvent ? event ?? "null" : "null"),\"rejection\":\(rejection),"
                lines += "\"signer\":\(try Self.compact(.string(item.signer)))}\n"
            }
            if let checkpoint = audit.checkpoint {
                lines += "{\"checkpoint\":\(try Self.compact(Self.json(checkpoint)))}\n"
            }
        }
        return lines
    }

    private static func compact(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The checkpoints among the lines that `lines()` gave.
    static func checkpoints(in data: Data) throws -> [LedgerCheckpoint] {
        struct Line: Decodable {
            struct Checkpoint: Decodable {
                let application: String
                let head: String
                let count: Int
                let hash: String
            }
            let checkpoint: Checkpoint?
        }
        var result: [LedgerCheckpoint] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            let decoded: Line
            do {
                decoded = try JSONDecoder().decode(Line.self, from: Data(line))
            } catch {
                throw EngineError.usage("line \(index + 1) of the checkpoint's file is not what `audit export` prints", hint: nil)
            }
            guard let found = decoded.checkpoint else { continue }
            guard let application = ApplicationName(ofLedger: found.application), let head = CommitID(found.head), found.count > 0
            else {
                throw EngineError.usage(
                    "the checkpoint in line \(index + 1) names no commit of a ledger",
                    hint: "make one with `promote audit export`")
            }
            result.append(LedgerCheckpoint(application: application, head: head, count: found.count, hash: found.hash))
        }
        return result
    }
}
