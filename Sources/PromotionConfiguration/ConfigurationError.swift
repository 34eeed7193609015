public import GitOpsTypes
public import YAMLEditing

/// What is wrong with a configuration: where, what, and how to mend it.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: RepositoryPath
    public let position: SourcePosition?
    public let message: String
    /// What to write instead.
    public let hint: String

    public init(_ message: String, in path: RepositoryPath, at position: SourcePosition? = nil, hint: String) {
        self.message = message
        self.path = path
        self.position = position
        self.hint = hint
    }

    /// `environments/prod.yaml:7:3: …`
    public var description: String {
        (position.map { "\(path):\($0)" } ?? path.description) + ": " + message
    }
}
