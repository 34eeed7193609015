/// Why the state store cannot be used. It holds nothing that the ledger does not, so this never loses anything.
public struct StateStoreError: Error, Hashable, Sendable {
    public let path: String
    /// What SQLite said.
    public let detail: String
}
