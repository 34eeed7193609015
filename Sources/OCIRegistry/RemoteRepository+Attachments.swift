import GitOpsTypes
import HTTPExchange
import ImageRegistry

extension RemoteRepository {
    /// More than is read in practice.
    private static let maximumAttachments = 100
    /// Pages of a list of them.
    private static let maximumPages = 20
    /// Bytes of a signature or an attestation.
    private static let maximumEvidence = 4 << 20

    /// What may be a signature or an attestation of an image. Other things may be attached, of any size: they prove nothing,
    /// and stop nothing.
    func attachments(to digest: ImageDigest) async throws(RegistryError) -> [ImageAttachment] {
        let manifests = try await taggedAttachments(digest) + referrers(digest)
        let layers = manifests.flatMap { $0.layers ?? [] }.filter {
            Self.isEvidence($0.mediaType) && $0.size <= Self.maximumEvidence
        }
        var attachments: [ImageAttachment] = []
        for layer in layers.prefix(Self.maximumAttachments) {
            let content = try await blob(layer.digest, limit: Self.maximumEvidence)
            attachments.append(
                ImageAttachment(mediaType: layer.mediaType, annotations: layer.annotations ?? [:], content: content))
        }
        return attachments
    }

    /// Source: cosign, "Signature Specification": `sha256-<hex>.sig` and `.att` beside the image.
    private func taggedAttachments(_ digest: ImageDigest) async throws(RegistryError) -> [Manifest] {
        var manifests: [Manifest] = []
        for suffix in [".sig", ".att"] {
            let tag = digest.text.replacing(":", with: "-") + suffix
            let response = try await manifest(tag)
            if response.status == 404 { continue }
            if let manifest = Self.readable(response.body) { manifests.append(manifest) }
        }
        return manifests
    }

    /// Source: OCI distribution specification 1.1, "Listing Referrers", with its tag schema where a registry has no such API.
    private func referrers(_ digest: ImageDigest) async throws(RegistryError) -> [Manifest] {
        var listed: [Manifest.Descriptor]?
        var next: String? = path("referrers/\(digest)")
        var pages = 0
        while let page = next {
            pages += 1
            guard pages <= Self.maximumPages else {
                throw RegistryError.malformed("\(host) lists what is attached to \(address)@\(digest.short) without end")
            }
            let response = try await session.get(
                page, of: address.path, headers: [(name: "Accept", value: "application/vnd.oci.image.index.v1+json")],
                limit: Manifest.maximumSize,
                // Registries that have no such list say so in several ways.
                accepting: [400, 405, 406])
            guard response.status == 200, let found = Self.readable(response.body)?.manifests else {
                // A list that breaks off is none.
                if listed != nil {
                    throw RegistryError.malformed("the list of what is attached to \(address)@\(digest.short) breaks off")
                }
                break
            }
            listed = (listed ?? []) + found
            next = try nextLink(response, "what is attached")
        }
        if listed == nil {
            let tagged = try await manifest(digest.text.replacing(":", with: "-"))
            // Some registries take such a tag for the image itself.
            listed =
                tagged.status == 200 && Self.hash(tagged.body) != digest.text ? Self.readable(tagged.body)?.manifests : nil
        }
        let found = (listed ?? []).filter { $0.artifactType.map(Self.isEvidence) ?? true }
        var manifests: [Manifest] = []
        for descriptor in found.prefix(Self.maximumAttachments) {
            let bytes = try await manifest(by: descriptor.digest)
            if let manifest = Self.readable(bytes) { manifests.append(manifest) }
        }
        return manifests
    }

    /// What is attached and cannot be read proves nothing, and is no error: every account that may push may attach it.
    private static func readable(_ bytes: [UInt8]) -> Manifest? {
        // As said above.
        try? Manifest(bytes, "what is attached")
    }

    /// Whether something that is attached may be a signature or an attestation, and no list of ingredients.
    private static func isEvidence(_ type: String) -> Bool {
        ["cosign", "sigstore", "in-toto", "dsse"].contains { type.contains($0) }
    }
}
