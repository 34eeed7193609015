/// What an environment says of objects that a controller renders, and nothing here does: such as a release of a remote chart.
public enum UnrenderedPolicy: String, Hashable, Sendable, CaseIterable {
    /// A promotion that leaves one there is refused.
    case refuse
    /// They pass, and are told.
    case allow
}
