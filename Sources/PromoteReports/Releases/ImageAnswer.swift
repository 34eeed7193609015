import GitOpsTypes
import PromotionDomain

/// An image of a release, or one that an environment runs without a release.
struct ImageAnswer: Encodable, Sendable {
    @Text var name: ImageName
    @TextOrNull var tag: ImageTag?
    @TextOrNull var digest: ImageDigest?
    /// Only of an image that is of no release: how it is named there.
    let text: String?

    enum CodingKeys: String, CodingKey {
        case name
        case tag
        case digest
        case text
    }

    init(_ image: ReleaseImage) {
        name = image.name
        tag = image.tag
        digest = image.digest
        text = nil
    }

    init(_ image: FoundImage) {
        name = image.name
        tag = nil
        digest = image.digest
        text = image.reference
    }
}

/// A chart of a release.
struct ChartAnswer: Encodable, Sendable {
    @Text var name: ImageName
    /// Null where the release has none.
    @TextOrNull var version: String?
    @Text var digest: ImageDigest

    enum CodingKeys: String, CodingKey {
        case name
        case version
        case digest
    }

    init(_ chart: ReleaseImage) {
        name = chart.name
        version = chart.chartVersion?.text ?? chart.tag?.text
        digest = chart.digest
    }
}

/// What is pinned by a release, as answers have it: images, and charts apart where there are some.
struct ArtifactAnswers {
    let images: [ImageAnswer]
    /// Nil where there are none.
    let charts: [ChartAnswer]?

    init(_ release: Release) {
        images = release.images.ofContainers.map(ImageAnswer.init)
        let charts = release.images.charts.map(ChartAnswer.init)
        self.charts = charts.isEmpty ? nil : charts
    }
}

/// What a registry showed of an image when its release was registered.
struct ImageRecordAnswer: Encodable, Sendable {
    @Text var name: ImageName
    let platforms: [String]
    @TextOrNull var revision: String?
    @TextOrNull var source: String?
    @TextOrNull var version: String?
    @TextOrNull var created: String?
    @OrNull var provenance: [String]?

    enum CodingKeys: String, CodingKey {
        case name
        case platforms
        case revision
        case source
        case version
        case created
        case provenance
    }

    init(_ record: ImageRecord) {
        name = record.name
        platforms = record.platforms
        revision = record.revision
        source = record.source
        version = record.version
        created = record.created
        provenance = record.provenance.map { $0.map(\.displayable) }
    }
}
