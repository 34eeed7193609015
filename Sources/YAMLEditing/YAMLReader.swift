import CLibYAML

/// A YAML text and the documents in it, each value with the bytes it stands on.
///
/// Values are read as one pass over libyaml's events. What a reader must not accept from outside is refused here: invalid
/// UTF-8, duplicate keys, nesting and alias expansion without end.
public struct YAMLFile: Sendable {
    /// Bounds on what is read. Kubernetes objects are at most 1.5 MB, and no real one nests deeper than forty levels.
    public struct Limits: Sendable {
        public var bytes = 64 << 20
        public var depth = 200
        /// Values after aliases are expanded.
        public var nodes = 4_000_000
        /// Values that aliases may add; what an alias bomb spends.
        public var aliasedNodes = 100_000

        public init() {}
    }

    /// What a key means that a mapping has already.
    public enum RepeatedKeys: Sendable {
        case areRefused
        /// The last one counts, as to readers of YAML that do not look for them.
        case replace
        /// All are kept: what becomes of them is the caller's affair.
        case areKept
    }

    public let bytes: [UInt8]
    /// One per document that has a value; a document of nothing but comments is left out.
    public let documents: [YAMLNode]
    private let positions = LazyPositionIndex()

    /// - Throws: `YAMLError`.
    public init(
        _ bytes: [UInt8], limits: Limits = Limits(), repeatedKeys: RepeatedKeys = .areRefused
    ) throws(YAMLError) {
        self.bytes = bytes
        var reader = try YAMLReader(bytes, limits: limits, repeatedKeys)
        documents = try reader.documents()
    }

    /// Where `node` begins, for messages.
    public func position(of node: YAMLNode) -> SourcePosition {
        positions.position(of: node.range.lowerBound, in: bytes)
    }
}

/// Composes libyaml's events into nodes.
private struct YAMLReader: ~Copyable {
    /// On the heap because libyaml keeps pointers into the structure.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let bytes: [UInt8]
    private let limits: YAMLFile.Limits
    private let repeatedKeys: YAMLFile.RepeatedKeys
    private var cursor: CharacterCursor
    private var anchors: [String: Anchored] = [:]
    private var nodeCount = 0
    private var aliasedCount = 0

    private struct Anchored {
        let node: YAMLNode
        let size: Int
    }

    init(_ bytes: [UInt8], limits: YAMLFile.Limits, _ repeatedKeys: YAMLFile.RepeatedKeys) throws(YAMLError) {
        self.repeatedKeys = repeatedKeys
        guard bytes.count <= limits.bytes else {
            throw YAMLError(.limit, "the file has \(bytes.count) bytes; at most \(limits.bytes) are read")
        }
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        if !isASCII, let bad = Self.firstInvalidUTF8(in: bytes) {
            throw YAMLError(.encoding, "the file is not UTF-8", at: SourcePosition(of: bad, in: bytes))
        }
        let skipped = bytes.starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0
        self.bytes = bytes
        self.limits = limits
        cursor = CharacterCursor(isASCII: isASCII, start: skipped)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        input = .allocate(capacity: max(1, bytes.count - skipped))
        _ = input.initialize(from: bytes[skipped...])
        // Fails only for want of memory, and then nothing else works either.
        precondition(yaml_parser_initialize(parser) == 1, "no memory for a YAML parser")
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count - skipped)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
        input.deallocate()
    }

    mutating func documents() throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd: return documents
            case .documentStart: anchors.removeAll(keepingCapacity: true)
            case .streamStart, .documentEnd: continue
            default:
                let (node, _) = try compose(event, depth: 0)
                let isAbsent = node.range.isEmpty && node.tag == nil && node.anchor == nil
                if !(isAbsent && node.scalar != nil) { documents.append(node) }
            }
        }
    }

    /// The node that begins with `event`, and the number of values in it.
    private mutating func compose(_ event: Event, depth: Int) throws(YAMLError) -> (YAMLNode, Int) {
        guard depth <= limits.depth else {
            throw YAMLError(.limit, "values are nested deeper than \(limits.depth) levels", at: position(event.range.lowerBound))
        }
        nodeCount += 1
        guard nodeCount <= limits.nodes else {
            throw YAMLError(.limit, "the file has more than \(limits.nodes) values", at: position(event.range.lowerBound))
        }
        let result: (YAMLNode, Int)
        switch event.kind {
        case .alias(let name): return try expand(name, at: event.range)
        case .scalar(let scalar):
            let node = YAMLNode(
                content: .scalar(scalar), layout: .block, range: valueRange(of: event, scalar: scalar), tag: event.tag,
                anchor: event.anchor, isAlias: false)
            result = (node, 1)
        case .sequenceStart(let layout): result = try composeSequence(event, layout, depth: depth)
        case .mappingStart(let layout): result = try composeMapping(event, layout, depth: depth)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLError(.syntax, "a value is missing", at: position(event.range.lowerBound))
        }
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: result.0, size: result.1) }
        return result
    }

    private mutating func composeSequence(
        _ start: Event, _ layout: YAMLNode.Layout, depth: Int
    ) throws(YAMLError) -> (YAMLNode, Int) {
        var items: [YAMLNode] = []
        var size = 1
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind {
                let range = collectionStart(of: start)..<max(start.range.upperBound, event.range.upperBound)
                let node = YAMLNode(
                    content: .sequence(items), layout: layout, range: range, tag: start.tag, anchor: start.anchor,
                    isAlias: false)
                return (node, size)
            }
            let (item, itemSize) = try compose(event, depth: depth + 1)
            items.append(item)
            size += itemSize
        }
    }

    private mutating func composeMapping(
        _ start: Event, _ layout: YAMLNode.Layout, depth: Int
    ) throws(YAMLError) -> (YAMLNode, Int) {
        var entries: [YAMLEntry] = []
        var places: [ExactText: Int] = [:]
        var replaced: Set<Int> = []
        var size = 1
        while true {
            let event = try next()
            if case .mappingEnd = event.kind {
                let range = collectionStart(of: start)..<max(start.range.upperBound, event.range.upperBound)
                if !replaced.isEmpty { entries = entries.indices.filter { !replaced.contains($0) }.map { entries[$0] } }
                let node = YAMLNode(
                    content: .mapping(entries), layout: layout, range: range, tag: start.tag, anchor: start.anchor,
                    isAlias: false)
                return (node, size)
            }
            let (key, keySize) = try compose(event, depth: depth + 1)
            if repeatedKeys != .areKept, let text = key.scalar?.text,
                let place = places.updateValue(entries.count, forKey: ExactText(text))
            {
                guard repeatedKeys == .replace else {
                    throw YAMLError(
                        .duplicateKey, "the key “\(text.displayableKey)” is given twice", at: position(key.range.lowerBound))
                }
                replaced.insert(place)
            }
            let (value, valueSize) = try compose(try next(), depth: depth + 1)
            entries.append(YAMLEntry(key: key, value: value))
            size += keySize + valueSize
        }
    }

    private mutating func expand(_ name: String, at range: Range<Int>) throws(YAMLError) -> (YAMLNode, Int) {
        guard let anchored = anchors[name] else {
            throw YAMLError(.syntax, "the alias *\(name) has no anchor before it", at: position(range.lowerBound))
        }
        aliasedCount += anchored.size
        guard aliasedCount <= limits.aliasedNodes else {
            throw YAMLError(
                .limit, "aliases expand to more than \(limits.aliasedNodes) values", at: position(range.lowerBound))
        }
        let node = YAMLNode(
            content: anchored.node.content, layout: anchored.node.layout, range: range, tag: anchored.node.tag, anchor: nil,
            isAlias: true)
        return (node, anchored.size)
    }

    private func position(_ offset: Int) -> SourcePosition {
        SourcePosition(of: offset, in: bytes)
    }

    // MARK: Ranges

    /// The bytes of the scalar itself: libyaml's marks begin at an anchor or tag, and end a block scalar at the next key.
    private func valueRange(of event: Event, scalar: YAMLScalar) -> Range<Int> {
        var start = skippingProperties(from: event.range.lowerBound, to: event.range.upperBound, event)
        var end = event.range.upperBound
        if scalar.style == .literal || scalar.style == .folded {
            while end > start,
                bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r")
                    || bytes[end - 1] == UInt8(ascii: " ")
            {
                end -= 1
            }
        }
        if scalar.style == .plain, scalar.text.isEmpty { start = end }
        return start..<end
    }

    private func collectionStart(of event: Event) -> Int {
        skippingProperties(from: event.range.lowerBound, to: bytes.count, event)
    }

    private func skippingProperties(from start: Int, to end: Int, _ event: Event) -> Int {
        // What follows may be a key with properties of its own.
        var properties: [UInt8] = []
        if event.tag != nil { properties.append(UInt8(ascii: "!")) }
        if event.anchor != nil { properties.append(UInt8(ascii: "&")) }
        var index = start
        while index < end, let next = properties.firstIndex(of: bytes[index]) {
            properties.remove(at: next)
            while index < end, whitespace(at: index) == 0 { index += 1 }
            while index < end, case let length = whitespace(at: index), length > 0 { index += length }
        }
        return index
    }

    /// How many bytes of white space begin here: of a blank, or of one of the line breaks of YAML 1.1.
    private func whitespace(at index: Int) -> Int {
        if bytes[index].isWhitespace { return 1 }
        if bytes[index...].starts(with: [0xC2, 0x85]) { return 2 }
        return bytes[index...].starts(with: [0xE2, 0x80, 0xA8]) || bytes[index...].starts(with: [0xE2, 0x80, 0xA9]) ? 3 : 0
    }

    // MARK: Events

    private struct Event {
        enum Kind {
            case streamStart
            case streamEnd
            case documentStart
            case documentEnd
            case alias(String)
            case scalar(YAMLScalar)
            case sequenceStart(YAMLNode.Layout)
            case sequenceEnd
            case mappingStart(YAMLNode.Layout)
            case mappingEnd
        }

        let kind: Kind
        let range: Range<Int>
        var tag: String?
        var anchor: String?
    }

    private mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let start = cursor.byte(ofCharacter: event.start_mark.index, in: bytes)
        let end = cursor.byte(ofCharacter: event.end_mark.index, in: bytes)
        let range = start..<max(start, end)
        switch event.type {
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, range: range)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, range: range)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, range: range)
        case YAML_ALIAS_EVENT: return Event(kind: .alias(text(event.data.alias.anchor) ?? ""), range: range)
        case YAML_SCALAR_EVENT:
            let data = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
            return Event(
                kind: .scalar(YAMLScalar(text: text, style: YAMLScalar.Style(data.style))), range: range,
                tag: self.text(data.tag), anchor: self.text(data.anchor))
        case YAML_SEQUENCE_START_EVENT:
            let data = event.data.sequence_start
            return Event(
                kind: .sequenceStart(data.style == YAML_FLOW_SEQUENCE_STYLE ? .flow : .block), range: range,
                tag: text(data.tag), anchor: text(data.anchor))
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, range: range)
        case YAML_MAPPING_START_EVENT:
            let data = event.data.mapping_start
            return Event(
                kind: .mappingStart(data.style == YAML_FLOW_MAPPING_STYLE ? .flow : .block), range: range,
                tag: text(data.tag), anchor: text(data.anchor))
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, range: range)
        default: return Event(kind: .streamEnd, range: range)
        }
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private mutating func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is not valid YAML"
        let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
        // An error's mark can lie before the last event's end, so it gets a cursor of its own.
        var cursor = CharacterCursor(isASCII: cursor.isASCII, start: cursor.start)
        let offset =
            parser.pointee.error == YAML_READER_ERROR
            ? parser.pointee.problem_offset + cursor.start
            : cursor.byte(ofCharacter: parser.pointee.problem_mark.index, in: bytes)
        return YAMLError(.syntax, "\(problem)\(context)", at: position(min(offset, bytes.count)))
    }

    private static func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return offset
            }
        }
    }
}

/// Translates libyaml's marks, which count Unicode scalars, into bytes. Marks only grow, so one pass over the file does.
private struct CharacterCursor {
    let isASCII: Bool
    let start: Int
    private var character = 0
    private var byte: Int

    init(isASCII: Bool, start: Int) {
        self.isASCII = isASCII
        self.start = start
        byte = start
    }

    mutating func byte(ofCharacter index: Int, in bytes: [UInt8]) -> Int {
        if isASCII { return min(index + start, bytes.count) }
        if index < character {
            character = 0
            byte = start
        }
        while character < index, byte < bytes.count {
            let lead = bytes[byte]
            byte += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            character += 1
        }
        return min(byte, bytes.count)
    }
}

extension YAMLScalar.Style {
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: self = .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: self = .literal
        case YAML_FOLDED_SCALAR_STYLE: self = .folded
        default: self = .plain
        }
    }
}

extension UInt8 {
    var isWhitespace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r")
    }
}

extension String {
    fileprivate var displayableKey: String { String(unicodeScalars.prefix(60).map { $0.value < 0x20 ? " " : Character($0) }) }
}
