import GitOpsTypes
import Kustomize
import PromotionDomain

/// Where the digests of a release are written in one kind of source.
protocol PinningStrategy {
    /// The files that this writes into, which are there and can be edited. Other files of the place are written by markers alone.
    ///
    /// - Throws: `PlanningError` where the place is not there, or is nothing that could be edited.
    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath]

    /// Those of the place's files, read by its rendering, in which markers are followed.
    func markableFiles(_ manifests: RenderedManifests) throws -> [RepositoryPath]

    /// The files that this writes into, edited; those that stay as they are may be among them.
    ///
    /// - Parameter marked: files in which values are marked.
    /// - Throws: `PlanningError`, or what the files throw.
    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit]

    /// The values that are marked in the files that this writes into.
    ///
    /// - Throws: `PlanningError`, or what the files throw.
    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile]

    /// What the images of the application may be called in the manifests, besides their names.
    ///
    /// - Throws: `PlanningError`, or what the files throw.
    func renamings(_ manifests: RenderedManifests) throws -> [String: Set<String>]
}

extension SourcePlace {
    /// The strategy of the place's kind.
    func pinning(of application: Application, in files: any FileSource) -> any PinningStrategy {
        switch self {
        case .overlay(let overlay, _): KustomizationPinning(overlay: overlay, application: application, files: files)
        case .manifests(let place): ImageFieldPinning(place: place, application: application, files: files)
        case .program(let place): MarkerPinning(place: place, application: application, files: files)
        case .argo(let place): ArgoPinning(place: place, application: application, files: files)
        case .flux(let place): FluxPinning(place: place, application: application, files: files)
        case .chart(let release): ChartValuesPinning(release: release, application: application, files: files)
        }
    }
}

extension [ReleaseImage] {
    var byName: [ImageName: ReleaseImage] { Dictionary(map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }
}
