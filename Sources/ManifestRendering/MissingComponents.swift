import GitOpsTypes
import Kustomize

/// What becomes of components that are missing, where an agent is told to pass over those.
enum MissingComponents {
    case arePassedOver
    /// They decide all the same what is built: they may come to be there.
    case areKept

    /// Whether a component is built on.
    ///
    /// - Parameter directory: of the kustomization that names it.
    /// - Throws: what the files throw.
    func isTaken(_ component: String, by directory: RepositoryPath, in files: any FileSource) throws -> Bool {
        switch self {
        case .areKept: return true
        case .arePassedOver:
            guard let path = RepositoryPath(component, relativeTo: directory) else { return false }
            return try files.entry(at: path) != .missing
        }
    }
}
