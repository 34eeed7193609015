public import GitOpsTypes
public import YAMLEditing

/// Why a promotion cannot be planned: where, what, and what to do.
public struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: RepositoryPath
    public let position: SourcePosition?
    public let message: String
    public let hint: String?

    public init(_ message: String, in path: RepositoryPath, at position: SourcePosition? = nil, hint: String? = nil) {
        self.message = message
        self.path = path
        self.position = position
        self.hint = hint
    }

    public var description: String {
        (position.map { "\(path):\($0)" } ?? path.description) + ": " + message
    }
}
