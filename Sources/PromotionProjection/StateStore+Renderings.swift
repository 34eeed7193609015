public import Foundation
import GRDB

/// What overlays render to, which no ledger has anything to do with.
extension StateStore {
    /// A rendering as its owner encodes it: what was read, and what came of it.
    public struct StoredRendering: Hashable, Sendable {
        public let reads: Data
        public let manifests: Data

        public init(reads: Data, manifests: Data) {
            self.reads = reads
            self.manifests = manifests
        }
    }

    /// What is kept of an overlay's renderings, newest first.
    ///
    /// - Parameter program: the version of what renders; the renderings of others are not returned.
    public func renderings(of overlay: String, by program: String) throws(StateStoreError) -> [StoredRendering] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT reads, manifests FROM rendering WHERE overlay = ? AND program = ? ORDER BY rowid DESC",
                arguments: [overlay, program]
            ).map { StoredRendering(reads: $0["reads"], manifests: $0["manifests"]) }
        }
    }

    /// Keeps a rendering, and of the older ones of the same overlay so many that there are at most `limit`.
    public func keep(
        _ rendering: StoredRendering, of overlay: String, by program: String, atMost limit: Int
    ) throws(StateStoreError) {
        try write { database in
            try database.execute(
                sql: "DELETE FROM rendering WHERE overlay = ? AND (program <> ? OR reads = ?)",
                arguments: [overlay, program, rendering.reads])
            try database.execute(
                sql: "INSERT INTO rendering (overlay, program, reads, manifests) VALUES (?, ?, ?, ?)",
                arguments: [overlay, program, rendering.reads, rendering.manifests])
            try database.execute(
                sql: """
                    DELETE FROM rendering WHERE overlay = ?1 AND rowid NOT IN
                    (SELECT rowid FROM rendering WHERE overlay = ?1 ORDER BY rowid DESC LIMIT ?2)
                    """, arguments: [overlay, limit])
        }
    }
}
