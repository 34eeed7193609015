import GitOpsTypes
import PromotionDomain
public import PromotionEngine
import PromotionLedger

/// Every ledger, judged afresh.
struct AuditAnswer: Encodable, Sendable {
    let ledgers: [Ledger]

    enum CodingKeys: String, CodingKey {
        case ledgers
    }

    init(_ audits: [LedgerAudit]) {
        ledgers = audits.map(Ledger.init)
    }
}

extension AuditAnswer {
    struct Ledger: Encodable, Sendable {
        @Text var application: ApplicationName
        let intact: Bool
        let events: Int
        @OrNull var checkpoint: CheckpointAnswer?
        let notApplied: [RejectedEvent]
        let notAppliedUntold: Int
        let findings: [Finding]

        enum CodingKeys: String, CodingKey {
            case application
            case intact
            case events
            case checkpoint
            case notApplied
            case notAppliedUntold
            case findings
        }

        init(_ audit: LedgerAudit) {
            let rejected = audit.rejected
            application = audit.application
            intact = audit.isIntact
            events = audit.records.count
            checkpoint = audit.checkpoint.map(CheckpointAnswer.init)
            notApplied = rejected.told.map(RejectedEvent.init)
            notAppliedUntold = rejected.untold
            findings = audit.findings.map(Finding.init)
        }
    }

    struct RejectedEvent: Encodable, Sendable {
        @Text var commit: CommitID
        @TextOrNull var reason: String?
        let signer: String

        enum CodingKeys: String, CodingKey {
            case commit
            case reason
            case signer
        }

        init(_ item: LedgerAudit.AuditedRecord) {
            commit = item.record.commit
            reason = item.record.rejection?.reason
            signer = item.signer
        }
    }

    struct Finding: Encodable, Sendable {
        let what: String
        let hint: String
        let vanished: [String]
        let vanishedUntold: Int

        enum CodingKeys: String, CodingKey {
            case what
            case hint
            case vanished
            case vanishedUntold
        }

        init(_ finding: LedgerAudit.Finding) {
            let records = ToldFaults(finding.vanished)
            what = finding.what
            hint = finding.hint
            vanished = records.told.map(\.commit.hex)
            vanishedUntold = records.untold
        }
    }
}

/// What vouches for a ledger up to a commit.
struct CheckpointAnswer: Encodable, Sendable {
    @Text var application: ApplicationName
    let head: String
    let count: Int
    let hash: String

    enum CodingKeys: String, CodingKey {
        case application
        case head
        case count
        case hash
    }

    init(_ checkpoint: LedgerCheckpoint) {
        application = checkpoint.application
        head = checkpoint.head.hex
        count = checkpoint.count
        hash = checkpoint.hash
    }
}

extension Answer {
    /// `promote audit verify`: refused where a ledger is not intact.
    public init(audit audits: [LedgerAudit]) {
        self.init(
            json: AuditAnswer(audits), text: AuditText(audits: audits).text,
            status: audits.allSatisfy(\.isIntact) ? .success : .refused)
    }

    /// `promote audit export`: its text is one object a line.
    ///
    /// - Throws: `EncodingError` where a value has no JSON.
    public init(export audits: [LedgerAudit]) throws {
        self.init(json: AuditAnswer(audits), text: try AuditExport.lines(of: audits))
    }
}

extension LedgerAudit {
    /// What is in the ledger and does not count.
    var rejected: ToldFaults<AuditedRecord> {
        ToldFaults(records.filter { $0.record.rejection != nil }) { $0.record.rejection?.reason ?? "" }
    }
}
