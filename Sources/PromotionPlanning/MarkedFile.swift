import GitOpsTypes
import PromotionGates
import PromotionModel
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
    /// - Parameter pointers: to values without a marker.
    /// - Throws: `PlanningError` for a marker or a pointer to nothing.
    init?(
        _ bytes: [UInt8], path: RepositoryPath, of application: Application, pointers: [JSONPointer: ImageField] = [:]
    ) throws(PlanningError) {
        self.path = path
        self.bytes = bytes
        let markers = Self.markers(bytes, application)
        guard !markers.isEmpty || !pointers.isEmpty else { return nil }
        // JSON is YAML, too; where a place in it is pointed to, it has to be.
        let isYAML = !pointers.isEmpty || [".yaml", ".yml"].contains { path.description.hasSuffix($0) }
        do {
            yaml = isYAML ? try YAMLFile(bytes) : nil
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
        let scalars = yaml.map { $0.documents.flatMap(Self.scalars) }
        let marked = try markers.map { field, place, line throws(PlanningError) in
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
            return Value(field: field, range: range, text: text, line: line)
        }
        let root = yaml?.documents.count == 1 ? yaml?.documents.first : nil
        values =
            try marked
            + pointers.sorted { $0.key.description < $1.key.description }.map { pointer, field throws(PlanningError) in
                try Self.value(at: pointer, field, in: root, bytes, path)
            }
    }

    private static func value(
        at pointer: JSONPointer, _ field: ImageField, in root: YAMLNode?, _ bytes: [UInt8], _ path: RepositoryPath
    ) throws(PlanningError) -> Value {
        let place = pointer.description.displayable
        guard let node = root.flatMap({ node(pointer.steps[...], in: $0) }), let text = node.scalar?.text else {
            throw PlanningError(
                "there is no value at \(place)", in: path, hint: "correct `values` of the application's file")
        }
        let position = SourcePosition(of: node.range.lowerBound, in: bytes)
        // In JSON what has no quotes could not become a text.
        if path.description.hasSuffix(".json"), bytes[node.range.lowerBound] != UInt8(ascii: "\"") {
            throw PlanningError("the value at \(place) is no text", in: path, at: position, hint: "write it in quotes")
        }
        return Value(field: field, range: node.range, text: text, line: position.line)
    }

    private static func node(_ steps: ArraySlice<String>, in node: YAMLNode) -> YAMLNode? {
        guard !node.isAlias else { return nil }
        guard let step = steps.first else { return node }
        let next: YAMLNode? =
            switch node.content {
            case .scalar: nil
            case .sequence(let items): items.indices.first { String($0) == step }.map { items[$0] }
            case .mapping(let entries): entries.first { $0.key.scalar?.text == step }?.value
            }
        return next.flatMap { self.node(steps.dropFirst(), in: $0) }
    }

    /// Markers, with the bytes of their lines in front of them.
    private static func markers(_ bytes: [UInt8], _ application: Application) -> [(ImageField, Range<Int>, line: Int)] {
        var result: [(ImageField, Range<Int>, line: Int)] = []
        var start = 0
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            defer { start += line.count + 1 }
            let text = String(decoding: line, as: UTF8.self)
            guard SetterMarker.tokens.contains(where: text.contains), let brace = line.lastIndex(of: UInt8(ascii: "{")),
                let sign = line[..<brace].lastIndex(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "/") }),
                line[(sign + 1)..<brace].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }),
                let end = line.lastIndex(of: UInt8(ascii: "}")), brace < end,
                line[(end + 1)...].allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }),
                let field = SetterMarker.field(String(decoding: line[brace...end], as: UTF8.self), of: application)
            else { continue }
            result.append((field, line.startIndex..<sign, index + 1))
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
        var fields: [Range<Int>: ImageField] = [:]
        for value in values {
            guard fields.updateValue(value.field, forKey: value.range) ?? value.field == value.field else {
                throw PlanningError(
                    "this value is marked as two things", in: path, at: SourcePosition(line: value.line, column: 1),
                    hint: "leave the marker, or correct `values` of the application's file")
            }
            guard let text = value.field.text(in: images) else {
                throw PlanningError(
                    "this value is the tag of \(value.field.image), and the release has none", in: path,
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
            switch value.field.part {
            case .name, .tag: return nil
            case .digest: digest = ImageDigest(value.text)?.text
            case .whole: digest = ImageReference(value.text)?.digest?.text
            }
            return ImageOccurrence(
                object: "\(path):\(value.line)", container: "(marked)", image: value.field.image, digest: digest,
                text: value.text)
        }
    }
}
