import GitOpsTypes
import Kustomize
import PromotionDomain

/// What Flux's image automation says of images: policies by their names, and values that are marked with those.
struct FluxPolicies {
    /// By `<namespace>:<name>`.
    private var policies: [String: Policy] = [:]

    /// A policy, and what it is for.
    private struct Policy {
        let image: ImageName
        /// `{ semver: ">=1.0" }`; nil for what has no counterpart.
        let selection: String?
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
            policies["\(found.namespace):\(found.name)"] = Policy(image: image, selection: Self.selection(found.node))
        }
    }

    /// Source: Flux, "Image Policies".
    private static func selection(_ node: ManifestNode) -> String? {
        let policy = node["spec"]?["policy"]
        var fields: [String] = []
        if let range = policy?["semver"]?["range"]?.scalar?.text {
            fields.append("semver: \(YAMLText.quoted(range))")
        } else if let order = policy?["numerical"]?["order"]?.text {
            fields.append("numerical: \(order)")
        } else if let order = policy?["alphabetical"]?["order"]?.text {
            fields.append("alphabetical: \(order)")
        } else {
            return nil
        }
        let filter = node["spec"]?["filterTags"]
        if let pattern = filter?["pattern"]?.text {
            let extract = filter?["extract"]?.text.map { ", extract: \(YAMLText.quoted($0))" } ?? ""
            fields.append("filter: { pattern: \(YAMLText.quoted(pattern))\(extract) }")
        }
        return "{ \(fields.joined(separator: ", ")) }"
    }

    /// The images that have policies.
    var images: Set<ImageName> { Set(policies.values.map(\.image)) }

    /// What the policies of an image are called.
    func names(of image: ImageName) -> [String] {
        policies.filter { $0.value.image == image }.keys.sorted().map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }
    }

    /// What belongs to an image in the configuration.
    func fields(of image: ImageName) -> [String] {
        let own = policies.filter { $0.value.image == image }
        guard !own.isEmpty else { return [] }
        let selections = Set(own.values.compactMap(\.selection))
        return (selections.count == 1 ? selections.map { "select: \($0)" } : [])
            + ["policies: [\(names(of: image).map(YAMLText.flow).joined(separator: ", "))]"]
    }

    /// The images whose policies mark values in a file.
    func marked(in bytes: [UInt8]) -> Set<ImageName> {
        guard !policies.isEmpty, bytes.has("$imagepolicy") else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        return Set(
            policies.compactMap { name, policy in
                let end = name.hasPrefix(":") ? name : "\"" + name
                return text.contains(end + "\"") || text.contains(end + ":") ? policy.image : nil
            })
    }
}
