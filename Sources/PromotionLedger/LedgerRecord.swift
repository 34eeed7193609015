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
    /// The release and environment it is about: its own, or those of its promotion at that moment.
    public let release: ReleaseID?
    public let environment: EnvironmentName?
    /// Nil when it is applied.
    public let rejection: Rejection?

    public struct Rejection: Hashable, Sendable {
        public let reason: String
        /// Whether the verdict may be another when more of the target branch is known: the event names a commit that is not
        /// there, or not there yet.
        public let isUnsettled: Bool
    }
}

/// How far a ledger has been folded.
public struct LedgerPosition: Hashable, Sendable {
    public var head: CommitID
    /// How many commits there are up to it.
    public var count: Int
    /// Time and policy commit of the last event that was applied.
    public var lastTime: Timestamp?
    public var lastPolicy: CommitID?
    /// The tips of the target branches that the verdicts were given with.
    public var tips: [CommitID]
    /// Whether one of them may be another with more of the target branches.
    public var isUnsettled: Bool

    public init(head: CommitID, count: Int, lastTime: Timestamp?, lastPolicy: CommitID?, tips: [CommitID], isUnsettled: Bool) {
        self.head = head
        self.count = count
        self.lastTime = lastTime
        self.lastPolicy = lastPolicy
        self.tips = tips
        self.isUnsettled = isUnsettled
    }
}
