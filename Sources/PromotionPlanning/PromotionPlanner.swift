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
        var bytes = file.bytes
        for image in release.images { bytes = try ImageEntryEdit(image: image, path: file.path).apply(to: bytes).bytes }
        let before = try rendered(overlay)
        let edits = bytes == file.bytes ? [] : [PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: bytes)]
        let after =
            edits.isEmpty
            ? before : try KustomizeRenderer(files: OverlaidFiles(files, replacing: [file.path: bytes])).render(overlay)
        return PromotionPlan(
            overlay: overlay, edits: edits, diff: RenderedDiff(from: before, to: after),
            images: after.occurrences(of: try Self.names(of: release, in: bytes, path: file.path)),
            rendered: Self.hash(after), manifests: after)
    }

    /// What the environment renders to as it stands, in the form that approvals are bound to.
    public func rendered(_ application: Application, in environment: EnvironmentName) throws -> String {
        Self.hash(try rendered(application.overlayPath(in: environment)))
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
        return manifests.occurrences(of: names)
    }

    private static func hash(_ manifests: RenderedManifests) -> String {
        SHA256.hash(data: manifests.yaml()).hexadecimal
    }

    private static func names(
        of release: Release, in bytes: [UInt8], path: RepositoryPath
    ) throws(PlanningError) -> [ImageName: Set<String>] {
        var names: [ImageName: Set<String>] = [:]
        for image in release.images { names[image.name] = try ImageEntryEdit(image: image, path: path).apply(to: bytes).names }
        return names
    }
}
