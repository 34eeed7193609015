import GitOpsTypes
import GitStore
import Kustomize
import PromotionPlanning

/// Everything that an overlay reads or holds, by what it is: what stands for a rendering where there is none.
///
/// The whole folder, and whatever any word of its files could mean as a path, links followed. Rather too much than too little: of
/// an overlay whose own words cannot be read, it is the whole repository.
struct HeldContent {
    private let files: GitTreeFiles
    private var identities: [RepositoryPath: String] = [:]
    /// The first link that leads nowhere, or out of the repository.
    private(set) var strayLink: RepositoryPath?
    /// Whether there is a file whose words cannot be told.
    private var isUnreadable = false

    /// So many files and folders are looked at; an overlay that has more holds the whole repository.
    private static let maximumPlaces = 20_000
    /// Of larger files no words are read: no kustomization has so many.
    private static let maximumReadBytes = 1 << 20

    /// - Parameter own: further files that belong to it.
    init(of overlay: RepositoryPath, and own: [RepositoryPath], in files: GitTreeFiles) throws {
        self.files = files
        for path in [overlay] + own { try hold(path, for: overlay) }
        // What decides what a checkout of all these holds.
        for path in Array(identities.keys) {
            var folder = path.parent
            while true {
                if let attributes = folder.appending(".gitattributes"), identities[attributes] == nil {
                    identities[attributes] = try files.identity(of: attributes) ?? ""
                }
                if folder.isRoot { break }
                folder = folder.parent
            }
        }
    }

    /// The same for the same content only, and never what a rendering's digest is.
    var digest: String {
        let isWhole = isUnreadable || identities.count > Self.maximumPlaces
        let lines = isWhole ? ["everything \(files.tree)"] : identities.map { "\($0.key) \($0.value)" }
        return PromotionPlanner.digest(ofContent: lines)
    }

    private mutating func hold(_ start: RepositoryPath, for kustomization: RepositoryPath) throws {
        var next = [(path: start, base: kustomization)]
        while let (path, base) = next.popLast() {
            guard identities[path] == nil, identities.count <= Self.maximumPlaces else { continue }
            switch try files.place(path) {
            case .file(let id, let real):
                identities[path] = "file \(id) \(real)"
                next += try references(in: id, at: real, base).map { ($0, base) }
            case .directory(let real):
                identities[path] = "folder \(real)"
                let names = try files.objects.entries(of: real, in: files.tree)?.map(\.name) ?? []
                // A folder that a word names is a kustomization of its own.
                next += names.compactMap(real.appending).map { ($0, path.isInside(base) ? base : real) }
            case .missing:
                identities[path] = "nothing"
                if try files.isLink(path) { strayLink = strayLink ?? path }
            case .outside, .submodule:
                identities[path] = "outside"
                strayLink = strayLink ?? path
            }
        }
    }

    private mutating func references(
        in blob: BlobID, at path: RepositoryPath, _ base: RepositoryPath
    ) throws -> [RepositoryPath] {
        guard try files.objects.size(of: blob) <= Self.maximumReadBytes else { return [] }
        guard let words = KustomizationReach.allWords(of: try files.objects.blob(blob)) else {
            // What is no kustomization may be anything, and refers to nothing.
            isUnreadable = isUnreadable || KustomizeRenderer.fileNames.contains(path.name)
            return []
        }
        return try words.flatMap { word in
            [base, path.parent].compactMap { RepositoryPath(word, relativeTo: $0) }
        }.filter { try files.place($0).isThere }
    }
}
