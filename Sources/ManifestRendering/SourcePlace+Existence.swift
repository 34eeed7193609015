public import Kustomize
public import PromotionDomain

extension SourcePlace {
    /// Whether there is anything at the place, of whatever kind it is.
    ///
    /// - Throws: `RenderingError`, or what the files throw.
    public func exists(in files: any FileSource) throws -> Bool {
        switch self {
        case .overlay(let overlay, _):
            try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: overlay) } != nil
        case .manifests(let path): try files.entry(at: path) != .missing
        case .flux(let place): try files.entry(at: place.kustomization) != .missing
        case .argo(let place): try files.entry(at: place.application) != .missing
        case .program(let place): try (place.ownFiles + place.files).contains { try files.entry(at: $0) != .missing }
        case .chart(let release): try release.ownPaths.contains { try files.entry(at: $0) != .missing }
        }
    }
}
