import Kustomize
import PromotionDomain

/// A kind of objects of which a controller makes others in the cluster, from what is not among the manifests that have it.
struct UnrenderedKind: Sendable {
    /// Of its API, without a version.
    let group: String
    let kind: String
    /// Where what an object of it makes comes from, as far as the object says it.
    private let origin: @Sendable (ManifestNode) -> String?

    init(_ group: String, _ kind: String, _ origin: @escaping @Sendable (ManifestNode) -> String?) {
        self.group = group
        self.kind = kind
        self.origin = origin
    }

    /// Whether it is an object of the kind, and no reference to one.
    func isOne(_ node: ManifestNode) -> Bool {
        guard node["kind"]?.text == kind, node["spec"]?.map != nil, let version = node["apiVersion"]?.text else { return false }
        return version.hasPrefix("\(group)/")
    }

    /// Where what an object of the kind makes comes from, in words.
    func origin(of node: ManifestNode) -> String { origin(node) ?? "a place that it does not name" }
}

extension RenderedManifests {
    /// The objects of which controllers make others that are not among these; they may stand inside of other objects.
    var unrendered: [UnrenderedObject] {
        objects.flatMap { object in
            object.node.unrenderedOrigins.map { UnrenderedObject(object: object.label, origin: $0) }
        }
    }
}

extension ManifestNode {
    fileprivate var unrenderedOrigins: [String] {
        switch self {
        case .scalar: return []
        case .list(let items): return items.flatMap(\.unrenderedOrigins)
        case .map(let map):
            let known = map["kind"]?.text.flatMap { UnrenderedKind.byKind[$0] } ?? []
            let own = known.first { $0.isOne(self) }.map { [$0.origin(of: self)] } ?? []
            return own + map.entries.flatMap(\.value.unrenderedOrigins)
        }
    }

    // MARK: What origins are read from

    /// The values at a path of keys with dots between them: one, or all of a list.
    func texts(_ path: String) -> [String] {
        switch self[path: path.split(separator: ".").map(String.init)] {
        case .scalar(let scalar): scalar.text.isEmpty ? [] : [scalar.text]
        case .list(let items): items.compactMap { $0.scalar?.text }
        case .map, nil: []
        }
    }

    /// The values at several paths, with spaces between them; nil where there are none.
    func words(_ paths: String...) -> String? {
        let texts = paths.flatMap(texts)
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    /// `OCIRepository flux-system/web`, of a reference at a path.
    func reference(_ path: String) -> String? {
        guard let name = texts("\(path).name").first else { return nil }
        let kind = texts("\(path).kind").first.map { "\($0) " } ?? ""
        return "\(kind)\(texts("\(path).namespace").first.map { "\($0)/" } ?? "")\(name)"
    }

    /// `chart redis 19.0.1 of …`; nil where no chart is named at `name`.
    func chart(_ name: String, _ version: String, of place: String?) -> String? {
        words(name).map { "chart \($0)\(words(version).map { " \($0)" } ?? "")\(place.map { " of \($0)" } ?? "")" }
    }
}
