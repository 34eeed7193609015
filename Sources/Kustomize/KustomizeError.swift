public import GitOpsTypes
public import YAMLEditing

/// Why an overlay cannot be rendered: where, what, and what to do about it.
public struct KustomizeError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// A file or directory that is referred to does not exist.
        case missing
        /// A file is no valid YAML, or no valid kustomization or manifest.
        case invalid
        /// A field of Kustomize that this renderer does not support; rendering without it would be silently wrong.
        case unsupported
        /// A reference leads out of the repository, to another host, or in a circle.
        case forbidden
        /// Two resources claim to be the same, or a patch or reference matches none or too many.
        case conflict
        /// The render takes more objects, values, bytes or work than one may.
        case limit
    }

    public let code: Code
    public let message: String
    /// The file the error is in.
    public let path: RepositoryPath
    public let position: SourcePosition?
    /// What to do.
    public let hint: String?

    public init(
        _ code: Code, _ message: String, in path: RepositoryPath, at position: SourcePosition? = nil, hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.position = position
        self.hint = hint
    }

    public var description: String {
        let place = position.map { "\(path):\($0)" } ?? path.description
        return "\(place): \(message)" + (hint.map { "; \($0)" } ?? "")
    }
}
