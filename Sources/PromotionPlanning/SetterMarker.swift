import PromotionDomain

/// What a comment behind a value says that the value is: `# {"$promote": "web:digest"}`, or Flux's
/// `# {"$imagepolicy": "flux-system:web:tag"}`.
///
/// Source: Flux, "Configure image update for custom resources"; without a field, the value is the whole reference.
enum SetterMarker: Hashable {
    /// promote's own, with what it names.
    case promote(String)
    /// Flux's, with what it names.
    case imagePolicy(String)
    /// Meant as one of promote's own, and not written like one.
    case malformed

    /// Whether a line may have a marker, told without reading it.
    static func mayStand(in line: ArraySlice<UInt8>) -> Bool {
        guard line.contains(UInt8(ascii: "$")), line.contains(UInt8(ascii: "{")) else { return false }
        let text = String(decoding: line, as: UTF8.self)
        return text.contains("$promote") || text.contains("$imagepolicy")
    }

    /// Reads a comment, without the sign that it begins with; nil for one that is no marker.
    init?(comment: ArraySlice<UInt8>) {
        let text = String(decoding: comment, as: UTF8.self)
        if let match = text.wholeMatch(of: /\s*\{\s*"\$(promote|imagepolicy)"\s*:\s*"([^"\\]+)"\s*\}\s*/) {
            self = match.output.1 == "promote" ? .promote(String(match.output.2)) : .imagePolicy(String(match.output.2))
        } else if text.contains(/\{\s*["']\$promote["']\s*:/) {
            self = .malformed
        } else {
            return nil
        }
    }

    /// What the value in front of it is; nil where it is of no image of the application.
    func field(of application: Application) -> ImageField? {
        switch self {
        case .promote(let name): ImageField(name, of: application)
        case .imagePolicy(let name): ImageField(ofPolicy: name, of: application)
        case .malformed: nil
        }
    }
}

/// A marker in a file, and what stands in front of it.
struct MarkerPlace {
    enum Target: Hashable {
        /// One value: its bytes, in YAML with its quotes and elsewhere without, and its text.
        case value(Range<Int>, String)
        case nothing
        /// More than one, so that it cannot be told which is meant.
        case several
        /// A value that is written elsewhere, and shared.
        case alias
        /// A text of several lines.
        case lines
    }

    let marker: SetterMarker
    let target: Target
    let line: Int
}
