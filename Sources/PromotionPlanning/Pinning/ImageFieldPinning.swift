import GitOpsTypes
import Kustomize
import ManifestRendering
import PromotionDomain
import YAMLEditing

/// Writes references into the image fields of plain manifests, where they stand.
struct ImageFieldPinning: PinningStrategy {
    let place: RepositoryPath
    let application: Application
    let files: any FileSource

    func editedFiles(_ manifests: RenderedManifests?) throws -> [RepositoryPath] {
        guard try files.entry(at: place) != .missing else {
            throw PlanningError(
                "there is no file and no folder, so \(application.name) has no manifests there", in: place,
                hint: "add it, correct the application\'s manifests, or list under its `environments` the ones that it has")
        }
        return manifests.map(markableFiles) ?? []
    }

    func markableFiles(_ manifests: RenderedManifests) -> [RepositoryPath] {
        manifests.reads.keys.filter { $0.isInside(place) && SourceRenderers.isManifest($0.name) }.sorted()
    }

    func edits(
        of release: Release, _ manifests: RenderedManifests, marked: [MarkedFile]
    ) throws -> [PromotionPlan.FileEdit] {
        try self.marked(manifests).map { file in
            PromotionPlan.FileEdit(path: file.path, old: file.bytes, new: try file.edited(release.images.byName))
        }
    }

    func marked(_ manifests: RenderedManifests) throws -> [MarkedFile] {
        try markableFiles(manifests).compactMap { path in
            guard case .file(let bytes) = try files.entry(at: path), try files.realPath(of: path) == path else { return nil }
            return try MarkedFile(bytes, path: path, of: application, followsImageFields: true)
        }
    }

    func renamings(_ manifests: RenderedManifests) -> [String: Set<String>] { [:] }
}

/// The image fields of a manifest as it is written: those of containers, and of volumes that are images.
struct ImageFields {
    private let application: Application
    private(set) var values: [(node: YAMLNode, field: ImageField)] = []

    init(in document: YAMLNode, of application: Application) {
        self.application = application
        visit(document)
    }

    private mutating func visit(_ node: YAMLNode) {
        guard !node.isAlias else { return }
        switch node.content {
        case .scalar: return
        case .sequence(let items): for item in items { visit(item) }
        case .mapping(let entries):
            for entry in entries {
                switch entry.key.scalar?.text {
                case "containers", "initContainers", "ephemeralContainers":
                    for container in Self.items(of: entry.value) { take(container["image"]) }
                // Source: Kubernetes, "Use an Image Volume With a Pod".
                case "volumes": for volume in Self.items(of: entry.value) { take(volume["image"]?["reference"]) }
                default: break
                }
                visit(entry.value)
            }
        }
    }

    private static func items(of node: YAMLNode) -> [YAMLNode] {
        node.isAlias ? [] : node.sequence ?? node.mapping?.map(\.value) ?? []
    }

    private mutating func take(_ node: YAMLNode?) {
        guard let node, let text = node.scalar?.text, let written = ImageReference(text)?.name,
            let name = application.containerImages.first(where: { DockerHub.isSame($0.text, written.text) })
        else { return }
        values.append((node, ImageField(image: name, part: .whole)))
    }
}
