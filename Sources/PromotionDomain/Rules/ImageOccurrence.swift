public import GitOpsTypes

/// One place that runs an image: of rendered manifests, or a value that is marked.
public struct ImageOccurrence: Hashable, Sendable {
    /// How it is known that what stands there runs.
    public enum Evidence: Hashable, Sendable {
        /// A container, an image volume, or a field that a configuration names, in what is rendered.
        case rendered
        /// A value that is marked. What is made of it is rendered elsewhere.
        case marked
    }

    /// `Deployment storefront-prod/web`
    public let object: String
    public let container: String
    /// The application's image that belongs there.
    public let image: ImageName
    /// The digest that is there; nil when the image is by tag or bare.
    public let digest: String?
    /// The whole text, for people.
    public let text: String
    public let evidence: Evidence

    public init(
        object: String, container: String, image: ImageName, digest: String?, text: String, evidence: Evidence = .rendered
    ) {
        self.evidence = evidence
        self.object = object
        self.container = container
        self.image = image
        self.digest = digest
        self.text = text
    }
}
