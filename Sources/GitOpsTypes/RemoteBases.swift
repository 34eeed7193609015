/// Whether kustomizations may build on directories of other repositories.
public enum RemoteBases: String, Hashable, Sendable, CaseIterable {
    case refused
    /// At full commits only, so that what they render to changes with this repository alone.
    case pinned
}
