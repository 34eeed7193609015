import Foundation
import GRDB
public import GitOpsTypes
public import PromotionLedger
public import PromotionModel

/// The SQLite copy of the ledgers: a projection that answers quickly, and that anybody may delete.
///
/// WAL, so that readers and a writer do not wait for each other; `synchronous = NORMAL`, because what a power cut takes away
/// is read from the ledger again; five seconds of patience with another process that writes.
public final class StateStore: Sendable {
    private let database: DatabaseQueue
    private let path: String

    /// What became of the file when the store was opened.
    public enum Opening: Hashable, Sendable {
        case existing
        case created
        /// There was a file that cannot be used: the reason.
        case rebuilt(String)
        /// The file cannot be written, so the store is in memory this time: the reason.
        case inMemory(String)
    }

    private init(database: DatabaseQueue, path: String) {
        self.database = database
        self.path = path
    }

    /// Opens the store at `path`, making it where it is absent and making it anew where it is damaged or of another version.
    ///
    /// - Throws: `StateStoreError` when not even a store in memory can be had.
    public static func open(at path: String) throws(StateStoreError) -> (StateStore, Opening) {
        let exists = FileManager.default.fileExists(atPath: path)
        do {
            let database = try connect(path)
            switch try Schema.state(of: database) {
            case .current: return (StateStore(database: database, path: path), .existing)
            case .empty:
                try Schema.create(in: database)
                return (StateStore(database: database, path: path), exists ? .rebuilt("it was empty") : .created)
            case .other(let version):
                try database.close()
                return try remake(path, because: "it has schema \(version), and this program has \(Schema.version)")
            }
        } catch let error as DatabaseError where error.isDamage {
            do {
                return try remake(path, because: error.message ?? "it is damaged")
            } catch {
                throw StateStoreError(path: path, detail: "\(error)")
            }
        } catch let error as DatabaseError where error.isUnwritable {
            do {
                let database = try DatabaseQueue()
                try Schema.create(in: database)
                return (StateStore(database: database, path: ":memory:"), .inMemory(error.message ?? "it cannot be written"))
            } catch {
                throw StateStoreError(path: path, detail: "\(error)")
            }
        } catch let error as StateStoreError {
            throw error
        } catch {
            throw StateStoreError(path: path, detail: "\(error)")
        }
    }

    private static func connect(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func remake(_ path: String, because reason: String) throws -> (StateStore, Opening) {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
        let database = try connect(path)
        try Schema.create(in: database)
        return (StateStore(database: database, path: path), .rebuilt(reason))
    }

    // MARK: Positions

    /// How far the ledger of an application has been read.
    public struct Position: Hashable, Sendable {
        public let head: CommitID
        public let count: Int
        public let lastTime: Timestamp?

        public init(head: CommitID, count: Int, lastTime: Timestamp?) {
            self.head = head
            self.count = count
            self.lastTime = lastTime
        }
    }

    /// Nil when nothing of it has been read.
    public func position(of application: ApplicationName) throws(StateStoreError) -> Position? {
        try read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT head, count, lastTime FROM ledger WHERE application = ?", arguments: [application.text]
                ),
                let head = CommitID(row["head"] as String)
            else { return nil }
            let lastTime: Int64? = row["lastTime"]
            return Position(head: head, count: row["count"], lastTime: lastTime.map(Timestamp.init(seconds:)))
        }
    }

    /// The ids of the events that were read.
    public func eventIDs(of application: ApplicationName) throws(StateStoreError) -> Set<String> {
        try read { database in
            try String.fetchSet(
                database, sql: "SELECT id FROM event WHERE application = ? AND id IS NOT NULL", arguments: [application.text])
        }
    }

    // MARK: State

    /// The folded state of an application; that of an empty ledger when nothing has been read.
    public func state(of application: ApplicationName) throws(StateStoreError) -> ApplicationState {
        try read { database in
            let decoder = JSONDecoder()
            func all<Value: Decodable>(_ type: Value.Type, _ table: String) throws -> [Value] {
                try Data.fetchAll(
                    database, sql: "SELECT json FROM \(table) WHERE application = ? ORDER BY sequence",
                    arguments: [application.text]
                ).map { try decoder.decode(type, from: $0) }
            }
            var deployments: [EnvironmentName: [Deployment]] = [:]
            let rows = try Row.fetchAll(
                database, sql: "SELECT environment, json FROM deployment WHERE application = ? ORDER BY sequence",
                arguments: [application.text])
            for row in rows {
                guard let environment = EnvironmentName(row["environment"] as String) else { continue }
                deployments[environment, default: []].append(try decoder.decode(Deployment.self, from: row["json"]))
            }
            return ApplicationState(
                application: application, releases: try all(Release.self, "release"),
                promotions: try all(Promotion.self, "promotion"), verifications: try all(Verification.self, "verification"),
                deployments: deployments)
        }
    }

    /// Adds what was read of a ledger.
    ///
    /// - Parameters:
    ///   - records: the records after `previous`, judged, oldest first.
    ///   - old: the state before them.
    ///   - new: the state after them.
    /// - Returns: false when another process has moved the store on meanwhile; nothing is written then.
    public func append(
        _ records: [JudgedRecord], from old: ApplicationState, to new: ApplicationState, previous: Position?, next: Position
    ) throws(StateStoreError) -> Bool {
        try write { database in
            let application = new.application.text
            let stored = try String.fetchOne(
                database, sql: "SELECT head FROM ledger WHERE application = ?", arguments: [application])
            guard stored == previous?.head.hex else { return false }
            try database.execute(
                sql: """
                    INSERT INTO ledger (application, head, count, lastTime) VALUES (?, ?, ?, ?)
                    ON CONFLICT (application) DO UPDATE SET head = excluded.head, count = excluded.count, lastTime = excluded.lastTime
                    """, arguments: [application, next.head.hex, next.count, next.lastTime?.seconds])
            try StateRows(database: database, application: application).write(from: old, to: new)
            var ledgerTime = previous?.lastTime ?? Timestamp(seconds: 0)
            for (offset, record) in records.enumerated() {
                if case .event(let event, _) = record.content, record.rejection == nil { ledgerTime = event.time }
                try EventRow(record, in: new).insert(
                    into: database, application: new.application, sequence: (previous?.count ?? 0) + offset, ledgerTime: ledgerTime)
            }
            return true
        }
    }

    /// Forgets everything.
    public func clear() throws(StateStoreError) {
        try write { database in
            for table in Schema.tables { try database.execute(sql: "DELETE FROM \(table)") }
        }
    }

    // MARK: History

    /// What happened, newest first.
    ///
    /// - Parameters:
    ///   - applications: of these only.
    ///   - environment: in this one only; nil for all.
    ///   - limit: at most so many.
    public func history(
        of applications: [ApplicationName], environment: EnvironmentName?, limit: Int
    ) throws(StateStoreError) -> [HistoryEntry] {
        try read { database in
            let names = applications.map(\.text)
            let marks = databaseQuestionMarks(count: names.count)
            var arguments = StatementArguments(names)
            var condition = ""
            if let environment {
                condition = "AND environment = ?"
                arguments += [environment.text]
            }
            arguments += [limit]
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM event WHERE application IN (\(marks)) \(condition)
                    ORDER BY ledgerTime DESC, application, sequence DESC LIMIT ?
                    """, arguments: arguments
            ).map(HistoryEntry.init)
        }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw StateStoreError(path: path, detail: "\(error)")
        }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw StateStoreError(path: path, detail: "\(error)")
        }
    }
}

extension DatabaseError {
    fileprivate var isDamage: Bool {
        switch resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: true
        default: false
        }
    }

    fileprivate var isUnwritable: Bool {
        switch resultCode {
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_FULL, .SQLITE_PERM: true
        default: false
        }
    }
}
