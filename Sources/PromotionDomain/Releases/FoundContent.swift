public import GitOpsTypes

/// What an environment runs of an application by Git's word: found there, and not brought by a promotion.
public struct FoundContent: Hashable, Sendable, Codable {
    /// The commit of the environment's branch that was looked at.
    public let commit: CommitID
    /// The application's images that run there, sorted, each once; nil, and not in the ledger's text, where it does not render.
    public let images: [FoundImage]?

    public init(commit: CommitID, images: [FoundImage]?) {
        self.commit = commit
        self.images = images
    }

    /// Whether `release` is what runs there: every image is its own, and there is one.
    public func isContent(of release: Release) -> Bool {
        guard let images, !images.isEmpty else { return false }
        return images.allSatisfy { found in
            guard let image = release.image(found.name) else { return false }
            if let digest = found.digest { return digest == image.digest }
            // A chart that no digest can hold is known by its version.
            return image.chartVersion.map { FoundImage(chart: found.name, version: $0) == found } ?? false
        }
    }

    private enum CodingKeys: String, CodingKey {
        case commit, images
    }
}

/// One image as an environment runs it.
public struct FoundImage: Hashable, Sendable, Codable, Comparable {
    /// The application's name of it.
    public let name: ImageName
    /// Nil, and not in the ledger's text, where a tag or nothing names it.
    public let digest: ImageDigest?
    /// How it is named instead; nil, and not in the ledger's text, where a digest does.
    public let text: String?

    public init(name: ImageName, digest: ImageDigest) {
        self.name = name
        self.digest = digest
        text = nil
    }

    public init(name: ImageName, text: String) {
        self.name = name
        digest = nil
        self.text = text
    }

    /// A chart in a version, where no digest can stand.
    public init(chart name: ImageName, version: ChartVersion) {
        self.init(name: name, text: "\(name):\(version)")
    }

    /// `registry.example/web@sha256:…`, or the text that is there.
    public var reference: String { digest.map { "\(name)@\($0)" } ?? text ?? name.text }

    public static func < (left: Self, right: Self) -> Bool { left.reference < right.reference }

    private enum CodingKeys: String, CodingKey {
        case name, digest, text
    }
}

/// An environment runs something that is no registered release, and an operator accepted that.
public struct UnregisteredContent: Hashable, Sendable, Codable {
    public let content: FoundContent
    public let by: Principal
    public let since: Timestamp

    public init(content: FoundContent, by: Principal, since: Timestamp) {
        self.content = content
        self.by = by
        self.since = since
    }

    /// `registry.example/web@sha256:…, which is not registered`
    public var description: String {
        guard let images = content.images else { return "what does not render" }
        return images.map(\.reference.displayable).joined(separator: ", ") + ", which is not registered"
    }
}
