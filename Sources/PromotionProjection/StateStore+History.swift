public import Foundation
import GRDB
public import GitOpsTypes
public import PromotionDomain

/// What happened.
extension StateStore {
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

    /// The commits of a ledger up to `commit`, oldest first, and why their events do not count; nil where they do.
    ///
    /// - Parameter time: where `commit` is nil or none of the ledger's: up to the last event whose time had come then.
    public func rejections(
        of application: ApplicationName, until commit: CommitID?, or time: Timestamp
    ) throws(StateStoreError) -> [(commit: CommitID, reason: String?)] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT "commit", rejection FROM event WHERE application = ?1 AND sequence <= coalesce(
                    (SELECT sequence FROM event WHERE application = ?1 AND "commit" = ?3),
                    (SELECT max(sequence) FROM event WHERE application = ?1 AND ledgerTime <= ?2)) ORDER BY sequence
                    """, arguments: [application.text, time.seconds, commit?.hex]
            ).map { row in
                guard let commit = CommitID(row["commit"] as String) else {
                    throw Damage(detail: "an event of \(application) is no commit")
                }
                return (commit, row["rejection"])
            }
        }
    }

    /// The first commit of a ledger; nil when nothing of it has been read.
    public func firstCommit(of application: ApplicationName) throws(StateStoreError) -> CommitID? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT \"commit\" FROM event WHERE application = ? ORDER BY sequence LIMIT 1",
                arguments: [application.text])
        }.flatMap { CommitID($0) }
    }

    /// The promotions that merges carried out, by the merge commits.
    public func mergedCommits() throws(StateStoreError) -> [CommitID: PromotionID] {
        try read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT application, sequence, mergeCommit FROM promotion WHERE mergeCommit IS NOT NULL")
            return rows.reduce(into: [:]) { merges, row in
                guard let commit = CommitID(row["mergeCommit"] as String),
                    let application = ApplicationName(row["application"] as String)
                else { return }
                merges[commit] = PromotionID(application, row["sequence"])
            }
        }
    }

    /// A promotion as its ledger has it; nil where that has none of this number.
    public func promotion(_ id: PromotionID) throws(StateStoreError) -> Promotion? {
        try read { database in
            try Data.fetchOne(
                database.cachedStatement(sql: "SELECT json FROM promotion WHERE application = ? AND sequence = ?"),
                arguments: [id.application.text, id.number]
            ).map { try JSONDecoder().decode(Promotion.self, from: $0) }
        }
    }

    /// How far a branch was looked through for merges made elsewhere; nil when it never was.
    public func synced(_ branch: String) throws(StateStoreError) -> CommitID? {
        try read { try String.fetchOne($0, sql: "SELECT \"commit\" FROM synced WHERE branch = ?", arguments: [branch]) }
            .flatMap { CommitID($0) }
    }

    /// What was noted of a forge under a topic; nil where nothing was.
    public func forgeNote(_ topic: String) throws(StateStoreError) -> (mark: String, body: [UInt8])? {
        try read { database in
            try Row.fetchOne(database, sql: "SELECT mark, body FROM forgeNote WHERE topic = ?", arguments: [topic]).map { row in
                (mark: row["mark"], body: Array(row["body"] as Data? ?? Data()))
            }
        }
    }

    /// - Parameter mark: nil to forget it.
    public func noteForge(_ topic: String, mark: String?, body: [UInt8] = []) throws(StateStoreError) {
        try write { database in
            guard let mark else { return try database.execute(sql: "DELETE FROM forgeNote WHERE topic = ?", arguments: [topic]) }
            try database.execute(
                sql: "INSERT OR REPLACE INTO forgeNote (topic, mark, body) VALUES (?, ?, ?)",
                arguments: [topic, mark, Data(body)])
        }
    }

    /// Where the history of the target branch changes its policy, as its owner encodes it; nil where it was never walked.
    public func policyLine() throws(StateStoreError) -> Data? {
        try read { try Data.fetchOne($0, sql: "SELECT json FROM policyLine") }
    }

    /// Takes the place of what was noted before.
    public func notePolicyLine(_ json: Data) throws(StateStoreError) {
        try write { database in
            try database.execute(sql: "DELETE FROM policyLine")
            try database.execute(sql: "INSERT INTO policyLine (json) VALUES (?)", arguments: [json])
        }
    }

    public func noteSynced(_ branch: String, to commit: CommitID) throws(StateStoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO synced (branch, \"commit\") VALUES (?, ?)", arguments: [branch, commit.hex])
        }
    }
}
