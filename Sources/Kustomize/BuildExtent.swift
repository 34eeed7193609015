import GitOpsTypes

/// What a base builds on so far.
struct BuildExtent {
    /// Every directory, with its own.
    var directories: Set<RepositoryPath> = []
    /// Whether there are charts among it.
    var hasCharts = false

    init() {}

    init(of base: SharedBases.Base) {
        directories = base.directories
        hasCharts = base.charts != .none
    }

    /// Adds what another one builds on that is a part of this.
    mutating func add(_ other: BuildExtent) {
        directories.formUnion(other.directories)
        hasCharts = hasCharts || other.hasCharts
    }
}
