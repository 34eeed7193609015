import GitOpsTypes
import PromotionDomain

/// The text of a marked value, and what of it is the value: behind `name=`, as Argo CD's overrides (`api=registry.example/web:1.4.0`) and
/// literals (`VERSION=1.4.0`) have it, nothing of an image can have an `=`.
struct MarkedText {
    private let prefix: Substring
    let value: String

    init(_ text: String) {
        let start = text.lastIndex(of: "=").map { text.index(after: $0) } ?? text.startIndex
        prefix = text[..<start]
        value = String(text[start...])
    }

    func replaced(by new: String) -> String { prefix + new }

    /// Why the text is nothing that a value marked as `field` could take the place of; nil where it may. An empty one may always.
    func problem(as field: ImageField) -> String? {
        guard !value.isEmpty else { return nil }
        let shown = "“\(value.displayable)”"
        if value.contains("${") || value.contains("$(") || value.contains("{{") {
            return "\(shown) is put together elsewhere, and the marker says that it is a value"
        }
        func has(_ characters: String) -> Bool { value.contains { characters.contains($0) || $0.isWhitespace } }
        switch field.part {
        case .whole:
            return ImageReference(value).map { DockerHub.isSame($0.name.text, field.image.text) } == true
                ? nil : "\(shown) is no reference of \(field.image), and the marker says that it is"
        case .name:
            return has("@") || ImageReference(value)?.tag != nil
                ? "\(shown) is no name of an image, and the marker says that it is" : nil
        case .tag: return has("/:@") ? "\(shown) is no tag, and the marker says that it is" : nil
        case .pinnedTag:
            let parts = value.split(separator: "@", omittingEmptySubsequences: false)
            let isPinned = parts.count == 2 && ImageDigest(String(parts[1])) != nil
            let isTag = parts.count <= 2 && !parts[0].contains { "/:".contains($0) || $0.isWhitespace }
            return isTag && (parts.count == 1 || isPinned)
                ? nil : "\(shown) is no tag with a digest behind it, and the marker says that it is"
        case .version: return has("/:@") ? "\(shown) is no version of a chart, and the marker says that it is" : nil
        case .digest:
            let isOther = has("/@") || value.contains(":") && !value.hasPrefix("sha256:")
            return isOther ? "\(shown) is no digest, and the marker says that it is" : nil
        }
    }
}
