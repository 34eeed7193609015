import Crypto
public import GitOpsTypes
public import Kustomize
public import PromotionGates
public import PromotionModel

/// Turns a release and an overlay into a reviewable plan, purely: the same files always give the same plan.
public struct PromotionPlanner {
    private let files: any FileSource
    private let rendered: (RepositoryPath) throws -> RenderedManifests

    /// - Parameters:
    ///   - files: the tree that the promotion starts from.
    ///   - rendered: what an overlay of that tree renders to, where that may be known already; nil to render it.
    public init(files: any FileSource, rendered: ((RepositoryPath) throws -> RenderedManifests)? = nil) {
        self.files = files
        self.rendered = rendered ?? { try KustomizeRenderer(files: files).render($0) }
    }

    /// Plans `release` into `environment`.
    ///
    /// - Throws: `PlanningError`, `KustomizeError`, or what the files throw.
    public func plan(_ release: Release, of application: Application, into environment: EnvironmentName) throws -> PromotionPlan {
        let overlay = application.overlayPath(in: environment)
        guard let file = try KustomizeRenderer(files: files).kustomizationFile(in: overlay) else {
            throw PlanningError(
                "there is no kustomization.yaml, so \(application.name) has no overlay for \(environment)", in: overlay,
                hint: "add one that builds on the base, or correct the application's overlay")
        }
        try requireFiles(of: application, in: environment, besides: file.path)
        let before = try manifests(of: application, in: environment)
        let marked = try markedFiles(of: application, in: environment, besides: file.path, before)
        let markedImages = Set(marked.filter { before.reads[$0.path] != nil }.flatMap(\.values).map(\.field.image))
        var bytes = file.bytes
        for image in release.images {
            let edit = ImageEntryEdit(image: image, path: file.path)
            // Where values are marked in what is rendered, an entry is kept up to date, and none is added.
            if try markedImages.contains(image.name) && !edit.exists(in: bytes) { continue }
            bytes = try edit.apply(to: bytes).bytes
        }
        let images = Dictionary(release.images.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var edits = [PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: bytes)]
        for file in marked {
            edits.append(PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: try file.edited(images)))
        }
        edits.removeAll { $0.old == $0.new }
        let replaced = Dictionary(edits.map { ($0.path, $0.new) }, uniquingKeysWith: { first, _ in first })
        let edited = PromotionPlanner(files: OverlaidFiles(files, replacing: replaced))
        let after = edits.isEmpty ? before : try edited.manifests(of: application, in: environment)
        return PromotionPlan(
            overlay: overlay, edits: edits, diff: RenderedDiff(from: before, to: after),
            images: try edited.images(of: application, in: environment, rendered: after),
            rendered: Self.hash(after), manifests: after)
    }

    /// That the application's other files are there, each once, and can be edited.
    private func requireFiles(
        of application: Application, in environment: EnvironmentName, besides kustomization: RepositoryPath
    ) throws {
        var seen: Set<RepositoryPath> = [kustomization]
        for file in application.files {
            let path = application.path(of: file, in: environment)
            func problem(_ text: String) -> PlanningError {
                PlanningError(text, in: path, hint: "correct it, or `files` of \(application.name)")
            }
            guard seen.insert(path).inserted else {
                throw problem(path == kustomization ? "it is the overlay itself, which is edited anyhow" : "it is named twice")
            }
            switch try files.entry(at: path) {
            case .file: break
            case .missing: throw problem("it is not there, and \(application.name) has it among its files")
            case .directory, .outside, .tooLarge: throw problem("it is no file that could be edited")
            }
            guard try files.realPath(of: path) == path else {
                throw problem("it is reached through a symbolic link, which an edit would replace")
            }
        }
    }

    /// What an environment is: what its overlay renders to, and the application's other files.
    ///
    /// - Throws: `KustomizeError`, or what the files throw.
    public func manifests(of application: Application, in environment: EnvironmentName) throws -> RenderedManifests {
        try rendered(application.overlayPath(in: environment))
            .adding(filesOf: application, in: environment, from: files)
    }

    /// The files in which values of the application's images are marked, by their paths: those of an overlay's own directory that
    /// its rendering reads, and those that the application names.
    private func markedFiles(
        of application: Application, in environment: EnvironmentName, besides kustomization: RepositoryPath,
        _ manifests: RenderedManifests
    ) throws -> [MarkedFile] {
        let overlay = application.overlayPath(in: environment)
        let own = manifests.reads.keys.filter { $0 != kustomization && $0.isInside(overlay) }
        let named = Dictionary(
            application.files.map { (application.path(of: $0, in: environment), $0.values) },
            uniquingKeysWith: { first, _ in first })
        return try Set(own).union(named.keys).sorted { $0.description < $1.description }.compactMap { path in
            guard case .file(let bytes) = try files.entry(at: path), try files.realPath(of: path) == path else { return nil }
            return try MarkedFile(bytes, path: path, of: application, pointers: named[path] ?? [:])
        }
    }

    /// SHA-256 of rendered manifests, in hexadecimal: what approvals are bound to.
    public static func digest(of manifests: RenderedManifests) -> String { hash(manifests) }

    /// Every container that runs an image of the application in what the overlay renders to as it stands.
    ///
    /// - Throws: `PlanningError`, `KustomizeError`, or what the files throw.
    public func images(
        of application: Application, in environment: EnvironmentName, rendered manifests: RenderedManifests
    ) throws -> [ImageOccurrence] {
        let overlay = application.overlayPath(in: environment)
        guard let file = try KustomizeRenderer(files: files).kustomizationFile(in: overlay) else { return [] }
        var names: [ImageName: Set<String>] = [:]
        for name in application.images {
            names[name] = try ImageEntryEdit.names(of: name, in: file.bytes, path: file.path)
        }
        let marked = try markedFiles(of: application, in: environment, besides: file.path, manifests)
        return manifests.occurrences(of: names) + marked.flatMap(\.occurrences)
    }

    private static func hash(_ manifests: RenderedManifests) -> String {
        SHA256.hash(data: manifests.yaml()).hexadecimal
    }
}
