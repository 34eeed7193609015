/// What a release pins: both are kept in registries, known by a digest, and have a label that their registry may move.
public enum ArtifactKind: String, Hashable, Sendable, Codable {
    /// What containers run.
    case image
    /// A Helm chart. Its tag is its version, which some of those that install charts can hold, and no digest.
    case chart

    /// With its article, for people.
    public var noun: String {
        switch self {
        case .image: "an image"
        case .chart: "a chart"
        }
    }
}
