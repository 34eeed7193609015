public import GitOpsTypes
public import PromotionGates
public import PromotionModel

/// One commit of a ledger, read but not yet judged.
public struct LedgerRecord: Hashable, Sendable {
    public let commit: CommitID
    public let content: Content

    public enum Content: Hashable, Sendable {
        case event(Event, by: Actor)
        /// The commit holds no event that can be read.
        case damaged(String)
    }
}

/// One commit of a ledger, judged: part of the state, or kept and not applied.
public struct JudgedRecord: Hashable, Sendable {
    public let commit: CommitID
    public let content: LedgerRecord.Content
    /// Why it is not applied; nil when it is.
    public let rejection: String?
}
