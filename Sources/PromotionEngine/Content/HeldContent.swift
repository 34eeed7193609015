import GitOpsTypes
import GitStore
import Kustomize
import PromotionDomain
import PromotionPlanning

/// Everything that an overlay reads or holds, by what it is: what stands for a rendering where there is none.
///
/// The whole folder, and whatever any word of its files could mean as a path, links followed, with what decides what a checkout of
/// it holds. Rather too much than too little: of an overlay that has more words than can be looked at, it is the whole repository.
struct HeldContent {
    private let files: GitTreeFiles
    private var identities: [RepositoryPath: String] = [:]
    /// The first link that leads nowhere, or out of the repository.
    private(set) var strayLink: RepositoryPath?
    /// Whether there is a file whose words cannot be told.
    private var isUnreadable = false
    /// All that is held, by the names by which it is asked for and by those under which it is.
    private var places: Set<RepositoryPath> = []
    private var hasSubmodules = false

    /// So many files and folders are looked at; an overlay that has more holds the whole repository.
    private static let maximumPlaces = 20_000

    /// - Parameter own: further files that belong to it.
    init(of place: SourcePlace, and own: [RepositoryPath], in files: GitTreeFiles) throws {
        self.files = files
        for path in place.paths + own { try hold(path, for: place.readsFromRoot ? .root : place.path) }
        try holdCheckoutFiles()
    }

    /// What decides what a checkout of all these holds.
    private mutating func holdCheckoutFiles() throws {
        for place in places {
            var folder = place
            repeat {
                folder = folder.parent
                for path in CheckoutFiles.inherited.compactMap(folder.appending) where identities[path] == nil {
                    identities[path] = try files.identity(of: path) ?? ""
                }
            } while !folder.isRoot
        }
        guard hasSubmodules, let modules = RepositoryPath(CheckoutFiles.submodules) else { return }
        identities[modules] = try files.identity(of: modules) ?? ""
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
            let place = try files.place(path)
            note(place, at: path)
            switch place {
            case .file(let id, let real):
                let isProgram = try files.objects.isExecutable(at: real, in: files.tree)
                identities[path] = "\(isProgram ? "program" : "file") \(id) \(real)"
                next += try references(in: id, at: real, base).map { ($0, base) }
            case .directory(let real):
                identities[path] = "folder \(real)"
                let names = try files.objects.entries(of: real, in: files.tree)?.map(\.name) ?? []
                // A folder that a word names is a kustomization of its own.
                next += names.compactMap(real.appending).map { ($0, path.isInside(base) ? base : real) }
            case .submodule(let top, let commit): identities[path] = "submodule \(top) \(commit)"
            case .missing:
                identities[path] = "nothing"
                if try files.isLink(path) { strayLink = strayLink ?? path }
            case .outside:
                identities[path] = "outside"
                strayLink = strayLink ?? path
            }
        }
    }

    private mutating func note(_ place: GitTreeFiles.Place, at path: RepositoryPath) {
        places.insert(path)
        switch place {
        case .file(_, let real), .directory(let real): places.insert(real)
        case .submodule(let top, _):
            places.insert(top)
            hasSubmodules = true
        case .missing, .outside: break
        }
    }

    /// What any word of a file could mean: relative to the kustomization, and to the file.
    private mutating func references(
        in blob: BlobID, at path: RepositoryPath, _ base: RepositoryPath
    ) throws -> [RepositoryPath] {
        guard try files.objects.size(of: blob) <= FileSourceEntry.maximumBytes,
            let words = PossiblePaths.words(of: try files.objects.blob(blob))
        else {
            isUnreadable = true
            return []
        }
        var paths: Set<RepositoryPath> = []
        for word in words {
            for folder in [base, path.parent] {
                guard let path = RepositoryPath(word, relativeTo: folder) else { continue }
                switch try files.place(path) {
                case .file, .directory, .submodule: paths.insert(path)
                case .missing, .outside: continue
                }
            }
        }
        return paths.sorted()
    }
}
