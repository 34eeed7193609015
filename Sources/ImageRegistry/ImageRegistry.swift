public import GitOpsTypes

/// Provider-neutral access to images. An implementation takes no registry at its word: what is named by a digest
/// hashes to it.
public protocol ImageRegistry: Sendable {
    /// What a tag names now.
    ///
    /// - Throws: `RegistryError.notFound` where there is no such tag.
    func digest(of tag: ImageTag, in name: ImageName) async throws(RegistryError) -> ImageDigest

    /// What is known of an image by its digest.
    ///
    /// - Throws: `RegistryError.notFound` where the registry does not have it.
    func inspect(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> ImageInspection

    /// Whether the registry has it. Costs one small request.
    func has(_ digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> Bool

    /// Every tag of a repository, in the registry's order.
    ///
    /// - Throws: `RegistryError.malformed` when the list breaks off: a part is never taken for the whole.
    func tags(of name: ImageName) async throws(RegistryError) -> [ImageTag]

    /// What was attached to an image: signatures and attestations, by the tag layout and by referrers.
    func attachments(to digest: ImageDigest, of name: ImageName) async throws(RegistryError) -> [ImageAttachment]
}

/// What an image says of itself.
public struct ImageInspection: Hashable, Sendable {
    /// `linux/amd64`, `linux/arm64/v8`, sorted.
    public let platforms: [String]
    /// Labels of the image configurations and annotations of the manifests, by key: more than one value where they differ.
    public let labels: [String: Set<String>]
    /// When it was built, as its configuration says; nil where it does not.
    public let created: Timestamp?
    /// Which chart it is; nil for an image.
    public let chart: ChartIdentity?

    public init(
        platforms: [String], labels: [String: Set<String>], created: Timestamp?, chart: ChartIdentity? = nil
    ) {
        self.platforms = platforms
        self.labels = labels
        self.created = created
        self.chart = chart
    }
}

/// What a Helm chart says of itself.
public struct ChartIdentity: Hashable, Sendable, Decodable {
    public let name: String
    public let version: String

    public init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

/// A blob that is attached to an image, with what its manifest says of it.
public struct ImageAttachment: Hashable, Sendable {
    /// `application/vnd.dev.cosign.simplesigning.v1+json`, `application/vnd.dsse.envelope.v1+json`, …
    public let mediaType: String
    public let annotations: [String: String]
    public let content: [UInt8]

    public init(mediaType: String, annotations: [String: String], content: [UInt8]) {
        self.mediaType = mediaType
        self.annotations = annotations
        self.content = content
    }
}

/// Why a registry did not do what it was asked.
public enum RegistryError: Error, Hashable, Sendable {
    /// No answer, or one that says nothing.
    case unavailable(String)
    /// Too many requests; the registry wants to be left alone for so many seconds.
    case rateLimited(String, seconds: Int)
    /// The credentials are missing, wrong, or not enough.
    case unauthorized(String)
    case notFound(String)
    /// What it sent is not what it says, or leads to an address that must not be followed.
    case untrustworthy(String)
    /// The answer is not what the specification promises, or is larger than is ever needed.
    case malformed(String)

    /// In words.
    public var reason: String {
        switch self {
        case .unavailable(let reason), .unauthorized(let reason), .notFound(let reason), .untrustworthy(let reason),
            .malformed(let reason):
            reason
        case .rateLimited(let place, let seconds): "\(place) wants no more requests for \(seconds) seconds"
        }
    }
}

/// How a registry is reached.
public struct RegistrySettings: Hashable, Sendable {
    /// Hosts that are asked first, in this order: `mirror.example:5000`.
    public let mirrors: [String]
    /// Whether it speaks HTTP without TLS; nil for what is usual: on this machine it does, elsewhere it does not.
    public let isPlainHTTP: Bool?

    public init(mirrors: [String] = [], isPlainHTTP: Bool? = nil) {
        self.mirrors = mirrors
        self.isPlainHTTP = isPlainHTTP
    }
}
