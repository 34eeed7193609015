import GitOpsTypes
public import Kustomize
import PromotionDomain

extension RenderedManifests {
    /// What every container and every configured field runs, as it is written there.
    public var imageTexts: [String] {
        var texts = configuredImages.map(\.text)
        for object in objects { object.node.visitImages { _, text in texts.append(text) } }
        return texts
    }

    /// Every container, init container and ephemeral container that runs one of the images, every volume that is one of them, and every
    /// field with one that a configuration names.
    ///
    /// - Parameter names: for each image of the application, the names it has in the manifests: its own, and the mirror that
    ///   the overlay renames it to.
    func occurrences(of names: [ImageName: Set<String>]) -> [ImageOccurrence] {
        let known = names.mapValues { Set($0.map(DockerHub.shortened)) }
        func occurrences(_ object: RenderedObject, _ place: String, _ text: String) -> [ImageOccurrence] {
            let parts = ImageText(text)
            let name = DockerHub.shortened(parts.name)
            return known.filter { $0.value.contains(name) }.map { image, _ in
                ImageOccurrence(object: object.label, container: place, image: image, digest: parts.digest, text: text)
            }
        }
        return objects.flatMap { object in
            var found: [ImageOccurrence] = []
            object.node.visitImages { found += occurrences(object, $0, $1) }
            return found
        } + configuredImages.flatMap { occurrences(objects[$0.object], $0.field, $0.text) }
    }
}

/// Docker Hub, whose images have several names: `nginx` is `docker.io/library/nginx`.
///
/// Source: the reference grammar of github.com/distribution/reference, "familiar names".
enum DockerHub {
    /// Whether both are names of the same image.
    static func isSame(_ one: String, _ other: String) -> Bool { shortened(one) == shortened(other) }

    static func shortened(_ name: String) -> String {
        guard let host = ["docker.io/", "index.docker.io/"].first(where: name.hasPrefix) else {
            return name.hasPrefix("library/") ? String(name.dropFirst("library/".count)) : name
        }
        return shortened(String(name.dropFirst(host.count)))
    }
}

extension RenderedObject {
    /// `Deployment storefront-prod/web`
    var label: String {
        "\(kind) \(namespace.isEmpty ? "" : namespace + "/")\(name)"
    }
}

extension RenderedManifests {
    /// Whether a value of a manifest is this text, or has it in it. The application's other files are no manifests.
    func has(_ text: String) -> Bool {
        objects.contains { !$0.isPromotedFile && $0.node.has(text) }
    }
}

extension RenderedManifests {
    /// Whether a value of a manifest is this text.
    func hasValue(_ text: String) -> Bool {
        objects.contains { !$0.isPromotedFile && $0.node.contains { $0 == text } }
    }

    /// Whether a value of a manifest is a reference of an image that ends with this text.
    func has(_ text: String, of image: ImageName) -> Bool {
        objects.contains { object in
            object.node.contains { $0.hasSuffix(text) && ImageReference($0)?.name == image }
        }
    }
}

extension ManifestNode {
    /// Whether a scalar is as asked for.
    fileprivate func contains(_ isWanted: (String) -> Bool) -> Bool {
        switch self {
        case .scalar(let scalar): isWanted(scalar.text)
        case .list(let items): items.contains { $0.contains(isWanted) }
        case .map(let map): map.entries.contains { $0.value.contains(isWanted) }
        }
    }

    fileprivate func has(_ text: String) -> Bool {
        switch self {
        case .scalar(let scalar): scalar.text.utf8.count >= text.utf8.count && scalar.text.contains(text)
        case .list(let items): items.contains { $0.has(text) }
        case .map(let map): map.entries.contains { $0.value.has(text) }
        }
    }

    fileprivate func visitImages(_ body: (_ place: String, _ image: String) -> Void) {
        switch self {
        case .scalar: return
        case .list(let items): for item in items { item.visitImages(body) }
        case .map(let map):
            for entry in map.entries {
                switch entry.key {
                case "containers", "initContainers", "ephemeralContainers":
                    entry.value.visitItems { name, container in
                        if let image = container["image"]?.text { body(name, image) }
                    }
                case "volumes":
                    // Source: Kubernetes, "Use an Image Volume With a Pod".
                    entry.value.visitItems { name, volume in
                        if let reference = volume["image"]?["reference"]?.text { body("(volume \(name))", reference) }
                    }
                default: break
                }
                entry.value.visitImages(body)
            }
        }
    }

    /// The items of a list, or of a mapping, by their names: custom resources have either.
    private func visitItems(_ body: (_ name: String, _ item: ManifestNode) -> Void) {
        for (index, item) in (list ?? []).enumerated() { body(item["name"]?.text ?? "\(index)", item) }
        for entry in map?.entries ?? [] { body(entry.key, entry.value) }
    }
}
