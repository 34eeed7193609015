import GitOpsTypes
import Synchronization

/// Bases that several overlays build on, each built once: for renders of files that stay as they are.
///
/// Renders in parallel may use the same one. It keeps so much and no more; what does not fit is built again by those who need it.
public final class SharedBases: Sendable {
    struct Base: Sendable {
        let result: Accumulation
        /// The base's own directory, and those of all that it builds on.
        let directories: Set<RepositoryPath>
        /// What it and each of those it builds on took by itself.
        let costs: [RepositoryPath: RenderBudget.Cost]
        let schemaUse: SchemaChoice.Use
        /// Whether it has charts, and the namespace that they are rendered for.
        let charts: Charts

        enum Charts: Equatable {
            case none
            case renderedFor(namespace: String?)
        }

        /// Whether it would be the same for another namespace that charts are rendered for.
        func isSame(for namespace: String?) -> Bool { charts == .none || charts == .renderedFor(namespace: namespace) }
    }

    private struct Key: Hashable {
        let directory: RepositoryPath
        let dialect: KustomizeDialect
    }

    private struct Kept {
        var bases: [Key: Base] = [:]
        var values = 0
    }

    private let kept = Mutex(Kept())
    private let maximumValues: Int

    public convenience init() { self.init(maximumValues: 4_000_000) }

    /// - Parameter maximumValues: how many values of manifests are kept.
    init(maximumValues: Int) { self.maximumValues = maximumValues }

    subscript(directory: RepositoryPath, dialect: KustomizeDialect) -> Base? {
        kept.withLock { $0.bases[Key(directory: directory, dialect: dialect)] }
    }

    /// Keeps a base, where there is room for it.
    func keep(_ base: Base, of directory: RepositoryPath, _ dialect: KustomizeDialect) {
        let key = Key(directory: directory, dialect: dialect)
        kept.withLock { kept in
            // What a program made is another thing once that is another one.
            guard base.charts == .none, kept.bases[key] == nil, kept.values + base.result.values <= maximumValues else { return }
            kept.bases[key] = base
            kept.values += base.result.values
        }
    }
}
