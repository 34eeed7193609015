public import GitOpsTypes

/// An environment is stopped for an application; only a rollback moves until it is lifted.
public struct Hold: Hashable, Sendable, Codable {
    public let reason: String
    public let by: Principal
    public let at: Timestamp

    public init(reason: String, by: Principal, at: Timestamp) {
        self.reason = reason
        self.by = by
        self.at = at
    }
}

/// A release is quarantined: it moves nowhere any more.
public struct Yank: Hashable, Sendable, Codable {
    public let reason: String
    public let by: Principal
    public let at: Timestamp

    public init(reason: String, by: Principal, at: Timestamp) {
        self.reason = reason
        self.by = by
        self.at = at
    }
}

/// Something came into an environment unauthorized. Until it is accepted, nothing is promoted out of
/// the environment.
public struct Violation: Hashable, Sendable, Codable {
    /// The commit of the environment's branch that brought it.
    public let commit: CommitID
    /// What is wrong with it.
    public let detail: String
    /// Who noticed.
    public let by: Principal
    public let at: Timestamp
    /// When an operator accepted it; nil while it taints the environment.
    public internal(set) var accepted: Timestamp?
    /// The commit at which it was recorded what the environment had when it was accepted; nil while that is not known.
    public internal(set) var settled: CommitID?

    init(commit: CommitID, detail: String, by: Principal, at: Timestamp) {
        self.commit = commit
        self.detail = detail
        self.by = by
        self.at = at
    }
}

/// Nothing is merged into an environment for a time, of no application.
public struct Freeze: Hashable, Sendable, Codable {
    public let environment: EnvironmentName
    public let reason: String
    public let by: Principal
    public let at: Timestamp
    /// When it ends by itself; nil for when it is lifted.
    public let until: Timestamp?
    /// The tip of the target branch when it was placed: what is merged on top of that was merged later, whatever it claims.
    public let policyCommit: CommitID
    public internal(set) var lifted: Timestamp?

    public init(
        environment: EnvironmentName, reason: String, by: Principal, at: Timestamp, until: Timestamp?, policyCommit: CommitID,
        lifted: Timestamp? = nil
    ) {
        self.environment = environment
        self.reason = reason
        self.by = by
        self.at = at
        self.until = until
        self.policyCommit = policyCommit
        self.lifted = lifted
    }

    public func isActive(at time: Timestamp) -> Bool {
        at <= time && until.map { time < $0 } ?? true && lifted.map { time < $0 } ?? true
    }

    /// The same, with another beginning.
    public func beginning(at time: Timestamp) -> Freeze {
        Freeze(
            environment: environment, reason: reason, by: by, at: time, until: until, policyCommit: policyCommit, lifted: lifted)
    }
}
