/// What went wrong with a repository, on what, and what Git said.
public struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// There is no repository, or none that can be opened.
        case notARepository
        /// An object, ref or path does not exist.
        case notFound
        /// A ref was not where it was expected: another writer was faster.
        case refMoved
        /// The remote cannot be reached, or refuses to talk to us.
        case remoteUnavailable
        /// The remote took the connection and then let nothing be heard of it.
        case remoteSilent
        /// A lock file is in the way, of a program that is at work or that was killed.
        case locked
        /// Git's own configuration lacks something, such as who the user is.
        case configuration
        /// A commit could not be signed.
        case signing
        /// An object is not as Git makes them, so that programs differ in what they read of it.
        case malformed
        /// Git or libgit2 failed in another way: a full disk, a damaged object.
        case failed
    }

    public let code: Code
    /// What was tried: "read refs/heads/main".
    public let operation: String
    /// What Git said, in its own words; for people, never for decisions.
    public let detail: String
    public let hint: String?

    public init(_ code: Code, _ operation: String, _ detail: String, hint: String? = nil) {
        self.code = code
        self.operation = operation
        self.detail = detail
        self.hint = hint
    }

    public var description: String { "\(operation): \(detail)" }
}
