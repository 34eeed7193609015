public import GitOpsTypes

/// The version of a chart: `1.4.0`, `1.4.0-rc.1+build.7`. Fewer than three numbers are a range to those that install charts, and no
/// version.
///
/// Source: Semantic Versioning 2, with the `v` that Helm permits; Helm, "Use OCI-based registries": tags have `_` for `+`.
public struct ChartVersion: ValidatedText, CustomStringConvertible {
    public let text: String
    public static var noun: String { "the version of a chart (such as 1.4.0)" }

    public init?(_ text: String) {
        let numbers = /v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?/
        guard text.utf8.count <= 128, text.wholeMatch(of: numbers) != nil else { return nil }
        self.text = text
    }

    /// The version that a tag of a registry stands for; nil for another tag.
    public init?(tag: ImageTag) {
        self.init(tag.text.replacing("_", with: "+"))
    }

    /// What a registry calls it; every version has a tag.
    public var tag: ImageTag? { ImageTag(text.replacing("+", with: "_")) }

    public var description: String { text }
}
