public import GitOpsTypes
public import PromotionDomain

/// One commit of a ledger, read but not yet judged.
public struct LedgerRecord: Hashable, Sendable {
    public let commit: CommitID
    public let content: Content

    public enum Content: Hashable, Sendable {
        case event(Event, by: Actor)
        /// The commit holds no event that can be read.
        case damaged(String)
        /// The commit holds an event that this program cannot read, as a newer one may have written it: in what it is unknown.
        case newer(String, by: Actor)
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
        /// Whether an actor whose key counts wrote it with a newer program: then what the ledger says is not known here.
        public let isOfNewerProgram: Bool
        /// Whether an operator said, by a word that counts, that it does not count.
        public let isPassedOver: Bool

        public init(
            reason: String, isUnsettled: Bool = false, isOfNewerProgram: Bool = false, isPassedOver: Bool = false
        ) {
            self.isPassedOver = isPassedOver
            self.reason = reason
            self.isUnsettled = isUnsettled
            self.isOfNewerProgram = isOfNewerProgram
        }
    }
}

/// Which version of the policy counts from a commit of the target branch on.
public struct PolicyStep: Hashable, Sendable {
    public let commit: CommitID
    /// The version of `environments/`, as a Git tree.
    public let version: TreeID

    public init(commit: CommitID, version: TreeID) {
        self.commit = commit
        self.version = version
    }

    /// Reads `<commit>=<version> …`; nil for anything else.
    public static func list(_ text: String) -> [PolicyStep]? {
        var steps: [PolicyStep] = []
        for part in text.split(separator: " ") {
            let names = part.split(separator: "=")
            guard names.count == 2, let commit = CommitID(names[0]), let version = TreeID(names[1]) else { return nil }
            steps.append(PolicyStep(commit: commit, version: version))
        }
        return steps
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
    /// The first event that a newer program wrote, and that this one cannot read; nil when there is none.
    public var newerEvent: CommitID?
    /// The tip of the target branch that the verdicts were given with.
    public var target: CommitID
    /// The policies that counted up to it, oldest first.
    public var policySteps: [PolicyStep]
    /// Whether an event that names its ledger was applied: what was written since is held to the rules of such programs.
    public var hasNamedEvents: Bool

    public init(
        head: CommitID, count: Int, lastTime: Timestamp?, lastPolicy: CommitID?, tips: [CommitID], isUnsettled: Bool,
        newerEvent: CommitID?, target: CommitID, policySteps: [PolicyStep], hasNamedEvents: Bool
    ) {
        self.hasNamedEvents = hasNamedEvents
        self.target = target
        self.policySteps = policySteps
        self.newerEvent = newerEvent
        self.head = head
        self.count = count
        self.lastTime = lastTime
        self.lastPolicy = lastPolicy
        self.tips = tips
        self.isUnsettled = isUnsettled
    }
}
