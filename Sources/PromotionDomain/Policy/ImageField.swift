public import GitOpsTypes

/// A part of an image's reference that a value in a file may be: `web:digest`.
public struct ImageField: Hashable, Sendable {
    public enum Part: String, Sendable {
        /// `registry.example/web:1.4.0@sha256:…`
        case whole = ""
        case name
        case tag
        case digest
        /// `1.4.0@sha256:…`, for charts that have no value for a digest.
        case pinnedTag = "tag@digest"

        /// Whether a value that is this says which image runs, and no other can.
        public var isPinning: Bool {
            switch self {
            case .whole, .digest, .pinnedTag: true
            case .name, .tag: false
            }
        }
    }

    public let image: ImageName
    public let part: Part

    public init(image: ImageName, part: Part) {
        self.image = image
        self.part = part
    }

    /// Reads what Flux writes behind a value: `<namespace>:<policy>`, and perhaps a part.
    ///
    /// Source: Flux, "Configure image update for custom resources".
    public init?(ofPolicy text: some StringProtocol, of application: Application) {
        let steps = text.split(separator: ":", maxSplits: 2)
        guard steps.count >= 2, let part = Part(rawValue: steps.count == 3 ? String(steps[2]) : "") else { return nil }
        if let image = application.policies["\(steps[0]):\(steps[1])"] ?? application.policies[String(steps[1])] {
            self.init(image: image, part: part)
        } else {
            self.init(text[steps[1].startIndex...], of: application.name, images: application.images)
        }
    }

    /// Nil where the name is not that of one of an application's images: in full, the last part of it, or, where there is one image,
    /// the application's.
    public init?(_ text: some StringProtocol, of application: ApplicationName, images: [ImageName]) {
        var name = String(text)
        var part = Part.whole
        if let colon = text.lastIndex(of: ":"), let known = Part(rawValue: String(text[text.index(after: colon)...])),
            known != .whole
        {
            part = known
            name = String(text[..<colon])
        }
        let last = images.filter { $0.text.split(separator: "/").last.map(String.init) == name }
        if let exact = images.first(where: { $0.text == name }) {
            image = exact
        } else if last.count == 1 {
            image = last[0]
        } else if name == application.text, images.count == 1 {
            image = images[0]
        } else {
            return nil
        }
        self.part = part
    }

    /// What the value is to be; nil where the release has no such part.
    public func text(in release: [ImageName: ReleaseImage]) -> String? {
        guard let image = release[image] else { return nil }
        return switch part {
        case .whole: ImageReference(name: image.name, tag: image.tag, digest: image.digest).description
        case .name: image.name.text
        case .tag: image.tag?.text
        case .digest: image.digest.text
        case .pinnedTag: image.tag.map { "\($0.text)@\(image.digest.text)" }
        }
    }
}
