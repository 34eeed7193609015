import GitOpsTypes

/// What releases differ in (docs/kustomize-versions.md).
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

    /// Charts are rendered for the namespace of the kustomization or of one above it, and their objects are left where Helm puts
    /// them (5.8.0, #5940; of one above it, 5.8.1, #6044).
    var leavesNamespacesToCharts: Bool { self >= .v5_8 }

    /// A chart may be of a version that is still in the making: `devel` (5.7.0 at the latest; 5.5.0 does not know it).
    var knowsDevelopmentCharts: Bool { self >= .v5_7 }

    /// What is said to have made the objects. Builds before 5.7 do not know their own version.
    var managedBy: String {
        switch self {
        case .v5_5: "kustomize-(devel)"
        case .v5_7, .v5_8: "kustomize-v\(release)"
        }
    }
}
