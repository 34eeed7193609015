import Foundation
import GitOpsTypes
import ImageRegistry

/// What an image runs on.
struct Platform: Decodable {
    let os: String
    let architecture: String
    let variant: String?

    /// `linux/arm64/v8`
    var text: String { ([os, architecture] + [variant].compactMap(\.self)).joined(separator: "/") }
}

/// A manifest or an index, as far as anything here needs it.
///
/// Source: OCI image specification 1.1, "Image Manifest" and "Image Index"; Docker, "Image Manifest V 2, Schema 2".
struct Manifest: Decodable {
    struct Descriptor: Decodable {
        let mediaType: String
        let digest: String
        let size: Int
        let platform: Platform?
        let annotations: [String: String]?
        let artifactType: String?
    }

    let schemaVersion: Int
    let config: Descriptor?
    let layers: [Descriptor]?
    let manifests: [Descriptor]?
    let annotations: [String: String]?

    /// What is asked for, always all of it: a registry that has another kind than is asked for says that it has none.
    static let accept = [
        "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
    ].joined(separator: ", ")

    /// Bytes of a manifest at most. Source: OCI distribution specification 1.1, "Pushing Manifests".
    static let maximumSize = 4 << 20

    init(_ bytes: [UInt8], _ what: String) throws(RegistryError) {
        do {
            self = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
        } catch {
            throw RegistryError.malformed("\(what) is no manifest that is known here")
        }
        guard schemaVersion == 2, manifests != nil || config != nil else {
            throw RegistryError.malformed("\(what) is a manifest of schema \(schemaVersion), which is obsolete")
        }
    }

    /// The images of an index, without what is attached to them.
    var images: [Descriptor] {
        (manifests ?? []).filter { descriptor in
            descriptor.platform.map { $0.os != "unknown" } ?? true
                && descriptor.annotations?["vnd.docker.reference.type"] == nil
        }
    }
}

extension Manifest.Descriptor {
    /// Whether it is the configuration of a Helm chart.
    ///
    /// Source: Helm, "Use OCI-based registries", media types of charts.
    var isChart: Bool { mediaType == "application/vnd.cncf.helm.config.v1+json" }
}

/// What an image's configuration says.
///
/// Source: OCI image specification 1.1, "Image Configuration".
struct ImageConfiguration: Decodable {
    struct Settings: Decodable {
        let Labels: [String: String]?
    }

    let created: String?
    /// Nil where it says nothing of it.
    let platform: Platform?
    let config: Settings?

    private enum Key: CodingKey { case created, config }

    static let maximumSize = 8 << 20

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        config = try container.decodeIfPresent(Settings.self, forKey: .config)
        // It has the fields of a platform among its own, or has none.
        platform = try? Platform(from: decoder)
    }
}
