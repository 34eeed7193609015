import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Whether what places render to may be another after a change, told without rendering. Rather too often than too seldom.
struct PlaceReach {
    private let changed: [RepositoryPath]
    private let before: GitTreeFiles
    private let after: GitTreeFiles
    private var kustomizations: KustomizationReach

    init(_ changed: [RepositoryPath], before: GitTreeFiles, after: GitTreeFiles) {
        self.changed = changed
        self.before = before
        self.after = after
        kustomizations = KustomizationReach(files: before)
    }

    /// - Throws: what the files throw.
    mutating func isTouched(_ place: SourcePlace) throws -> Bool {
        guard !changed.contains(where: { path in place.paths.contains(where: path.isInside) }) else { return true }
        switch place {
        case .overlay(let overlay, _): return try kustomizations.isTouched(overlay, by: changed)
        case .flux(let flux): return try isOther(flux.kustomization) || isTouched(flux)
        // What it renders is told by the file alone, and what that reads by rendering it.
        case .argo(let argo): return try isOther(argo.application) || isTouched(argo)
        case .manifests, .chart, .program: return try place.paths.contains(where: isOther) || isReachingFurther(place)
        }
    }

    /// What decides what a place renders to, as it was before the change.
    ///
    /// - Throws: what the files throw.
    mutating func reach(of place: SourcePlace) throws -> KustomizationReach.Reach {
        switch place {
        case .overlay(let overlay, _):
            guard case .paths(let paths) = try kustomizations.reach(of: overlay) else { return .unknown }
            return .paths(paths.filter { !$0.isInside(overlay) }.union([overlay]))
        // What they build is told by files that would have to be read again with every change.
        case .flux, .argo: return .unknown
        case .manifests, .chart, .program:
            let areDirect = try place.paths.allSatisfy { try before.isDirect($0, being: before.entry(at: $0)) }
            return try areDirect && !isReachingFurther(place) ? .paths(Set(place.paths)) : .unknown
        }
    }

    /// Whether a change reaches what a Kustomization of Flux builds, with what it adds to that.
    private func isTouched(_ place: FluxPlace) throws -> Bool {
        do {
            let synthetic = try FluxKustomization.kustomization(of: place.kustomization, in: before)
            let directory = synthetic.path.parent
            guard !changed.contains(where: { $0.isInside(directory) }) else { return true }
            var reach = KustomizationReach(files: OverlaidFiles(before, replacing: [synthetic.path: synthetic.bytes]))
            return try reach.isTouched(directory, by: changed)
        } catch is RenderingError {
            return true
        }
    }

    /// Whether a change is of a folder that an Application of Argo CD renders, or of a file that it names, or may be of anything else
    /// that these lead to.
    private mutating func isTouched(_ place: ArgoPlace) throws -> Bool {
        do {
            let named = try ArgoApplication.namedFiles(of: place.application, in: before)
            guard try !named.contains(where: isOther) else { return true }
            for directory in try ArgoApplication.directories(of: place.application, in: before) {
                if changed.contains(where: { $0.isInside(directory) }) { return true }
                if try before.hasLinks(below: directory) || kustomizations.isTouched(directory, by: changed) { return true }
                let chart = directory.appending(ChartReferences.definition)
                if let chart, try before.entry(at: chart) != .missing, try ChartReferences.isNamingOthers(directory, in: before) {
                    return true
                }
            }
            return false
        } catch is RenderingError {
            return true
        }
    }

    /// Whether something else stands at a path, or on the way there.
    private func isOther(_ path: RepositoryPath) throws -> Bool {
        try before.identity(of: path) != after.identity(of: path) || before.treeIdentity(of: path) != after.treeIdentity(of: path)
    }

    /// Whether it may read what is elsewhere: through a link, or as a chart that another one names by its path.
    private func isReachingFurther(_ place: SourcePlace) throws -> Bool {
        switch place {
        case .overlay, .flux, .argo: return true
        case .program(let program): return try program.files.contains { try before.hasLinks(below: before.realPath(of: $0)) }
        case .manifests(let path): return try before.hasLinks(below: before.realPath(of: path))
        case .chart(let release):
            let chart = try before.realPath(of: release.chart)
            return try before.hasLinks(below: chart) || ChartReferences.isNamingOthers(chart, in: before)
        }
    }
}
