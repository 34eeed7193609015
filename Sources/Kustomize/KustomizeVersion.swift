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

extension KustomizeVersion {
    /// `images` reaches the references of image volumes (5.7.0, #5921).
    var changesImageVolumes: Bool { self >= .v5_7 }

    /// A replacement may have a value of its own instead of a source (5.7.0, #5630).
    var hasSourceValues: Bool { self >= .v5_7 }

    /// What a replacement selects and rejects are regular expressions, as in targets of patches (5.8.0, #5863).
    var selectsByExpression: Bool { self >= .v5_8 }

    /// The path of a replacement may lead into JSON or YAML inside a text (5.8.0, #5679).
    var replacesInsideTexts: Bool { self >= .v5_8 }

    /// What is not known under `options` of a patch is refused, and letter case does not count there (5.8.0).
    var checksPatchOptions: Bool { self >= .v5_8 }

    /// A file may delete more than one object (5.7.0, #5859). What was before ends in a crash of Kustomize.
    var deletesRepeatedly: Bool { self >= .v5_7 }

    /// What is said to have made the objects. Builds before 5.7 do not know their own version.
    var managedBy: String {
        switch self {
        case .v5_5: "kustomize-(devel)"
        case .v5_7, .v5_8: "kustomize-v\(release)"
        }
    }
}
