import Foundation
import GitOpsTypes
import ImageRegistry

extension RemoteRepository {
    /// More images of an index than there are in practice.
    private static let maximumImages = 64
    /// Indexes in indexes, deeper than they are nested in practice.
    private static let maximumDepth = 3

    /// What an image says of itself, on all of its platforms.
    ///
    /// - Throws: `RegistryError.untrustworthy` for an index in which there is no image: nothing could run, and nothing is known of it.
    func inspect(_ digest: ImageDigest) async throws(RegistryError) -> ImageInspection {
        let what = "\(address)@\(digest)"
        let top = try Manifest(try await manifest(by: digest.text), what)
        var labels: [String: Set<String>] = [:]
        func add(_ values: [String: String]?) { for (key, value) in values ?? [:] { labels[key, default: []].insert(value) } }
        add(top.annotations)
        if let config = top.config, config.isChart {
            return ImageInspection(
                platforms: [], labels: labels,
                created: top.annotations?["org.opencontainers.image.created"].flatMap { Timestamp($0) },
                chart: try await chart(config, what))
        }
        let images = try await images(of: top, what)
        var configurations = [top.config].compactMap(\.self)
        var platforms = images.compactMap(\.platform?.text)
        for image in images {
            add(image.manifest.annotations)
            if let config = image.manifest.config { configurations.append(config) }
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

    /// What the configuration of a chart says of it.
    private func chart(_ config: Manifest.Descriptor, _ what: String) async throws(RegistryError) -> ChartIdentity {
        let bytes = try await blob(config.digest, limit: ImageConfiguration.maximumSize)
        do {
            return try JSONDecoder().decode(ChartIdentity.self, from: Data(bytes))
        } catch {
            throw RegistryError.malformed("\(what) is a chart without a name and a version")
        }
    }

    /// The images of an index, those of the indexes in it included; none for what is an image itself.
    private func images(
        of top: Manifest, _ what: String
    ) async throws(RegistryError) -> [(manifest: Manifest, platform: Platform?)] {
        guard top.manifests != nil else { return [] }
        guard top.images.count <= Self.maximumImages else {
            throw RegistryError.malformed("\(what) has \(top.images.count) images")
        }
        var found: [(manifest: Manifest, platform: Platform?)] = []
        var rest = top.images.map { (descriptor: $0, depth: 1) }
        while let (descriptor, depth) = rest.popLast() {
            guard found.count + rest.count < Self.maximumImages, depth <= Self.maximumDepth else {
                throw RegistryError.malformed("\(what) has more than \(Self.maximumImages) images, or indexes in indexes")
            }
            let manifest = try Manifest(try await manifest(by: descriptor.digest), "\(address)@\(descriptor.digest)")
            rest += manifest.images.map { (descriptor: $0, depth: depth + 1) }
            if manifest.manifests == nil { found.append((manifest, descriptor.platform)) }
        }
        guard !found.isEmpty else {
            throw RegistryError.untrustworthy("\(what) is an index without an image, so that nothing can run")
        }
        return found.reversed()
    }
}
