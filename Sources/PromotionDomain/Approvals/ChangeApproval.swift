public import GitOpsTypes

/// A named principal's consent to a change of the configuration that is no promotion: to one head, and to what it makes of
/// environments and of the policy.
public struct ChangeApproval: Hashable, Sendable, Codable {
    public let by: Principal
    public let at: Timestamp
    public let head: CommitID
    public let results: [ChangeResult]
    /// The `environments/` directory that it leads to, as a Git tree; nil where it leaves that alone.
    public let policy: String?
    /// The fingerprint of the key that signed it.
    public let key: String?
    /// The tip of the target branch when it was given: what the branch got later was not yet there to be merged.
    public let policyCommit: CommitID
    /// The tip of the target branch when its approver took it back, or said something newer of the same head; nil while it holds.
    public internal(set) var withdrawn: CommitID?

    public init(
        by: Principal, at: Timestamp, head: CommitID, results: [ChangeResult], policy: String?, key: String?,
        policyCommit: CommitID, withdrawn: CommitID? = nil
    ) {
        self.by = by
        self.at = at
        self.head = head
        self.results = results
        self.policy = policy
        self.key = key
        self.policyCommit = policyCommit
        self.withdrawn = withdrawn
    }
}

/// What a change makes of one application in one environment.
public struct ChangeResult: Hashable, Sendable, Codable {
    public let application: ApplicationName
    public let environment: EnvironmentName
    /// SHA-256 of the rendered manifests, in hexadecimal; of what cannot be rendered, `bytes:` and that of all it reads or holds.
    public let rendered: String

    public init(application: ApplicationName, environment: EnvironmentName, rendered: String) {
        self.application = application
        self.environment = environment
        self.rendered = rendered
    }

    private enum CodingKeys: String, CodingKey {
        case application, environment, rendered
    }
}
