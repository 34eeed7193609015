public import FaultInjection
import Foundation
import GRDB
public import GitOpsTypes
public import PromotionDomain
public import PromotionLedger

/// The SQLite copy of the ledgers: a projection that answers quickly, and that may be deleted at any time.
///
/// WAL, so that readers and a writer do not wait for each other; `synchronous = NORMAL`, because what a power cut takes away
/// is read from the ledger again; five seconds of patience with another process that writes.
public final class StateStore: Sendable {
    private let database: DatabaseQueue
    private let path: String
    private let faults: FaultHook

    /// What became of the file when the store was opened.
    public enum Opening: Hashable, Sendable {
        case existing
        case created
        /// There was a file that cannot be used: the reason.
        case rebuilt(String)
        /// The file cannot be written, so the store is in memory this time: the reason.
        case inMemory(String)
    }

    private init(database: DatabaseQueue, path: String, faults: FaultHook) {
        self.database = database
        self.path = path
        self.faults = faults
    }

    /// Opens the store at `path`, making it where it is absent and making it anew where it is damaged or of another version.
    ///
    /// - Throws: `StateStoreError` when not even a store in memory can be had.
    ///
    /// - Parameter scope: what the store is a copy of: the remote, the names of its branches. A store of another scope is made
    ///   anew.
    public static func open(
        at path: String, scope: String, faults: FaultHook = .none
    ) throws(StateStoreError) -> (StateStore, Opening) {
        faults.reach(.storeOpening)
        let (database, opening) = try openFile(at: path, faults)
        let isInMemory = if case .inMemory = opening { true } else { false }
        let store = StateStore(database: database, path: isInMemory ? ":memory:" : path, faults: faults)
        try store.adopt(scope)
        faults.reach(.storeOpened)
        return (store, opening)
    }

    /// A store that is gone with the process, for when there is no writing to a file.
    ///
    /// - Throws: `StateStoreError`.
    public static func inMemory(scope: String, faults: FaultHook = .none) throws(StateStoreError) -> StateStore {
        do {
            let database = try DatabaseQueue()
            try Schema.create(in: database)
            let store = StateStore(database: database, path: ":memory:", faults: faults)
            try store.adopt(scope)
            return store
        } catch let error as StateStoreError {
            throw error
        } catch {
            throw StateStoreError(error, ":memory:")
        }
    }

    private static func openFile(
        at path: String, _ faults: FaultHook
    ) throws(StateStoreError) -> (DatabaseQueue, Opening) {
        let exists = FileManager.default.fileExists(atPath: path)
        do {
            let database = try connect(path)
            switch try Schema.state(of: database) {
            case .current: return (database, .existing)
            case .empty:
                faults.reach(.storeCreating)
                try Schema.create(in: database)
                return (database, exists ? .rebuilt("it was empty") : .created)
            case .other(let version):
                try database.close()
                return try remake(path, because: "it has schema \(version), and this program has \(Schema.version)")
            }
        } catch let error as DatabaseError where error.isDamage {
            do {
                return try remake(path, because: error.message ?? "it is damaged")
            } catch {
                throw StateStoreError(error, path)
            }
        } catch let error as DatabaseError where error.isUnwritable {
            do {
                let database = try DatabaseQueue()
                try Schema.create(in: database)
                return (database, .inMemory(error.message ?? "it cannot be written"))
            } catch {
                throw StateStoreError(error, path)
            }
        } catch let error as StateStoreError {
            throw error
        } catch {
            throw StateStoreError(error, path)
        }
    }

    /// Deletes the file, whatever is in it.
    public static func remove(at path: String) throws {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// Makes the store one of `scope`, forgetting what it has of another.
    private func adopt(_ scope: String) throws(StateStoreError) {
        let found = try read { try String.fetchOne($0, sql: "SELECT scope FROM meta") }
        guard found != scope else { return }
        try clear()
        try write { database in
            try database.execute(sql: "DELETE FROM meta")
            try database.execute(sql: "INSERT INTO meta (scope) VALUES (?)", arguments: [scope])
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

    private static func remake(_ path: String, because reason: String) throws -> (DatabaseQueue, Opening) {
        try remove(at: path)
        let database = try connect(path)
        try Schema.create(in: database)
        return (database, .rebuilt(reason))
    }

    // MARK: Positions

    /// How far the ledger of an application has been folded; nil when nothing of it has.
    public func position(of application: ApplicationName) throws(StateStoreError) -> LedgerPosition? {
        try read { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT * FROM ledger WHERE application = ?", arguments: [application.text])
            else { return nil }
            guard let head = CommitID(row["head"] as String) else {
                throw Damage(detail: "the head of \(application) is no commit")
            }
            guard let target = CommitID(row["target"] as String), let steps = PolicyStep.list(row["policySteps"] as String) else {
                throw Damage(detail: "where the ledger of \(application) was judged cannot be read")
            }
            let lastTime: Int64? = row["lastTime"]
            let lastPolicy: String? = row["lastPolicy"]
            return LedgerPosition(
                head: head, count: row["count"], lastTime: lastTime.map(Timestamp.init(seconds:)),
                lastPolicy: lastPolicy.flatMap { CommitID($0) },
                tips: (row["tips"] as String).split(separator: " ").compactMap { CommitID($0) },
                isUnsettled: row["isUnsettled"], newerEvent: (row["newerEvent"] as String?).flatMap { CommitID($0) },
                target: target, policySteps: steps, hasNamedEvents: row["hasNamedEvents"])
        }
    }

    /// The heads of the ledgers of which a verdict may be another with more of the target branches.
    public func unsettledLedgers() throws(StateStoreError) -> [ApplicationName: CommitID] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT application, head FROM ledger WHERE isUnsettled").reduce(into: [:]) {
                heads, row in
                let text: String = row["application"]
                let name = ApplicationName(ofLedger: text)
                guard let name, let head = CommitID(row["head"] as String) else { return }
                heads[name] = head
            }
        }
    }

    /// Forgets one application, so that its ledger is folded from the beginning.
    public func forget(_ application: ApplicationName) throws(StateStoreError) {
        try write { database in
            for table in Schema.tables {
                try database.execute(sql: "DELETE FROM \"\(table)\" WHERE application = ?", arguments: [application.text])
            }
        }
    }

    /// Those of `ids` that events which were read have.
    public func eventIDs(
        of application: ApplicationName, among ids: [String]
    ) throws(StateStoreError) -> Set<String> {
        try read { database in
            let statement = try database.cachedStatement(sql: "SELECT id FROM event WHERE application = ? AND id = ?")
            return try ids.reduce(into: []) { found, id in
                if try String.fetchOne(statement, arguments: [application.text, id]) != nil { found.insert(id) }
            }
        }
    }

    /// The application, other than `application`, in whose ledger an event of this id was read; nil where there is none.
    public func otherLedger(than application: ApplicationName, having id: String) throws(StateStoreError) -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT application FROM event WHERE id = ? AND application <> ?",
                arguments: [id, application.text])
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
        _ records: [JudgedRecord], from old: ApplicationState, to new: ApplicationState, previous: LedgerPosition?,
        next: LedgerPosition
    ) throws(StateStoreError) -> Bool {
        try write { database in
            let application = new.application.text
            let stored = try String.fetchOne(
                database, sql: "SELECT head FROM ledger WHERE application = ?", arguments: [application])
            guard stored == previous?.head.hex else { return false }
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO ledger
                    (application, head, count, lastTime, lastPolicy, tips, isUnsettled, newerEvent, target, policySteps, hasNamedEvents)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    application, next.head.hex, next.count, next.lastTime?.seconds, next.lastPolicy?.hex,
                    next.tips.map(\.hex).joined(separator: " "), next.isUnsettled, next.newerEvent?.hex, next.target.hex,
                    next.policySteps.map { "\($0.commit.hex)=\($0.version.hex)" }.joined(separator: " "),
                    next.hasNamedEvents,
                ])
            faults.reach(.storeWriting)
            let touched = records.compactMap { record in
                if case .event(let event, _) = record.content { event.payload.subject.promotion } else { nil }
            }
            let registered = records.compactMap { record in
                if case .event(let event, _) = record.content, case .releaseRegistered(let payload) = event.payload {
                    payload.release
                } else {
                    nil
                }
            }
            try StateRows(database: database, application: application).write(
                from: old, to: new, touched: Set(touched), registered: Set(registered))
            var ledgerTime = previous?.lastTime ?? Timestamp(seconds: 0)
            for (offset, record) in records.enumerated() {
                if case .event(let event, _) = record.content, record.rejection == nil { ledgerTime = event.time }
                try EventRow(record).insert(
                    into: database, application: new.application, sequence: (previous?.count ?? 0) + offset,
                    ledgerTime: ledgerTime)
            }
            return true
        }
    }

    /// Forgets everything.
    public func clear() throws(StateStoreError) {
        try write { database in
            for table in Schema.tables + ["rendering", "reach", "synced", "forgeNote", "policyLine", "policyOutline"] {
                try database.execute(sql: "DELETE FROM \"\(table)\"")
            }
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            // Not GRDB's `read`: around it stands `PRAGMA query_only`, after which SQLite prepares every statement anew.
            return try database.unsafeRead { database in
                var value: Value?
                try database.inTransaction(.deferred) {
                    value = try body(database)
                    return .commit
                }
                guard let value else { preconditionFailure("a transaction that is committed has run its body") }
                return value
            }
        } catch {
            throw StateStoreError(error, path)
        }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw StateStoreError(error, path)
        }
    }
}

/// Content of the store that makes no sense.
struct Damage: Error {
    let detail: String
}

extension StateStoreError {
    /// What SQLite cannot read, or we cannot decode, is damage; the store is then made anew from the ledger.
    fileprivate init(_ error: any Error, _ path: String) {
        let isDamaged =
            switch error {
            case let error as DatabaseError:
                error.isDamage || error.resultCode == .SQLITE_IOERR || error.resultCode == .SQLITE_ERROR
                    || error.resultCode == .SQLITE_CONSTRAINT
            case is DecodingError, is RowDecodingError, is Damage: true
            default: false
            }
        self.init(path: path, detail: "\(error)", isDamaged: isDamaged)
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
