import Foundation
import GitOpsTypes
import ImageRegistry

extension RemoteRepository {
    /// More images of an index than anybody has.
    private static let maximumImages = 64

    /// What an image says of itself, on all of its platforms.
    func inspect(_ digest: ImageDigest) async throws(RegistryError) -> ImageInspection {
        let what = "\(address)@\(digest)"
        let top = try Manifest(try await manifest(by: digest.text), what)
        var labels: [String: Set<String>] = [:]
        func add(_ values: [String: String]?) { for (key, value) in values ?? [:] { labels[key, default: []].insert(value) } }
        add(top.annotations)
        let images = top.images
        guard images.count <= Self.maximumImages else { throw RegistryError.malformed("\(what) has \(images.count) images") }
        var configurations = [top.config].compactMap(\.self)
        var platforms = images.compactMap(\.platform?.text)
        for image in images {
            let manifest = try Manifest(try await manifest(by: image.digest), "\(address)@\(image.digest)")
            add(manifest.annotations)
            if let config = manifest.config { configurations.append(config) }
        }
        var created: Timestamp?
        for descriptor in configurations where descriptor.mediaType.hasSuffix("json") {
            let bytes = try await blob(descriptor.digest, limit: ImageConfiguration.maximumSize)
            // An artifact's configuration may be anything.
            guard let configuration = try? JSONDecoder().decode(ImageConfiguration.self, from: Data(bytes)) else { continue }
            add(configuration.config?.Labels)
            if images.isEmpty, let platform = configuration.platform?.text { platforms.append(platform) }
            created = [created, configuration.created.flatMap { Timestamp($0) }].compactMap(\.self).max()
        }
        return ImageInspection(
            platforms: Set(platforms.filter { $0.utf8.count <= 100 }.map(\.displayable)).sorted(), labels: labels,
            created: created)
    }
}
