import GitOpsTypes
import Kustomize
import PromotionGates

extension RenderedManifests {
    /// Every container, init container and ephemeral container that runs one of the images, and every field with one that a
    /// configuration names.
    ///
    /// - Parameter names: for each image of the application, the names it has in the manifests: its own, and the mirror that
    ///   the overlay renames it to.
    func occurrences(of names: [ImageName: Set<String>]) -> [ImageOccurrence] {
        containerOccurrences(of: names)
            + configuredImages.flatMap { place in
                let parts = ImageText(place.text)
                return names.filter { $0.value.contains(parts.name) }.map { image, _ in
                    ImageOccurrence(
                        object: objects[place.object].label, container: place.field, image: image, digest: parts.digest,
                        text: place.text)
                }
            }
    }

    private func containerOccurrences(of names: [ImageName: Set<String>]) -> [ImageOccurrence] {
        objects.flatMap { object in
            var found: [ImageOccurrence] = []
            object.node.visitContainers { container, text in
                let parts = ImageText(text)
                for (image, names) in names where names.contains(parts.name) {
                    found.append(
                        ImageOccurrence(
                            object: object.label, container: container, image: image, digest: parts.digest, text: text))
                }
            }
            return found
        }
    }
}

extension RenderedObject {
    /// `Deployment storefront-prod/web`
    var label: String {
        "\(kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)"
    }
}

extension ManifestNode {
    fileprivate func visitContainers(_ body: (_ container: String, _ image: String) -> Void) {
        switch self {
        case .scalar: return
        case .list(let items): for item in items { item.visitContainers(body) }
        case .map(let map):
            for entry in map.entries {
                switch entry.key {
                case "containers", "initContainers", "ephemeralContainers":
                    for (index, container) in (entry.value.list ?? []).enumerated() {
                        guard let image = container["image"]?.text else { continue }
                        body(container["name"]?.text ?? "\(index)", image)
                    }
                default: entry.value.visitContainers(body)
                }
            }
        }
    }
}
