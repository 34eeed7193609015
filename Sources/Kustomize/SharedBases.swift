import GitOpsTypes
import Synchronization

/// Bases that several overlays build on, each built once: for renders of files that stay as they are.
///
/// Renders in parallel may use the same one.
public final class SharedBases: Sendable {
    struct Base: Sendable {
        let result: Accumulation
        /// The base's own directory, and those of all that it builds on.
        let directories: [RepositoryPath]
    }

    private let bases = Mutex<[RepositoryPath: Base]>([:])

    public init() {}

    subscript(directory: RepositoryPath) -> Base? {
        get { bases.withLock { $0[directory] } }
        set { bases.withLock { $0[directory] = newValue } }
    }
}
