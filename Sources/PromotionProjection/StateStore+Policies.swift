public import Foundation
import GRDB

/// What was found out about a policy, which no ledger has anything to do with: what it says in short, and which of its places changed
/// paths may touch.
extension StateStore {
    /// An index as its owner encodes it, and what Git calls the tree that it is of.
    public struct StoredReach: Hashable, Sendable {
        public let tree: String
        public let index: Data

        public init(tree: String, index: Data) {
            self.tree = tree
            self.index = index
        }
    }

    /// What is kept of a branch under a policy; nil where there is nothing.
    public func reach(of branch: String, under policy: String) throws(StateStoreError) -> StoredReach? {
        try read { database in
            try Row.fetchOne(
                database, sql: "SELECT tree, places FROM reach WHERE branch = ? AND policy = ?", arguments: [branch, policy]
            ).map { StoredReach(tree: $0["tree"], index: $0["places"]) }
        }
    }

    /// A policy in short, as its owner encodes it; nil where it is not kept.
    public func policyOutline(of version: String) throws(StateStoreError) -> Data? {
        try read { try Data.fetchOne($0, sql: "SELECT outline FROM policyOutline WHERE version = ?", arguments: [version]) }
    }

    /// Keeps a policy in short, and of those that were kept before so many that there are at most `limit`.
    public func keep(policyOutline outline: Data, of version: String, atMost limit: Int) throws(StateStoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO policyOutline (version, outline) VALUES (?, ?)", arguments: [version, outline])
            try database.execute(
                sql: """
                    DELETE FROM policyOutline WHERE rowid NOT IN (SELECT rowid FROM policyOutline ORDER BY rowid DESC LIMIT ?)
                    """, arguments: [limit])
        }
    }

    /// Takes the place of what was kept of the branch before.
    public func keep(_ reach: StoredReach, of branch: String, under policy: String) throws(StateStoreError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO reach (branch, policy, tree, places) VALUES (?, ?, ?, ?)",
                arguments: [branch, policy, reach.tree, reach.index])
        }
    }
}
