public import GitOpsTypes

/// A program of the policy's own that judges rendered manifests: conftest, kubeconform, a script.
public struct ExternalGate: Hashable, Sendable {
    /// Of its check, `gate/<name>`.
    public let name: String
    /// The program and its arguments; no shell sees them. It reads the manifests from standard input, and says by its exit status
    /// whether it lets them through.
    public let command: [String]
    /// Files and directories of the target branch that it finds in its working directory: its own rules.
    public let files: [RepositoryPath]
    /// Seconds.
    public let timeout: Int64

    public init(name: String, command: [String], files: [RepositoryPath], timeout: Int64) {
        self.name = name
        self.command = command
        self.files = files
        self.timeout = timeout
    }
}
