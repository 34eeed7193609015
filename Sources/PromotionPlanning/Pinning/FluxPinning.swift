import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain

/// Writes digests where a Kustomization of Flux takes them from: the `images` of the kustomization that it builds, where that has the
/// image, and else its own, which are put over those.
struct FluxPinning: PinningStrategy {
    let place: FluxPlace
    let application: Application
    let files: any FileSource

    /// The file of the Kustomization, and the kustomization of the directory that it builds, where there is one.
    private func candidates() throws -> (flux: RepositoryPath, built: RepositoryPath?) {
        guard case .file = try files.entry(at: place.kustomization) else {
            throw PlanningError(
                "there is no file, so \(application.name) has no Kustomization of Flux there", in: place.kustomization,
                hint: "add it, correct the application\'s flux, or list under its `environments` the ones that it has")
        }
        let directory = try FluxKustomization.directory(of: place.kustomization, in: files)
        let built = try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: directory) }
        return (place.kustomization, built?.path)
    }

    private func bytes(_ path: RepositoryPath) throws -> [UInt8] {
        guard case .file(let bytes) = try files.entry(at: path) else { return [] }
        return bytes
    }

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        let (flux, built) = try candidates()
        return [flux] + (built.map { [$0] } ?? [])
    }

    func markableFiles(_ manifests: RenderedManifests) throws -> [RepositoryPath] {
        let directory = try FluxKustomization.directory(of: place.kustomization, in: files)
        return manifests.reads.keys.filter { path in
            path == place.kustomization || path.isInside(directory) && !directory.isRoot
        }
    }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        let (flux, built) = try candidates()
        var contents = [flux: try bytes(flux)]
        if let built { contents[built] = try bytes(built) }
        let before = contents
        let read = marked.filter { manifests.reads[$0.path] != nil }
        for image in release.images.ofContainers {
            let own = ImageEntryEdit(image: image, path: flux, in: .flux)
            if try own.exists(in: contents[flux] ?? []) {
                contents[flux] = try own.apply(to: contents[flux] ?? [])
                continue
            }
            if let built {
                let edit = ImageEntryEdit(image: image, path: built)
                if try edit.exists(in: contents[built] ?? []) {
                    contents[built] = try edit.apply(to: contents[built] ?? [])
                    continue
                }
            }
            // Where values that pin it are marked in what is rendered, no entry is added.
            if read.contains(where: { $0.pins(image.name) }) { continue }
            contents[flux] = try own.apply(to: contents[flux] ?? [])
        }
        return try contents.sorted { $0.key < $1.key }.map { path, bytes in
            let own = try MarkedFile(bytes, path: path, of: application)
            return PromotionPlan.FileEdit(
                path: path, old: before[path] ?? [], new: try own?.edited(release.images.byName) ?? bytes)
        }
    }

    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile] {
        try editedFiles(manifests).compactMap { try MarkedFile(bytes($0), path: $0, of: application) }
    }

    func renamings(_ manifests: RenderedManifests) throws -> [String: Set<String>] {
        var renamings = try KustomizationPinning.renamings(in: manifests.reads.keys, files)
        for renaming in try ImageEntryEdit.renamings(in: bytes(place.kustomization), path: place.kustomization, of: .flux) {
            renamings[renaming.old, default: []].insert(renaming.new)
        }
        return renamings
    }
}
