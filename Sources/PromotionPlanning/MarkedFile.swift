import GitOpsTypes
import Kustomize
import PromotionDomain
import YAMLEditing

/// The values of a file that are marked, or pointed to.
struct MarkedFile {
    struct Value {
        let field: ImageField
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
    /// - Parameters:
    ///   - pointers: to values without a marker.
    ///   - followsImageFields: whether the image fields of manifests are marked by being there.
    /// - Throws: `PlanningError` for a marker or a pointer to nothing, or to what cannot be told apart or changed by itself.
    init?(
        _ bytes: [UInt8], path: RepositoryPath, of application: Application, pointers: [JSONPointer: ImageField] = [:],
        followsImageFields: Bool = false
    ) throws(PlanningError) {
        self.path = path
        self.bytes = bytes
        guard followsImageFields || !pointers.isEmpty || SetterMarker.mayStand(in: bytes[...]) else { return nil }
        let markers = try FileMarkers(bytes, path: path, isYAML: followsImageFields || !pointers.isEmpty)
        yaml = markers.yaml
        var marked: [Value] = []
        for place in markers.places {
            if let field = place.marker.field(of: application) { marked.append(try Self.value(at: place, field, in: path)) }
        }
        if followsImageFields { marked += Self.imageFields(of: application, in: yaml, besides: marked) }
        guard !marked.isEmpty || !pointers.isEmpty else { return nil }
        let root = yaml?.documents.count == 1 ? yaml?.documents.first : nil
        values =
            try marked
            + pointers.sorted { $0.key.description < $1.key.description }.map { pointer, field throws(PlanningError) in
                try Self.value(at: pointer, field, in: root, bytes, path)
            }
    }

    /// The image fields of the application's images, but for those that are marked as something.
    private static func imageFields(of application: Application, in yaml: YAMLFile?, besides marked: [Value]) -> [Value] {
        guard let yaml else { return [] }
        let known = Set(marked.map(\.range))
        return yaml.documents.flatMap { ImageFields(in: $0, of: application).values }.compactMap { node, field in
            guard !known.contains(node.range) else { return nil }
            let position = SourcePosition(of: node.range.lowerBound, in: yaml.bytes)
            return Value(field: field, range: node.range, text: node.scalar?.text ?? "", line: position.line)
        }
    }

    private static func value(
        at place: MarkerPlace, _ field: ImageField, in path: RepositoryPath
    ) throws(PlanningError) -> Value {
        func problem(_ message: String, _ hint: String) -> PlanningError {
            PlanningError(
                "this marker marks \(message)", in: path, at: SourcePosition(line: place.line, column: 1), hint: hint)
        }
        switch place.target {
        case .value(let range, let text): return Value(field: field, range: range, text: text, line: place.line)
        case .nothing: throw problem("no value", "it stands behind a value, on the same line")
        case .several:
            throw problem(
                "one of several values of its line, and does not say which",
                "write each value on a line of its own, with its marker behind it")
        case .alias:
            throw problem("an alias, whose value stands elsewhere", "write the value out, or mark it where it stands")
        case .lines: throw problem("a text of several lines", "write the value on one line")
        }
    }

    private static func value(
        at pointer: JSONPointer, _ field: ImageField, in root: YAMLNode?, _ bytes: [UInt8], _ path: RepositoryPath
    ) throws(PlanningError) -> Value {
        let place = pointer.description.displayable
        guard let node = root?.descendant(pointer.steps[...]), let text = node.scalar?.text else {
            throw PlanningError(
                "there is no value at \(place)", in: path, hint: "correct `values` of the application's file")
        }
        let position = SourcePosition(of: node.range.lowerBound, in: bytes)
        // In JSON what has no quotes could not become a text.
        if path.description.hasSuffix(".json"), bytes[node.range.lowerBound] != UInt8(ascii: "\"") {
            throw PlanningError("the value at \(place) is no text", in: path, at: position, hint: "write it in quotes")
        }
        return Value(field: field, range: node.range, text: node.isNull ? "" : text, line: position.line)
    }

    // MARK: Writing

    /// The file with every marked value as `images` want it: no other byte changes.
    ///
    /// - Throws: `PlanningError` for a value that is not what it is marked as, or cannot be changed by itself.
    func edited(_ images: [ImageName: ReleaseImage]) throws(PlanningError) -> [UInt8] {
        let texts = try texts(images)
        guard !texts.isEmpty else { return bytes }
        guard let yaml else {
            return bytes.applying(texts.map { ByteSplice($0.key, with: $0.value) }) ?? bytes
        }
        let editor = YAMLEditor(yaml)
        let splices = yaml.documents.flatMap(Self.scalars).compactMap { node in
            texts[node.range].map { editor.replaceScalar(node, with: $0) }
        }
        do {
            return try editor.apply(splices, intended: yaml.documents.map { Self.intended($0, texts) })
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// What marked values are to be, where that is something else than they are.
    private func texts(_ images: [ImageName: ReleaseImage]) throws(PlanningError) -> [Range<Int>: String] {
        var texts: [Range<Int>: String] = [:]
        var fields: [Range<Int>: ImageField] = [:]
        for value in values {
            let position = SourcePosition(line: value.line, column: 1)
            guard fields.updateValue(value.field, forKey: value.range) ?? value.field == value.field else {
                throw PlanningError(
                    "this value is marked as two things", in: path, at: position,
                    hint: "leave the marker, or correct `values` of the application's file")
            }
            guard let text = value.field.text(in: images) else {
                throw PlanningError(
                    "this value is the \(value.field.part == .version ? "version" : "tag") of \(value.field.image), and the release has none",
                    in: path, at: position,
                    hint: "register builds with their tags")
            }
            let old = MarkedText(value.text)
            if let problem = old.problem(as: value.field) {
                throw PlanningError(problem, in: path, at: position, hint: "correct the value, or its marker")
            }
            let new = old.replaced(by: text)
            if new != value.text { texts[value.range] = new }
        }
        return texts
    }

    private static func scalars(_ node: YAMLNode) -> [YAMLNode] {
        guard !node.isAlias else { return [] }
        return switch node.content {
        case .scalar: [node]
        case .sequence(let items): items.flatMap(scalars)
        case .mapping(let entries): entries.flatMap { scalars($0.value) }
        }
    }

    /// What a value is to mean, with the marked ones replaced, and nothing that is shared with them.
    private static func intended(_ node: YAMLNode, _ texts: [Range<Int>: String]) -> YAMLValue {
        if node.isAlias { return YAMLValue(node) }
        return switch node.content {
        case .scalar: texts[node.range].map(YAMLValue.string) ?? YAMLValue(node)
        case .sequence(let items): .sequence(items.map { intended($0, texts) })
        case .mapping(let entries):
            .mapping(entries.map { .init(key: YAMLValue($0.key), value: intended($0.value, texts)) })
        }
    }

    // MARK: Evidence

    /// Whether a value of the image pins it: a digest, or a whole reference.
    func pins(_ image: ImageName) -> Bool {
        values.contains { $0.field.image == image && $0.field.part.isPinning }
    }

    /// The marked values that pin an image, as they stand.
    var occurrences: [ImageOccurrence] {
        values.compactMap { value in
            let digest: ImageDigest?
            var version: ChartVersion?
            let text = MarkedText(value.text).value
            switch value.field.part {
            case .name, .tag: return nil
            case .digest: digest = ImageDigest(text)
            case .whole: digest = ImageReference(text)?.digest
            case .pinnedTag: digest = text.split(separator: "@").last.flatMap { ImageDigest(String($0)) }
            case .version: (digest, version) = (nil, ChartVersion(text))
            }
            return ImageOccurrence(
                object: "\(path):\(value.line)", container: "(marked)", image: value.field.image,
                hold: digest.map { .digest($0.text) } ?? version.map { .version($0) } ?? .nothing,
                text: value.text, evidence: .marked)
        }
    }
}
