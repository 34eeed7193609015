import GitOpsTypes
import PromotionGates
import PromotionModel
import YAMLEditing

/// What a comment behind a value says that the value is: `# {"$promote": "web:digest"}`, or Flux's
/// `# {"$imagepolicy": "flux-system:web:tag"}`.
///
/// Source: Flux, "Configure image update for custom resources"; without a field, the value is the whole reference.
struct SetterMarker {
    enum Field: String {
        case whole = ""
        case name
        case tag
        case digest
    }

    let image: ImageName
    let field: Field

    static let tokens = ["\"$promote\"", "\"$imagepolicy\""]

    /// Nil for a comment that is no marker, or that of somebody else's image.
    init?(_ comment: some StringProtocol, of application: Application) {
        // Comments that are no markers are left alone.
        let form = /\{\s*"\$(promote|imagepolicy)"\s*:\s*"([^"\\]+)"\s*\}/
        guard let match = String(comment).wholeMatch(of: form) else { return nil }
        if match.output.1 == "promote" {
            self.init(String(match.output.2), application)
        } else {
            // `<namespace>:<policy>`, and perhaps a field.
            let parts = match.output.2.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            self.init(String(parts[1]), application)
        }
    }

    private init?(_ text: String, _ application: Application) {
        var name = text[...]
        var field = Field.whole
        if let colon = text.lastIndex(of: ":"), let known = Field(rawValue: String(text[text.index(after: colon)...])),
            known != .whole
        {
            field = known
            name = text[..<colon]
        }
        guard let image = Self.image(String(name), application) else { return nil }
        self.image = image
        self.field = field
    }

    /// An image by its name, by the last part of it, or as the application's only one by the application's.
    private static func image(_ name: String, _ application: Application) -> ImageName? {
        if let exact = application.images.first(where: { $0.text == name }) { return exact }
        let last = application.images.filter { $0.text.split(separator: "/").last.map(String.init) == name }
        if last.count == 1 { return last[0] }
        return name == application.name.text && application.images.count == 1 ? application.images[0] : nil
    }

    /// What the value is to be.
    func text(_ release: [ImageName: ReleaseImage]) -> String? {
        guard let image = release[image] else { return nil }
        return switch field {
        case .whole: ImageReference(name: image.name, tag: image.tag, digest: image.digest).description
        case .name: image.name.text
        case .tag: image.tag?.text
        case .digest: image.digest.text
        }
    }
}

/// The values of a file that are marked.
struct MarkedFile {
    struct Value {
        let marker: SetterMarker
        /// The bytes of the value: in YAML with its quotes, elsewhere without.
        let range: Range<Int>
        let text: String
        let line: Int
    }

    let path: RepositoryPath
    let bytes: [UInt8]
    let values: [Value]
    /// Nil for files that are no YAML.
    private let yaml: YAMLFile?

    /// Nil where nothing is marked.
    ///
    /// - Throws: `PlanningError` for a marker that marks nothing.
    init?(_ bytes: [UInt8], path: RepositoryPath, of application: Application) throws(PlanningError) {
        self.path = path
        self.bytes = bytes
        let markers = Self.markers(bytes, application)
        guard !markers.isEmpty else { return nil }
        let isYAML = path.description.hasSuffix(".yaml") || path.description.hasSuffix(".yml")
        do {
            yaml = isYAML ? try YAMLFile(bytes) : nil
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
        let scalars = yaml.map { $0.documents.flatMap(Self.scalars) }
        values = try markers.map { marker, place, line throws(PlanningError) in
            let found =
                scalars.map { scalars in
                    scalars.last { place.contains($0.range.lowerBound) && $0.range.upperBound <= place.upperBound }
                        .map { ($0.range, $0.scalar?.text ?? "") }
                } ?? Self.word(bytes, place)
            guard let (range, text) = found else {
                throw PlanningError(
                    "this marker marks no value", in: path, at: SourcePosition(line: line, column: 1),
                    hint: "it stands behind a value, on the same line")
            }
            return Value(marker: marker, range: range, text: text, line: line)
        }
    }

    /// Markers, with the bytes of their lines in front of them.
    private static func markers(_ bytes: [UInt8], _ application: Application) -> [(SetterMarker, Range<Int>, line: Int)] {
        var result: [(SetterMarker, Range<Int>, line: Int)] = []
        var start = 0
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            defer { start += line.count + 1 }
            let text = String(decoding: line, as: UTF8.self)
            guard SetterMarker.tokens.contains(where: text.contains), let brace = line.lastIndex(of: UInt8(ascii: "{")),
                let sign = line[..<brace].lastIndex(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "/") }),
                line[(sign + 1)..<brace].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }),
                let end = line.lastIndex(of: UInt8(ascii: "}")), brace < end,
                line[(end + 1)...].allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }),
                let marker = SetterMarker(String(decoding: line[brace...end], as: UTF8.self), of: application)
            else { continue }
            result.append((marker, line.startIndex..<sign, index + 1))
        }
        return result
    }

    private static func scalars(_ node: YAMLNode) -> [YAMLNode] {
        guard !node.isAlias else { return [] }
        return switch node.content {
        case .scalar: [node]
        case .sequence(let items): items.flatMap(scalars)
        case .mapping(let entries): entries.flatMap { scalars($0.value) }
        }
    }

    /// The last quoted text in front of a marker, or the last word.
    private static func word(_ bytes: [UInt8], _ place: Range<Int>) -> (Range<Int>, String)? {
        let quote = UInt8(ascii: "\"")
        if let end = bytes[place].lastIndex(of: quote), let start = bytes[place.lowerBound..<end].lastIndex(of: quote) {
            return (start + 1..<end, String(decoding: bytes[start + 1..<end], as: UTF8.self))
        }
        func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x2C, 0x3B].contains(byte) }
        guard let last = bytes[place].lastIndex(where: { !isSpace($0) && $0 != UInt8(ascii: "/") }) else { return nil }
        let before = bytes[place.lowerBound...last].lastIndex { isSpace($0) || $0 == UInt8(ascii: "=") }
        let start = before.map { $0 + 1 } ?? place.lowerBound
        return start > last ? nil : (start..<last + 1, String(decoding: bytes[start...last], as: UTF8.self))
    }

    // MARK: Writing

    /// The file with every marked value as `images` want it: no other byte changes.
    func edited(_ images: [ImageName: ReleaseImage]) throws(PlanningError) -> [UInt8] {
        var splices: [ByteSplice] = []
        var texts: [Range<Int>: String] = [:]
        for value in values {
            guard let text = value.marker.text(images) else {
                throw PlanningError(
                    "this value is the tag of \(value.marker.image), and the release has none", in: path,
                    at: SourcePosition(line: value.line, column: 1), hint: "register builds with their tags")
            }
            guard text != value.text, texts.updateValue(text, forKey: value.range) == nil else { continue }
            if yaml == nil { splices.append(ByteSplice(value.range, with: text)) }
        }
        guard let yaml else { return bytes.applying(splices) ?? bytes }
        let editor = YAMLEditor(yaml)
        for node in yaml.documents.flatMap(Self.scalars) {
            if let text = texts[node.range] { splices.append(editor.replaceScalar(node, with: text)) }
        }
        guard !splices.isEmpty else { return bytes }
        do {
            return try editor.apply(splices, intended: yaml.documents.map { Self.intended($0, texts) })
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// What a value is to mean, with the marked ones replaced.
    private static func intended(_ node: YAMLNode, _ texts: [Range<Int>: String]) -> YAMLValue {
        switch node.content {
        case .scalar: texts[node.range].map(YAMLValue.string) ?? YAMLValue(node)
        case .sequence(let items): .sequence(items.map { intended($0, texts) })
        case .mapping(let entries):
            .mapping(entries.map { .init(key: YAMLValue($0.key), value: intended($0.value, texts)) })
        }
    }

    // MARK: Evidence

    /// The marked values that pin an image, as they stand.
    var occurrences: [ImageOccurrence] {
        values.compactMap { value in
            let digest: String?
            switch value.marker.field {
            case .name, .tag: return nil
            case .digest: digest = ImageDigest(value.text)?.text
            case .whole: digest = ImageReference(value.text)?.digest?.text
            }
            return ImageOccurrence(
                object: "\(path):\(value.line)", container: "(marked)", image: value.marker.image, digest: digest,
                text: value.text)
        }
    }
}
