public import GitOpsTypes

/// A part of the reference of an image or a chart that a value in a file may be: `web:digest`.
public struct ImageField: Hashable, Sendable {
    public enum Part: String, Sendable {
        /// `registry.example/web:1.4.0@sha256:…`
        case whole = ""
        case name
        case tag
        case digest
        /// `1.4.0@sha256:…`, for charts that have no value for a digest.
        case pinnedTag = "tag@digest"
        /// Of a chart, `1.4.0`: what pins it where no digest can stand.
        case version

        /// Whether a value that is this says which image runs, and no other can.
        public var isPinning: Bool {
            switch self {
            case .whole, .digest, .pinnedTag, .version: true
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
            self.init(text[steps[1].startIndex...], of: application)
        }
    }

    public init?(_ text: some StringProtocol, of application: Application) {
        self.init(text, of: application.name, images: application.images, charts: application.charts)
    }

    /// Nil where the name is not that of one of an application's images: in full, the last part of it, or, where there is one image,
    /// the application's. Of a chart, the last part is its name where no image has it.
    ///
    /// - Parameters:
    ///   - images: all that the application's releases pin.
    ///   - charts: those of them that are charts.
    public init?(
        _ text: some StringProtocol, of application: ApplicationName, images: [ImageName], charts: Set<ImageName> = []
    ) {
        var name = String(text)
        var part = Part.whole
        if let colon = text.lastIndex(of: ":"), let known = Part(rawValue: String(text[text.index(after: colon)...])),
            known != .whole
        {
            part = known
            name = String(text[..<colon])
        }
        guard let image = Self.image(called: name, of: application, images: images, charts: charts),
            part != .version || charts.contains(image)
        else { return nil }
        self.init(image: image, part: part)
    }

    private static func image(
        called name: String, of application: ApplicationName, images: [ImageName], charts: Set<ImageName>
    ) -> ImageName? {
        if let exact = images.first(where: { $0.text == name }) { return exact }
        let last = images.filter { $0.text.split(separator: "/").last.map(String.init) == name }
        let ofContainers = images.filter { !charts.contains($0) }
        let candidates = last.filter { !charts.contains($0) }
        if candidates.count == 1 { return candidates[0] }
        if candidates.isEmpty, name == application.text, ofContainers.count == 1 { return ofContainers[0] }
        return candidates.isEmpty && last.count == 1 ? last[0] : nil
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
        case .version: image.chartVersion?.text
        }
    }
}
