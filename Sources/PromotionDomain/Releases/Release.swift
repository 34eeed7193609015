import Crypto
public import GitOpsTypes

/// One build of an application: the digests of its images and charts, and where they came from. Immutable.
public struct Release: Hashable, Sendable, Codable {
    public let id: ReleaseID
    /// Sorted by name; charts are among them.
    public let images: [ReleaseImage]
    public let build: BuildOrigin
    public let registered: Timestamp
    public let registeredBy: Principal
    /// The fingerprint of the key that signed the registration; nil where none did.
    public let key: String?
    /// What their registries showed of the images; nil where none was asked.
    public let records: [ImageRecord]?
    /// Whether it is only known because an environment ran it when promotions began there: older than anything that is built since.
    public let isBaseline: Bool

    public init(
        id: ReleaseID, images: [ReleaseImage], build: BuildOrigin, registered: Timestamp, registeredBy: Principal,
        key: String? = nil, records: [ImageRecord]? = nil, isBaseline: Bool = false
    ) {
        self.isBaseline = isBaseline
        self.key = key
        self.records = records
        self.id = id
        self.images = images
        self.build = build
        self.registered = registered
        self.registeredBy = registeredBy
    }

    /// The release's own image called `name`.
    public func image(_ name: ImageName) -> ReleaseImage? {
        images.first { $0.name == name }
    }
}

/// An image of a release, or a chart: its identity is the digest, the tag a label.
public struct ReleaseImage: Hashable, Sendable, Codable {
    public let name: ImageName
    public let digest: ImageDigest
    public let tag: ImageTag?
    public let kind: ArtifactKind

    public init(name: ImageName, digest: ImageDigest, tag: ImageTag?, kind: ArtifactKind = .image) {
        self.name = name
        self.digest = digest
        self.tag = tag
        self.kind = kind
    }

    /// The version of a chart; nil for images, and for charts whose tag is none.
    public var chartVersion: ChartVersion? { kind == .chart ? tag.flatMap(ChartVersion.init(tag:)) : nil }

    /// `registry.example/web:1.4.0@sha256:…`
    public var reference: ImageReference { ImageReference(name: name, tag: tag, digest: digest) }

    private enum CodingKeys: String, CodingKey {
        case name, digest, tag, kind
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(ImageName.self, forKey: .name)
        digest = try container.decode(ImageDigest.self, forKey: .digest)
        tag = try container.decodeIfPresent(ImageTag.self, forKey: .tag)
        kind = try container.decodeIfPresent(ArtifactKind.self, forKey: .kind) ?? .image
    }

    /// The kind is not in the text of images, which ledgers have without it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(digest, forKey: .digest)
        try container.encodeIfPresent(tag, forKey: .tag)
        if kind != .image { try container.encode(kind, forKey: .kind) }
    }
}

extension [ReleaseImage] {
    /// Those that containers run.
    public var ofContainers: [ReleaseImage] { filter { $0.kind == .image } }
    public var charts: [ReleaseImage] { filter { $0.kind == .chart } }
}

/// What the registry showed of an image of a release when it was registered.
public struct ImageRecord: Hashable, Sendable, Codable {
    public let name: ImageName
    /// `linux/amd64`, sorted.
    public let platforms: [String]
    /// The labels `org.opencontainers.image.version` and so on; nil where it has none.
    public let revision: String?
    public let source: String?
    public let version: String?
    public let created: String?
    /// What was proven of where it is from, in sentences; nil where nothing was asked.
    public let provenance: [String]?

    public init(
        name: ImageName, platforms: [String], revision: String?, source: String?, version: String?, created: String?,
        provenance: [String]?
    ) {
        self.name = name
        self.platforms = platforms
        self.revision = revision
        self.source = source
        self.version = version
        self.created = created
        self.provenance = provenance
    }

    private enum CodingKeys: String, CodingKey {
        case name, platforms, revision, source, version, created, provenance
    }
}

/// Where a build came from, as CI says.
public struct BuildOrigin: Hashable, Sendable, Codable {
    /// The source commit, as CI gives it: 7 to 64 hexadecimal digits.
    public let commit: SourceCommit?
    /// The source repository.
    public let source: String?
    /// The CI run.
    public let run: String?

    public init(commit: SourceCommit?, source: String?, run: String?) {
        self.commit = commit
        self.source = source
        self.run = run
    }

    private enum CodingKeys: String, CodingKey {
        case commit, source, run
    }
}

/// A commit of the application's source, which lives in another repository.
public struct SourceCommit: ValidatedText, CustomStringConvertible {
    public let text: String
    public static var noun: String { "a commit (7 to 64 hexadecimal digits)" }

    public init?(_ text: String) {
        let folded = text.lowercased()
        guard (7...64).contains(folded.utf8.count),
            folded.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = folded
    }

    public var description: String { text }

    /// Whether both name the same commit, one perhaps abbreviated.
    public func isSame(as other: SourceCommit) -> Bool {
        text.hasPrefix(other.text) || other.text.hasPrefix(text)
    }
}

/// `<application>-<12 hex>`: the first 12 digits of SHA-256 over the sorted lines `name@sha256:…` joined by LF, so that the
/// same digests are the same release however they are tagged.
public struct ReleaseID: ValidatedText, Comparable, CustomStringConvertible {
    public let text: String
    public static var noun: String { "a release id (<application>-<12 hex digits>)" }

    public init?(_ text: String) {
        guard let dash = text.lastIndex(of: "-"), ApplicationName(String(text[..<dash])) != nil else { return nil }
        let digits = text[text.index(after: dash)...].utf8
        guard digits.count == 12, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    public init(_ application: ApplicationName, images: [ReleaseImage]) {
        let lines = images.map { "\($0.name)@\($0.digest)" }.sorted()
        let hash = SHA256.hash(data: Array(lines.joined(separator: "\n").utf8))
        text = "\(application)-\(hash.prefix(6).hexadecimal)"
    }

    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
