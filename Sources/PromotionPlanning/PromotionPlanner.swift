import Crypto
public import GitOpsTypes
public import Kustomize
public import PromotionDomain

/// Turns a release and an overlay into a reviewable plan, purely: the same files always give the same plan.
public struct PromotionPlanner {
    private let files: any FileSource
    private let rendered: (RepositoryPath, KustomizeVersion) throws -> RenderedManifests

    /// - Parameters:
    ///   - files: the tree that the promotion starts from.
    ///   - rendered: what an overlay of that tree renders to, where that may be known already; nil to render it.
    public init(files: any FileSource, rendered: ((RepositoryPath, KustomizeVersion) throws -> RenderedManifests)? = nil) {
        self.files = files
        self.rendered = rendered ?? { try KustomizeRenderer(files: files, as: $1).render($0) }
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
        let read = marked.filter { before.reads[$0.path] != nil }
        var bytes = file.bytes
        for image in release.images {
            let edit = ImageEntryEdit(image: image, path: file.path)
            // Where values that pin it are marked in what is rendered, an entry is kept up to date, and none is added.
            if try read.contains(where: { $0.pins(image.name) }) && !edit.exists(in: bytes) { continue }
            bytes = try edit.apply(to: bytes)
        }
        let images = Dictionary(release.images.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // The kustomization's own marked values, which the entries may be among.
        if let own = try MarkedFile(bytes, path: file.path, of: application) { bytes = try own.edited(images) }
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
            case .directory, .outside, .submodule, .tooLarge: throw problem("it is no file that could be edited")
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
        try rendered(application.overlayPath(in: environment), application.kustomize)
            .adding(filesOf: application, in: environment, from: files)
    }

    /// The files in which values of the application's images are marked, but for the kustomization itself.
    private func markedFiles(
        of application: Application, in environment: EnvironmentName, besides kustomization: RepositoryPath,
        _ manifests: RenderedManifests
    ) throws -> [MarkedFile] {
        let named = Dictionary(
            application.files.map { (application.path(of: $0, in: environment), $0.values) },
            uniquingKeysWith: { first, _ in first })
        return try markable(of: application, in: environment, manifests).compactMap { path, bytes in
            guard path != kustomization else { return nil }
            return try MarkedFile(bytes, path: path, of: application, pointers: named[path] ?? [:])
        }
    }

    /// The files in which values may be marked, in the order of their paths: those of an overlay's own directory that its rendering
    /// reads, and those that the application names.
    func markable(
        of application: Application, in environment: EnvironmentName, _ manifests: RenderedManifests
    ) throws -> [(path: RepositoryPath, bytes: [UInt8])] {
        let overlay = application.overlayPath(in: environment)
        let own = manifests.reads.keys.filter { $0.isInside(overlay) }
        return try Set(own).union(application.filePaths(in: environment)).sorted { $0.description < $1.description }
            .compactMap { path in
                guard case .file(let bytes) = try files.entry(at: path), try files.realPath(of: path) == path else { return nil }
                return (path, bytes)
            }
    }

    /// SHA-256 of rendered manifests, in hexadecimal: what approvals are bound to.
    public static func digest(of manifests: RenderedManifests) -> String { hash(manifests) }

    /// A digest of what an overlay holds, line by line in any order, that is never the digest of a rendering.
    public static func digest(ofContent lines: [String]) -> String {
        let text = lines.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [0])
        return "bytes:" + SHA256.hash(data: Array("promote content\n".utf8) + text).hexadecimal
    }

    /// Every place that runs an image of the application, in what the overlay renders to as it stands and in the application's
    /// other files.
    ///
    /// - Throws: `PlanningError`, `KustomizeError`, or what the files throw.
    public func images(
        of application: Application, in environment: EnvironmentName, rendered manifests: RenderedManifests
    ) throws -> [ImageOccurrence] {
        let overlay = application.overlayPath(in: environment)
        guard let file = try KustomizeRenderer(files: files).kustomizationFile(in: overlay) else { return [] }
        let own = try MarkedFile(file.bytes, path: file.path, of: application).map { [$0] } ?? []
        let marked = try own + markedFiles(of: application, in: environment, besides: file.path, manifests)
        let named = Set(application.filePaths(in: environment))
        // A value that a rendering reads counts where it is in what is rendered, and not because it was written.
        return manifests.occurrences(of: try names(of: application, in: manifests, and: file.path))
            + marked.flatMap { file in
                file.occurrences.filter { named.contains(file.path) || manifests.has($0.digest ?? $0.text) }
            }
    }

    /// For each image of the application, the names that the kustomizations of an overlay give it.
    private func names(
        of application: Application, in manifests: RenderedManifests, and kustomization: RepositoryPath
    ) throws -> [ImageName: Set<String>] {
        let read = manifests.reads.keys.filter { KustomizeRenderer.fileNames.contains($0.name) }
        var renamings: [String: Set<String>] = [:]
        for path in Set(read).union([kustomization]) {
            guard case .file(let bytes) = try files.entry(at: path) else { continue }
            for renaming in try ImageEntryEdit.renamings(in: bytes, path: path) {
                renamings[renaming.old, default: []].insert(renaming.new)
            }
        }
        return Dictionary(uniqueKeysWithValues: application.images.map { ($0, Self.names(of: $0.text, by: renamings)) })
    }

    /// The name itself, and whatever it may become, over several kustomizations too.
    private static func names(of name: String, by renamings: [String: Set<String>]) -> Set<String> {
        var names: Set<String> = [name]
        var new = [name]
        while let next = new.popLast() {
            for name in renamings[next] ?? [] where names.insert(name).inserted { new.append(name) }
        }
        return names
    }

    private static func hash(_ manifests: RenderedManifests) -> String {
        SHA256.hash(data: manifests.yaml()).hexadecimal
    }
}
