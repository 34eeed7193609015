public import GitOpsTypes

/// One entry of the ledger: what happened, who says so, and under which policy.
public struct Event: Hashable, Sendable {
    /// A ULID: 26 characters, sortable by time.
    public let id: String
    public let time: Timestamp
    public let actor: Principal
    /// The tip of the target branch whose policy the event was decided under.
    public let policyCommit: CommitID
    /// The ledger it was written for; nil, and not in the ledger's text, in events of programs that did not write it.
    public let application: ApplicationName?
    public let payload: Payload

    public init(
        id: String, time: Timestamp, actor: Principal, policyCommit: CommitID, application: ApplicationName? = nil,
        payload: Payload
    ) {
        self.application = application
        self.id = id
        self.time = time
        self.actor = actor
        self.policyCommit = policyCommit
        self.payload = payload
    }

    /// One line for people: what `git log` of the ledger and `history` show.
    ///
    /// - Parameter application: whose ledger it is in.
    public func summary(of application: ApplicationName) -> String {
        payload.event.summary(of: application)
    }
}
