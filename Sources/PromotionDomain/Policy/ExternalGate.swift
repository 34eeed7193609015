public import GitOpsTypes

/// Something outside that judges what would be rendered: a program, a service, or a status on the forge.
public struct ExternalGate: Hashable, Sendable {
    /// Of its check, `gate/<name>`.
    public let name: String
    public let judge: Judge
    /// Seconds.
    public let timeout: Int64
    /// Where a policy names it; nil where that is known of no version, and then no program of it is run.
    public let definition: Definition?

    /// A file of the configuration, in one version.
    public struct Definition: Hashable, Sendable {
        public let path: RepositoryPath
        public let version: BlobID

        public init(path: RepositoryPath, version: BlobID) {
            self.path = path
            self.version = version
        }
    }

    public enum Judge: Hashable, Sendable {
        /// A program and its arguments; no shell sees them. It reads the manifests from standard input, and says by its exit
        /// status whether it lets them through. Its own rules are `files` of the target branch, in its working directory.
        case program([String], files: [RepositoryPath])
        /// The address of a service that the manifests are posted to, and that answers with a verdict.
        case service(String)
        /// The name of a status that has to be reported as successful for the head commit, on the forge.
        case status(String)
    }

    public init(name: String, judge: Judge, timeout: Int64, definition: Definition? = nil) {
        self.definition = definition
        self.name = name
        self.judge = judge
        self.timeout = timeout
    }

    /// What people know it by.
    public var noun: String {
        switch judge {
        case .program(let command, _): command.first ?? name
        case .service(let address): address
        case .status(let status): "the status \(status)"
        }
    }
}
