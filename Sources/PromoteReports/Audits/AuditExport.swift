public import Foundation
import GitOpsTypes
import PromotionDomain
import PromotionEngine
public import PromotionLedger

/// Ledgers as lines for an auditor's own tools: one object a line, the events of each ledger in their own text, then its
/// checkpoint.
public enum AuditExport {
    static func lines(of audits: [LedgerAudit]) throws -> String {
        try audits.map { audit in
            let checkpoint = try audit.checkpoint.map {
                "{\"checkpoint\":\(try JSONText.line(of: CheckpointAnswer($0)))}\n"
            }
            return try audit.records.map { try line(of: $0, audit.application) }.joined() + (checkpoint ?? "")
        }.joined()
    }

    private static func line(of item: LedgerAudit.AuditedRecord, _ application: ApplicationName) throws -> String {
        let rejection = try JSONText.line(of: TextOrNull(wrappedValue: item.record.rejection?.reason))
        // What is no event is no JSON either, perhaps.
        let isEvent = if case .event = item.record.content { true } else { false }
        let event = isEvent ? item.json.map { String(decoding: $0, as: UTF8.self) } : nil
        return "{\"application\":\"\(application)\",\"commit\":\"\(item.record.commit.hex)\","
            + "\"event\":\(event ?? "null"),\"rejection\":\(rejection),"
            + "\"signer\":\(try JSONText.line(of: item.signer))}\n"
    }

    /// The checkpoints among lines that were exported.
    ///
    /// - Throws: `EngineError.usage` where a line is none of an export, or a checkpoint names no commit of a ledger.
    public static func checkpoints(in data: Data) throws -> [LedgerCheckpoint] {
        try data.split(separator: UInt8(ascii: "\n")).enumerated().compactMap { index, line in
            try checkpoint(Data(line), number: index + 1)
        }
    }

    private static func checkpoint(_ line: Data, number: Int) throws -> LedgerCheckpoint? {
        let decoded: Line
        do {
            decoded = try JSONDecoder().decode(Line.self, from: line)
        } catch {
            throw EngineError.usage("line \(number) of the checkpoint's file is not what `audit export` prints", hint: nil)
        }
        guard let found = decoded.checkpoint else { return nil }
        guard let application = ApplicationName(ofLedger: found.application), let head = CommitID(found.head), found.count > 0
        else {
            throw EngineError.usage(
                "the checkpoint in line \(number) names no commit of a ledger", hint: "make one with `promote audit export`")
        }
        return LedgerCheckpoint(application: application, head: head, count: found.count, hash: found.hash)
    }

    private struct Line: Decodable {
        struct Checkpoint: Decodable {
            let application: String
            let head: String
            let count: Int
            let hash: String
        }
        let checkpoint: Checkpoint?
    }
}
