import GitOpsTypes
import Kustomize

/// A folder of plain files, as every agent reads them: with no link to a folder, which could lead round in a circle, no submodule, and
/// nothing that leads out of the repository.
struct PlainFolder {
    let source: TracedFiles
    /// Whether folders below are entered.
    var isRecursive = true
    /// Whether a link to nothing is as if it were not there.
    var passesOverLinksToNothing = false

    /// So many files and folders are looked at.
    static let maximumEntries = 20_000

    /// The files below a folder, in the order of their paths.
    ///
    /// - Parameter isWanted: which of them, by their paths.
    /// - Throws: `RenderingError` where it has something else, or too much; or what the files throw.
    func files(
        below top: RepositoryPath, where isWanted: (RepositoryPath) -> Bool = { _ in true }
    ) throws -> [(path: RepositoryPath, bytes: [UInt8])] {
        var found: [(path: RepositoryPath, bytes: [UInt8])] = []
        var folders = [top]
        var count = 0
        while let folder = folders.popLast() {
            for name in try source.names(in: folder) ?? [] {
                count += 1
                guard count <= Self.maximumEntries else {
                    throw RenderingError("it has more than \(Self.maximumEntries) files and folders", in: top)
                }
                guard let path = folder.appending(name) else {
                    throw RenderingError("a name in it has a control character", in: folder, hint: "rename that file")
                }
                switch try source.entry(at: path) {
                case .directory:
                    guard isRecursive else { continue }
                    guard try source.realPath(of: path) == path else { throw Self.unreadable(path) }
                    folders.append(path)
                case .file(let bytes): if isWanted(path) { found.append((path, bytes)) }
                // What is listed and missing is a link to nothing.
                case .missing where passesOverLinksToNothing: continue
                case .missing, .outside, .submodule, .tooLarge: throw Self.unreadable(path)
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// That what stands at a path is not what an agent would read there.
    static func unreadable(_ path: RepositoryPath) -> RenderingError {
        RenderingError(
            "it is no plain file or folder of this repository", in: path,
            hint:
                "agents would read something else there: a link to a folder or to nothing, a submodule, or more than a file may have"
        )
    }
}
