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
}

/// What a change makes of one application in one environment.
public struct ChangeResult: Hashable, Sendable, Codable {
    public let application: ApplicationName
    public let environment: EnvironmentName
    /// SHA-256 of the rendered manifests, in hexadecimal.
    public let rendered: String

    public init(application: ApplicationName, environment: EnvironmentName, rendered: String) {
        self.application = application
        self.environment = environment
        self.rendered = rendered
    }
}
