import GRDB
public import GitOpsTypes
import PromotionDomain
import PromotionLedger

/// One line of history: an event of the ledger, or a commit in it that does not count.
public struct HistoryEntry: Hashable, Sendable {
    public let application: String
    public let commit: String
    /// Nil where the commit holds no event that can be read, as for the next four.
    public let id: String?
    public let type: String?
    public let time: Timestamp?
    public let actor: String?
    public let promotion: String?
    public let release: String?
    public let environment: String?
    public let summary: String
    /// Why the event is not applied; nil when it is.
    public let rejection: String?
}

extension HistoryEntry {
    init(_ row: Row) {
        application = row["application"]
        commit = row["commit"]
        id = row["id"]
        type = row["type"]
        let seconds: Int64? = row["time"]
        time = seconds.map(Timestamp.init(seconds:))
        actor = row["actor"]
        promotion = row["promotion"]
        release = row["release"]
        environment = row["environment"]
        summary = row["summary"]
        rejection = row["rejection"]
    }
}

/// A judged record on its way into the event table.
struct EventRow {
    private let record: JudgedRecord

    init(_ record: JudgedRecord) {
        self.record = record
    }

    func insert(into database: Database, application: ApplicationName, sequence: Int, ledgerTime: Timestamp) throws {
        let sql = """
            INSERT INTO event (application, sequence, "commit", id, type, time, ledgerTime, actor, promotion, "release", environment, summary, rejection)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let statement = try database.cachedStatement(sql: sql)
        guard case .event(let event, _) = record.content else {
            try statement.execute(
                arguments: [
                    application.text, sequence, record.commit.hex, nil, nil, nil, ledgerTime.seconds, nil, nil, nil, nil,
                    "not an event",
                    record.rejection?.reason,
                ])
            return
        }
        try statement.execute(
            arguments: [
                application.text, sequence, record.commit.hex, event.id, event.payload.type.rawValue, event.time.seconds,
                ledgerTime.seconds,
                event.actor.text, event.payload.subject.promotion.map { PromotionID(application, $0).description },
                record.release?.text, record.environment?.text,
                event.summary(of: application).displayable, record.rejection?.reason,
            ])
    }
}
