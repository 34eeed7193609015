public import GitOpsTypes
public import Kustomize
public import YAMLEditing

/// Why a place does not render: where, what, and what to do about it.
public struct RenderingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    /// The file or directory it is in.
    public let path: RepositoryPath
    public let position: SourcePosition?
    public let hint: String?

    public init(_ message: String, in path: RepositoryPath, at position: SourcePosition? = nil, hint: String? = nil) {
        self.message = message
        self.path = path
        self.position = position
        self.hint = hint
    }

    public init(_ error: KustomizeError) {
        self.init(error.message, in: error.path, at: error.position, hint: error.hint)
    }

    /// Where it is, and what: without what to do.
    public var problem: String { (position.map { "\(path):\($0)" } ?? path.description) + ": \(message)" }

    public var description: String { problem + (hint.map { "; \($0)" } ?? "") }
}

/// A program that renders is missing on this machine, or is none that can be relied on: nothing is said about the place.
public struct RendererUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    public let hint: String

    public init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    public var description: String { "\(message); \(hint)" }
}

/// Gives what `body` gives, and its errors of Kustomize as those of a place.
///
/// - Throws: `RenderingError`, or what else `body` throws.
public func rendering<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as KustomizeError {
        throw RenderingError(error)
    }
}
