import Crypto
import GitOpsTypes
public import Kustomize
import ManifestRendering
public import PromotionDomain

/// Turns a release and a place into a reviewable plan, purely: the same files always give the same plan.
public struct PromotionPlanner {
    private let tree: any RenderableTree
    var files: any FileSource { tree.files }

    /// - Parameter tree: what the promotion starts from.
    public init(_ tree: any RenderableTree) {
        self.tree = tree
    }

    /// Plans `release` into `environment`.
    ///
    /// - Throws: `PlanningError`, `RenderingError`, or what the files throw.
    public func plan(_ release: Release, of application: Application, into environment: EnvironmentName) throws -> PromotionPlan {
        let place = application.place(in: environment)
        let pinning = place.pinning(of: application, in: files)
        _ = try pinning.editedFiles(nil)
        let before = try manifests(of: application, in: environment)
        let edited = try pinning.editedFiles(before)
        try requireFiles(of: application, in: environment, besides: edited)
        let marked = try markedFiles(of: application, in: environment, besides: edited, before)
        var edits = try pinning.edits(of: release, before, marked: marked)
        for file in marked {
            edits.append(
                PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: try file.edited(release.images.byName)))
        }
        edits = try addingCharts(
            to: edits, of: release, of: application, in: environment, before, marked + pinning.marked(before))
        edits.removeAll { $0.old == $0.new }
        let replaced = Dictionary(edits.map { ($0.path, $0.new) }, uniquingKeysWith: { first, _ in first })
        let result = edits.isEmpty ? self : PromotionPlanner(try tree.replacing(replaced))
        let after = edits.isEmpty ? before : try result.manifests(of: application, in: environment)
        return PromotionPlan(
            place: place, edits: edits, diff: RenderedDiff(from: before, to: after),
            images: try result.images(of: application, in: environment, rendered: after),
            rendered: Self.hash(after), manifests: after)
    }

    /// That the application's other files are there, each once, and can be edited.
    private func requireFiles(
        of application: Application, in environment: EnvironmentName, besides edited: [RepositoryPath]
    ) throws {
        var seen = Set(edited)
        for file in application.files {
            let path = application.path(of: file, in: environment)
            func problem(_ text: String) -> PlanningError {
                PlanningError(text, in: path, hint: "correct it, or `files` of \(application.name)")
            }
            guard seen.insert(path).inserted else {
                throw problem(edited.contains(path) ? "it is the overlay itself, which is edited anyhow" : "it is named twice")
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

    /// What an environment is: what its place renders to, and the application's other files.
    ///
    /// - Throws: `RenderingError`, or what the files throw.
    public func manifests(of application: Application, in environment: EnvironmentName) throws -> RenderedManifests {
        try tree.manifests(of: application.place(in: environment))
            .adding(filesOf: application, in: environment, from: files)
    }

    /// The files in which values of the application's images are marked, but for those that are edited besides.
    private func markedFiles(
        of application: Application, in environment: EnvironmentName, besides edited: [RepositoryPath],
        _ manifests: RenderedManifests
    ) throws -> [MarkedFile] {
        let named = Dictionary(
            application.files.map { (application.path(of: $0, in: environment), $0.values) },
            uniquingKeysWith: { first, _ in first })
        return try markable(of: application, in: environment, manifests).compactMap { path, bytes in
            guard !edited.contains(path) else { return nil }
            return try MarkedFile(bytes, path: path, of: application, pointers: named[path] ?? [:])
        }
    }

    /// The files in which values may be marked, in the order of their paths: those of a place's own that its rendering reads,
    /// and those that the application names.
    func markable(
        of application: Application, in environment: EnvironmentName, _ manifests: RenderedManifests
    ) throws -> [(path: RepositoryPath, bytes: [UInt8])] {
        let own = try application.place(in: environment).pinning(of: application, in: files).markableFiles(manifests)
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

    /// Every container and field that runs an image of the application, in what the place renders to as it stands and in the
    /// application's other files.
    ///
    /// - Throws: `PlanningError`, `RenderingError`, or what the files throw.
    public func images(
        of application: Application, in environment: EnvironmentName, rendered manifests: RenderedManifests
    ) throws -> [ImageOccurrence] {
        let place = application.place(in: environment)
        guard try place.exists(in: files) else { return [] }
        let pinning = place.pinning(of: application, in: files)
        let edited = try pinning.editedFiles(manifests)
        let marked = try pinning.marked(manifests) + markedFiles(of: application, in: environment, besides: edited, manifests)
        let named = Set(application.filePaths(in: environment))
        let renamings = try pinning.renamings(manifests)
        let names = application.containerImages.map { ($0, Self.names(of: $0.text, by: renamings)) }
        let rendered =
            manifests.occurrences(of: Dictionary(uniqueKeysWithValues: names))
            + manifests.charts(application.charts).map(\.occurrence)
            + (try vendored(application.charts, at: place).map { [$0] } ?? [])
        let running = Set(rendered.map(\.text))
        // A value that a rendering reads counts where it is in what is rendered, and not because it was written; nor is what a
        // container was seen with counted again where that was written.
        return rendered
            + marked.flatMap { file in
                file.occurrences.filter { occurrence in
                    if named.contains(file.path) { return true }
                    let text = occurrence.digest ?? occurrence.text
                    // What runs is known of these: a value counts where a custom resource has it with the image's name.
                    if place.rendersWhatRuns, application.kind(of: occurrence.image) == .image,
                        !manifests.has(text, of: occurrence.image)
                    {
                        return false
                    }
                    // A version is short, and may be a part of anything.
                    if case .version = occurrence.hold, !manifests.hasValue(text) { return false }
                    return manifests.has(text) && !(edited.contains(file.path) && running.contains { $0.hasSuffix(text) })
                }
            }
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
