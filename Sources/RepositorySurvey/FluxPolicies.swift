import GitOpsTypes
import ImageSelection
import Kustomize
import PromotionDomain

/// What Flux's image automation says of images: policies by their names, and values that are marked with those.
struct FluxPolicies {
    /// By `<namespace>:<name>`.
    private var policies: [String: Policy] = [:]
    /// What the policies of an image are called, in their order.
    private var names: [ImageName: [String]] = [:]

    /// A policy, and what it is for.
    private struct Policy {
        let image: ImageName
        /// Nil for what has no counterpart.
        let selection: ImageSelection?
    }

    init(_ objects: AgentObjects) {
        var repositories: [String: ImageName] = [:]
        for found in objects["image.toolkit.fluxcd.io/ImageRepository"] {
            repositories["\(found.namespace):\(found.name)"] = found.node["spec"]?["image"]?.text.flatMap { ImageName($0) }
        }
        for found in objects["image.toolkit.fluxcd.io/ImagePolicy"] {
            guard let reference = found.node["spec"]?["imageRepositoryRef"], let name = reference["name"]?.text,
                let image = repositories["\(reference["namespace"]?.text ?? found.namespace):\(name)"]
            else { continue }
            let own = found.namespace.isEmpty ? found.name : "\(found.namespace):\(found.name)"
            guard Application.isPolicyName(own) else { continue }
            policies["\(found.namespace):\(found.name)"] = Policy(image: image, selection: Self.selection(found.node))
        }
        for (name, policy) in policies.sorted(by: { $0.key < $1.key }) { names[policy.image, default: []].append(name) }
    }

    /// Source: Flux, "Image Policies".
    private static func selection(_ node: ManifestNode) -> ImageSelection? {
        guard let policy = node["spec"]?["policy"], let order = order(policy) else { return nil }
        let filter = node["spec"]?["filterTags"]
        guard let pattern = filter?["pattern"]?.scalar?.text else { return ImageSelection(order) }
        // Without its filter, it would take builds that Flux does not.
        return TagFilter(pattern: pattern, extract: filter?["extract"]?.scalar?.text).map { ImageSelection(order, filter: $0) }
    }

    private static func order(_ policy: ManifestNode) -> ImageSelection.Order? {
        if let range = policy["semver"]?["range"]?.scalar?.text { return VersionRange(range).map { .semver($0) } }
        if let numerical = policy["numerical"] { return direction(numerical).map { .numerical($0) } }
        return policy["alphabetical"].flatMap(direction).map { .alphabetical($0) }
    }

    private static func direction(_ node: ManifestNode) -> ImageSelection.Direction? {
        guard let order = node["order"], !order.isNull else { return .ascending }
        return order.text.flatMap { ImageSelection.Direction(rawValue: $0) }
    }

    /// The images that have policies.
    var images: Set<ImageName> { Set(policies.values.map(\.image)) }

    /// What the policies of an image are called.
    func names(of image: ImageName) -> [String] { (names[image] ?? []).map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 } }

    /// Which builds of an image its policies want; nil where they differ, and where that cannot be said.
    func selection(of image: ImageName) -> ImageSelection? {
        let selections = Set((names[image] ?? []).compactMap { policies[$0]?.selection })
        return selections.count == 1 ? selections.first : nil
    }

    /// The images whose policies mark values in a file.
    ///
    /// Source: Flux, "Configure image updates": `# {"$imagepolicy": "<namespace>:<name>:tag"}`.
    func marked(in bytes: [UInt8]) -> Set<ImageName> {
        guard !policies.isEmpty, bytes.has("$imagepolicy") else { return [] }
        var images: Set<ImageName> = []
        for rest in String(decoding: bytes, as: UTF8.self).split(separator: "\"$imagepolicy\"").dropFirst() {
            let parts = rest.prefix { !$0.isNewline }.split(separator: "\"", omittingEmptySubsequences: false)
            let name = parts.dropFirst().first?.split(separator: ":", omittingEmptySubsequences: false) ?? []
            guard name.count > 1 else { continue }
            for key in ["\(name[0]):\(name[1])", ":\(name[1])"] { images.formUnion([policies[key]?.image].compactMap(\.self)) }
        }
        return images
    }
}
