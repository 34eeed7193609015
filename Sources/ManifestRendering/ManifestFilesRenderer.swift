import GitOpsTypes
import Kustomize

/// Takes plain manifests as they are: those of a file, or of all files of a folder and below, in the order of their paths.
///
/// What agents apply of a folder: `.yaml`, `.yml` and `.json`, recursively. Source: Argo CD, "Directory"; `kubectl apply -R -f`.
struct ManifestFilesRenderer: ManifestRenderer {
    let place: RepositoryPath
    /// Whether folders below are entered.
    var isRecursive = true
    /// Which manifests are taken, by their paths from the place on.
    var isTaken: (String) -> Bool = { _ in true }

    static let suffixes = [".yaml", ".yml", ".json"]
    func version() -> String { "manifests 2" }

    func render(_ source: any FileSource) throws -> RenderedManifests {
        let files = TracedFiles(source)
        let written: [(path: RepositoryPath, bytes: [UInt8])]
        switch try files.entry(at: place) {
        case .file(let bytes): written = [(place, bytes)]
        case .directory:
            let folder = PlainFolder(source: files, isRecursive: isRecursive, passesOverLinksToNothing: true)
            written = try folder.files(below: place) { Self.isManifest($0.name) && isTaken(seen($0)) }
        case .missing:
            throw RenderingError(
                "there is no file and no folder", in: place, hint: "add it, or correct the application's manifests")
        case .outside, .submodule, .tooLarge: throw PlainFolder.unreadable(place)
        }
        return try rendering { try RenderedManifests(writtenIn: written, reads: files.identities) }
    }

    /// A path as it is seen from the place.
    private func seen(_ path: RepositoryPath) -> String {
        path.components.dropFirst(place.components.count).joined(separator: "/")
    }

    static func isManifest(_ name: String) -> Bool { suffixes.contains(where: name.hasSuffix) }
}
