/// Why the state store cannot be used. It holds nothing that the ledger does not, so this never loses anything.
public struct StateStoreError: Error, Hashable, Sendable {
    public let path: String
    /// What SQLite said.
    public let detail: String
    /// Whether the content makes no sense, so that making the store anew mends it.
    public let isDamaged: Bool

    public init(path: String, detail: String, isDamaged: Bool) {
        self.path = path
        self.detail = detail
        self.isDamaged = isDamaged
    }
}
