public import GitOpsTypes

/// One place that runs an image or takes a chart: of rendered manifests, or a value that is marked.
public struct ImageOccurrence: Hashable, Sendable {
    /// How it is known that what stands there runs.
    public enum Evidence: Hashable, Sendable {
        /// A container, an image volume, or a field that a configuration names, in what is rendered.
        case rendered
        /// A value that is marked. What is made of it is rendered elsewhere.
        case marked
    }

    /// What holds a place to one artifact.
    public enum Hold: Hashable, Sendable {
        case digest(String)
        /// Of a chart, where no digest can stand. It means whatever the registry has under it.
        case version(ChartVersion)
        /// It is by tag, by a range of versions, or bare.
        case nothing
    }

    /// `Deployment storefront-prod/web`
    public let object: String
    public let container: String
    /// The application's image that belongs there.
    public let image: ImageName
    public let hold: Hold
    /// The whole text, for people.
    public let text: String
    public let evidence: Evidence

    public init(
        object: String, container: String, image: ImageName, hold: Hold, text: String, evidence: Evidence = .rendered
    ) {
        self.evidence = evidence
        self.object = object
        self.container = container
        self.image = image
        self.hold = hold
        self.text = text
    }

    public init(
        object: String, container: String, image: ImageName, digest: String?, text: String, evidence: Evidence = .rendered
    ) {
        self.init(
            object: object, container: container, image: image, hold: digest.map(Hold.digest) ?? .nothing, text: text,
            evidence: evidence)
    }

    /// The digest that is there; nil when it is by tag, by version or bare.
    public var digest: String? { if case .digest(let digest) = hold { digest } else { nil } }

    /// Whether exactly this is there, as far as the place can say it.
    public func isExactly(_ image: ReleaseImage) -> Bool {
        switch hold {
        case .digest(let digest): digest == image.digest.text
        case .version(let version): image.chartVersion == version
        case .nothing: false
        }
    }

    /// Whether a release has exactly this.
    public func isExactly(of release: Release) -> Bool { release.image(image).map(isExactly) ?? false }
}
