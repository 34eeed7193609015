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
    /// So many files and folders are looked at.
    private static let maximumFiles = 20_000

    func version() -> String { "manifests 2" }

    func render(_ source: any FileSource) throws -> RenderedManifests {
        let files = TracedFiles(source)
        let written: [(path: RepositoryPath, bytes: [UInt8])]
        switch try files.entry(at: place) {
        case .file(let bytes): written = [(place, bytes)]
        case .directory: written = try self.files(below: place, in: files)
        case .missing:
            throw RenderingError(
                "there is no file and no folder", in: place, hint: "add it, or correct the application's manifests")
        case .outside, .submodule, .tooLarge: throw Self.unreadable(place)
        }
        return try rendering { try RenderedManifests(writtenIn: written, reads: files.identities) }
    }

    private func files(
        below top: RepositoryPath, in source: TracedFiles
    ) throws -> [(path: RepositoryPath, bytes: [UInt8])] {
        var found: [(path: RepositoryPath, bytes: [UInt8])] = []
        var folders = [top]
        var count = 0
        while let folder = folders.popLast() {
            for name in try source.names(in: folder) ?? [] {
                count += 1
                guard count <= Self.maximumFiles else {
                    throw RenderingError("it has more than \(Self.maximumFiles) files and folders", in: top)
                }
                guard let path = folder.appending(name) else {
                    throw RenderingError("a name in it has a control character", in: folder, hint: "rename that file")
                }
                switch try source.entry(at: path) {
                case .directory:
                    guard isRecursive else { continue }
                    // A link to a folder could lead round in a circle.
                    guard try source.realPath(of: path) == path else { throw Self.unreadable(path) }
                    folders.append(path)
                case .file(let bytes) where Self.isManifest(name) && isTaken(seen(path)): found.append((path, bytes))
                case .file, .missing: continue
                case .outside, .submodule, .tooLarge: throw Self.unreadable(path)
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// A path as it is seen from the place.
    private func seen(_ path: RepositoryPath) -> String {
        path.components.dropFirst(place.components.count).joined(separator: "/")
    }

    static func isManifest(_ name: String) -> Bool { suffixes.contains(where: name.hasSuffix) }

    private static func unreadable(_ path: RepositoryPath) -> RenderingError {
        RenderingError(
            "it is no plain file or folder of this repository", in: path,
            hint: "agents would read something else there: a link, a submodule, or more than a manifest may have")
    }
}
