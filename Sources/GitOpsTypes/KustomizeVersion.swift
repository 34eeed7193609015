/// A release of Kustomize whose output is wanted, where releases differ. Agents of today have the newest; an application may name
/// an older one as long as its agent has that.
///
/// Source: the releases of Kustomize from 5.5.0 to 5.8.1, and what their programs print.
public enum KustomizeVersion: String, Hashable, Sendable, CaseIterable, Comparable {
    case v5_5 = "5.5"
    case v5_7 = "5.7"
    case v5_8 = "5.8"

    /// What is rendered where nothing is said.
    public static let standard = KustomizeVersion.v5_8

    /// The release whose output it is, to the byte.
    public var release: String {
        switch self {
        case .v5_5: "5.5.0"
        case .v5_7: "5.7.1"
        case .v5_8: "5.8.1"
        }
    }

    public static func < (left: KustomizeVersion, right: KustomizeVersion) -> Bool { left.minor < right.minor }

    private var minor: Int {
        switch self {
        case .v5_5: 5
        case .v5_7: 7
        case .v5_8: 8
        }
    }
}
