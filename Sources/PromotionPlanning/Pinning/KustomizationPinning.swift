import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Writes digests into the `images` of an overlay's kustomization.
struct KustomizationPinning: PinningStrategy {
    let overlay: RepositoryPath
    let application: Application
    let files: any FileSource

    private func kustomization() throws -> (path: RepositoryPath, bytes: [UInt8])? {
        try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: overlay) }
    }

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        guard let file = try kustomization() else {
            throw PlanningError(
                "there is no kustomization.yaml, so \(application.name) has no overlay there", in: overlay,
                hint:
                    "add one that builds on the base, correct the application's overlay, or list under its `environments` the ones that it has"
            )
        }
        return [file.path]
    }

    func markableFiles(_ manifests: RenderedManifests) -> [RepositoryPath] {
        manifests.reads.keys.filter { $0.isInside(overlay) }
    }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        guard let file = try kustomization() else { return [] }
        let read = marked.filter { manifests.reads[$0.path] != nil }
        var bytes = file.bytes
        for image in release.images.ofContainers {
            let edit = ImageEntryEdit(image: image, path: file.path)
            // Where values that pin it are marked in what is rendered, an entry is kept up to date, and none is added.
            if try read.contains(where: { $0.pins(image.name) }) && !edit.exists(in: bytes) { continue }
            bytes = try edit.apply(to: bytes)
        }
        // The kustomization's own marked values, which the entries may be among.
        if let own = try MarkedFile(bytes, path: file.path, of: application) { bytes = try own.edited(release.images.byName) }
        return [PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: bytes)]
    }

    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile] {
        guard let file = try kustomization() else { return [] }
        return try MarkedFile(file.bytes, path: file.path, of: application).map { [$0] } ?? []
    }

    func renamings(_ manifests: RenderedManifests) throws -> [String: Set<String>] {
        try Self.renamings(in: Set(manifests.reads.keys).union(try kustomization().map { [$0.path] } ?? []), files)
    }

    /// What the kustomizations among some files call images besides their names.
    static func renamings(
        in paths: some Sequence<RepositoryPath>, _ files: any FileSource
    ) throws -> [String: Set<String>] {
        var renamings: [String: Set<String>] = [:]
        for path in Set(paths) where KustomizeRenderer.fileNames.contains(path.name) {
            guard case .file(let bytes) = try files.entry(at: path) else { continue }
            for renaming in try ImageEntryEdit.renamings(in: bytes, path: path) {
                renamings[renaming.old, default: []].insert(renaming.new)
            }
        }
        return renamings
    }
}
