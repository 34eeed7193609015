import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain
import YAMLEditing

/// Writes digests where an Application of Argo CD takes them from: its `kustomize.images` and whole references in `helm.parameters`,
/// values that are marked, and else the kustomization that it builds.
struct ArgoPinning: PinningStrategy {
    let place: ArgoPlace
    let application: Application
    let files: any FileSource

    private func bytes(_ path: RepositoryPath) throws -> [UInt8] {
        guard case .file(let bytes) = try files.entry(at: path) else { return [] }
        return bytes
    }

    /// The kustomizations of the folders that it renders.
    private func kustomizations() throws -> [RepositoryPath] {
        try ArgoApplication.directories(of: place.application, in: files).compactMap { directory in
            try rendering { try KustomizeRenderer(files: files).kustomizationFile(in: directory)?.path }
        }
    }

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        guard case .file = try files.entry(at: place.application) else {
            throw PlanningError(
                "there is no file, so \(application.name) has no Application of Argo CD there", in: place.application,
                hint: "add it, correct the application\'s argocd, or list under its `environments` the ones that it has")
        }
        return [place.application] + (try kustomizations())
    }

    func markableFiles(_ manifests: RenderedManifests) throws -> [RepositoryPath] {
        let values = Set(try ArgoApplication.namedFiles(of: place.application, in: files))
        // Of a chart, other environments may have their values in the same folder.
        let directories = try ArgoApplication.directories(of: place.application, in: files).filter { directory in
            try !directory.isRoot && directory.appending(ChartReferences.definition).map(files.entry) == .missing
        }
        return manifests.reads.keys.filter { path in
            path == place.application || values.contains(path) || directories.contains(where: path.isInside)
        }
    }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        let images = release.images.byName
        let own = try self.marked(place.application)
        var edits = [
            PromotionPlan.FileEdit(
                path: place.application, old: try bytes(place.application),
                new: try own?.edited(images) ?? bytes(place.application))
        ]
        let read = marked.filter { manifests.reads[$0.path] != nil } + (own.map { [$0] } ?? [])
        for (index, path) in try kustomizations().enumerated() {
            let old = try bytes(path)
            var new = old
            for image in release.images.ofContainers {
                let edit = ImageEntryEdit(image: image, path: path)
                // Where it is pinned already, an entry is kept up to date, and none is added; nor into a second kustomization.
                if try !edit.exists(in: new) && (index > 0 || read.contains { $0.pins(image.name) }) { continue }
                new = try edit.apply(to: new)
            }
            if let marked = try MarkedFile(new, path: path, of: application) { new = try marked.edited(images) }
            edits.append(PromotionPlan.FileEdit(path: path, old: old, new: new))
        }
        return edits
    }

    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile] {
        let own = try marked(place.application).map { [$0] } ?? []
        return try own + kustomizations().compactMap { try MarkedFile(bytes($0), path: $0, of: application) }
    }

    /// The values of the Application itself: marked ones, and references of images where it has such.
    private func marked(_ path: RepositoryPath) throws -> MarkedFile? {
        let bytes = try bytes(path)
        return try MarkedFile(bytes, path: path, of: application, pointers: ArgoImages(in: bytes, path, of: application).pointers)
    }

    func renamings(_ manifests: RenderedManifests) throws -> [String: Set<String>] {
        try KustomizationPinning.renamings(in: manifests.reads.keys, files)
    }
}

/// The values of an Application that are whole references of images, by where they are.
private struct ArgoImages {
    private(set) var pointers: [JSONPointer: ImageField] = [:]

    init(in bytes: [UInt8], _ path: RepositoryPath, of application: Application) throws(PlanningError) {
        let file: YAMLFile
        do {
            file = try YAMLFile(bytes)
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
        // Of a file with other objects, values are promoted where they are marked.
        guard file.documents.count == 1, let spec = file.documents.first?["spec"] else { return }
        let sources =
            spec["source"].map { [("/spec/source", $0)] }
            ?? (spec["sources"]?.sequence ?? []).enumerated().map { ("/spec/sources/\($0.offset)", $0.element) }
        for (pointer, source) in sources {
            for (index, item) in (source["kustomize"]?["images"]?.sequence ?? []).enumerated() {
                add("\(pointer)/kustomize/images/\(index)", item.scalar?.text, application)
            }
            for (index, item) in (source["helm"]?["parameters"]?.sequence ?? []).enumerated() {
                add("\(pointer)/helm/parameters/\(index)/value", item["value"]?.scalar?.text, application)
            }
        }
    }

    private mutating func add(_ pointer: String, _ text: String?, _ application: Application) {
        guard let text, let pointer = JSONPointer(pointer), let name = ImageReference(MarkedText(text).value)?.name,
            application.containerImages.contains(name)
        else { return }
        pointers[pointer] = ImageField(image: name, part: .whole)
    }
}
