public import GitOpsTypes
public import Kustomize
public import PromotionDomain

/// Whether what places render to may be another after a change, told without rendering. Rather too often than too seldom.
public struct PlaceReach {
    private let changed: [RepositoryPath]
    private let before: any FileSource
    private let after: any FileSource
    private var kustomizations: KustomizationReach

    /// - Parameters:
    ///   - changed: the paths at which something else stands after the change.
    ///   - before: the files before it; they tell what stands at a path (`identity`), as do those after it.
    public init(_ changed: [RepositoryPath], before: any FileSource, after: any FileSource) {
        self.changed = changed
        self.before = before
        self.after = after
        kustomizations = KustomizationReach(files: before)
    }

    /// - Throws: what the files throw.
    public mutating func isTouched(_ place: SourcePlace) throws -> Bool {
        guard !changed.contains(where: { path in place.paths.contains(where: path.isInside) }) else { return true }
        switch place {
        case .overlay(let overlay, _): return try kustomizations.isTouched(overlay, by: changed)
        // What these render is told by their files alone, and what those read by rendering them.
        case .flux(let flux): return try place.paths.contains(where: isOther) || isTouched(flux)
        case .argo(let argo): return try place.paths.contains(where: isOther) || isTouched(argo)
        case .manifests, .chart, .program: return try place.paths.contains(where: isOther) || isReachingFurther(place)
        }
    }

    /// What decides what a place renders to, as it was before the change.
    ///
    /// - Throws: what the files throw.
    public mutating func reach(of place: SourcePlace) throws -> KustomizationReach.Reach {
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
            let synthetic = try FluxKustomization.kustomization(of: place.kustomization, in: before, missing: .areKept)
            return try isTouched(synthetic.path.parent, in: OverlaidFiles(before, replacing: [synthetic.path: synthetic.bytes]))
        } catch is RenderingError {
            return true
        }
    }

    /// Whether a change is of a folder that an Application of Argo CD renders, or of a file that it names, or may be of anything else
    /// that these lead to.
    private func isTouched(_ place: ArgoPlace) throws -> Bool {
        do {
            let application = try ArgoApplication(in: place.application, from: before)
            guard try !application.namedFiles().contains(where: isOther) else { return true }
            return try application.sources.contains { source in
                let edited = try ArgoKustomization(source, of: place.application).edited(before, missing: .areKept)
                return try isTouched(source.path, in: edited) || isChartReachingFurther(source.path)
            }
        } catch is RenderingError {
            return true
        }
    }

    /// Whether a change reaches a folder that is rendered as a whole or by its kustomization.
    ///
    /// - Parameter edited: the files before the change, with the kustomization as it is built.
    private func isTouched(_ folder: RepositoryPath, in edited: any FileSource) throws -> Bool {
        guard !changed.contains(where: { $0.isInside(folder) }), try !before.hasLinks(below: folder) else { return true }
        var reach = KustomizationReach(files: edited)
        return try reach.isTouched(folder, by: changed)
    }

    private func isChartReachingFurther(_ folder: RepositoryPath) throws -> Bool {
        guard let definition = folder.appending(ChartReferences.definition), try before.entry(at: definition) != .missing else {
            return false
        }
        return try ChartReferences.isReachingFurther(folder, in: before)
    }

    /// Whether something else stands at a path, or on the way there; it is taken to where that cannot be told.
    private func isOther(_ path: RepositoryPath) throws -> Bool {
        guard let identity = try before.identity(of: path), try identity == after.identity(of: path) else { return true }
        return try before.treeIdentity(of: path) != after.treeIdentity(of: path)
    }

    /// Whether it may read what is elsewhere: through a link, or as a chart that another one names by its path.
    private func isReachingFurther(_ place: SourcePlace) throws -> Bool {
        switch place {
        case .overlay, .flux, .argo: return true
        case .program(let program): return try program.files.contains { try before.hasLinks(below: before.realPath(of: $0)) }
        case .manifests(let path): return try before.hasLinks(below: before.realPath(of: path))
        case .chart(let release): return try ChartReferences.isReachingFurther(before.realPath(of: release.chart), in: before)
        }
    }
}
