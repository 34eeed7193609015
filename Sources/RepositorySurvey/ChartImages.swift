import GitOpsTypes
import Kustomize
import PromotionDomain

/// Where the values of a chart name images: `repository` and `tag` beside each other, or a whole reference.
struct ChartImages {
    private(set) var found: [ChartImage] = []
    /// What was found, in words.
    private(set) var told = ""
    private let documents: [ManifestNode]

    /// - Parameters:
    ///   - defaults: the chart's own values.
    ///   - values: those of the environments.
    init(defaults: ManifestNode?, values: [ManifestNode]) {
        documents = values + [defaults].compactMap(\.self)
        var pointers: [[String]] = []
        for document in documents { Self.visit(document, at: [], &pointers) }
        for pointer in Set(pointers).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let image = image(at: pointer), !found.contains(where: { $0.name == image.name }) else { continue }
            found.append(image)
        }
        told = found.map { "\($0.name) by \($0.fields.keys.map(\.description).sorted().joined(separator: " and "))" }.joined(
            separator: ", ")
    }

    /// Every place that may be one of an image: a mapping with `repository`, and a text under a key that ends in `image`.
    private static func visit(_ node: ManifestNode, at path: [String], _ pointers: inout [[String]]) {
        guard path.count < 12, let map = node.map else { return }
        if map["repository"]?.scalar != nil, isImage(path) || map["tag"] != nil { pointers.append(path) }
        for entry in map.entries {
            let isReference = entry.key.lowercased().hasSuffix("image") && entry.value.text?.isEmpty == false
            if isReference { pointers.append(path + [entry.key]) }
            visit(entry.value, at: path + [entry.key], &pointers)
        }
    }

    private static func isImage(_ path: [String]) -> Bool { path.last?.lowercased().hasSuffix("image") ?? false }

    private func value(_ path: [String]) -> ManifestNode? {
        documents.lazy.compactMap { $0[path: path] }.first
    }

    private func image(at path: [String]) -> ChartImage? {
        guard let node = value(path) else { return nil }
        if let text = node.text { return reference(text, at: path) }
        guard let repository = value(path + ["repository"])?.text else { return nil }
        let registry = value(path + ["registry"])?.text
        let name = [registry, repository].compactMap { $0.flatMap { $0.isEmpty ? nil : $0 } }.joined(separator: "/")
        guard let image = ImageName(name), let tag = Self.pointer(path + ["tag"]) else { return nil }
        var fields: [JSONPointer: ImageField] = [:]
        if value(path + ["digest"]) != nil, let digest = Self.pointer(path + ["digest"]) {
            fields[digest] = ImageField(image: image, part: .digest)
            fields[tag] = ImageField(image: image, part: .tag)
        } else {
            fields[tag] = ImageField(image: image, part: .pinnedTag)
        }
        return ChartImage(
            name: image, fields: fields, registry: registry == nil ? nil : Self.pointer(path + ["registry"]),
            repository: Self.pointer(path + ["repository"]))
    }

    private func reference(_ text: String, at path: [String]) -> ChartImage? {
        // A name alone has its tag elsewhere, which is not known.
        guard let reference = ImageReference(text), reference.tag != nil || reference.digest != nil,
            let pointer = Self.pointer(path)
        else { return nil }
        return ChartImage(name: reference.name, fields: [pointer: ImageField(image: reference.name, part: .whole)])
    }

    private static func pointer(_ path: [String]) -> JSONPointer? {
        JSONPointer(path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined())
    }
}
