import CLibYAML
import YAMLEditing

/// Prints manifests as `kustomize build` does: keys in natural order, lists not indented under their key, text folded at
/// eighty columns, quotes where a reader would take a string for something else.
public struct ManifestPrinter {
    public init() {}

    /// One YAML stream of all `nodes`, separated by `---`.
    public func print(_ nodes: some Sequence<ManifestNode>) -> [UInt8] {
        var output: [UInt8] = []
        for node in nodes {
            if !output.isEmpty { output += Array("---\n".utf8) }
            let emitter = YAMLEmitter()
            emitter.emit(node)
            output += emitter.finish()
        }
        return output
    }
}

/// libyaml's emitter, fed with one document.
private final class YAMLEmitter {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    fileprivate var output: [UInt8] = []

    init() {
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        // Fails only for want of memory, and then nothing else works either.
        precondition(yaml_emitter_initialize(emitter) == 1, "no memory for a YAML emitter")
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_output(
            emitter,
            { context, buffer, size in
                guard let context, let buffer else { return 0 }
                Unmanaged<YAMLEmitter>.fromOpaque(context).takeUnretainedValue().output
                    .append(contentsOf: UnsafeBufferPointer(start: buffer, count: size))
                return 1
            }, Unmanaged.passUnretained(self).toOpaque())
        var event = yaml_event_t()
        yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)
        send(&event)
        yaml_document_start_event_initialize(&event, nil, nil, nil, 1)
        send(&event)
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deinitialize(count: 1)
        emitter.deallocate()
    }

    func finish() -> [UInt8] {
        var event = yaml_event_t()
        yaml_document_end_event_initialize(&event, 1)
        send(&event)
        yaml_stream_end_event_initialize(&event)
        send(&event)
        // libyaml ends a document so whose last text keeps its empty lines; Kustomize does not.
        let end = Array("...\n".utf8)
        if output.suffix(end.count + 1) == [UInt8(ascii: "\n")] + end { output.removeLast(end.count) }
        return output
    }

    func emit(_ node: ManifestNode) {
        var event = yaml_event_t()
        switch node {
        case .scalar(let scalar): emit(scalar)
        case .list(let items):
            yaml_sequence_start_event_initialize(
                &event, nil, nil, 1, items.isEmpty ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)
            send(&event)
            for item in items { emit(item) }
            yaml_sequence_end_event_initialize(&event)
            send(&event)
        case .map(let map):
            yaml_mapping_start_event_initialize(
                &event, nil, nil, 1, map.isEmpty ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
            send(&event)
            for entry in map.sortedEntries {
                emit(ManifestScalar(text: entry.key, kind: .string))
                emit(entry.value)
            }
            yaml_mapping_end_event_initialize(&event)
            send(&event)
        }
    }

    private func emit(_ scalar: ManifestScalar) {
        switch scalar.kind {
        case .string: emitString(scalar.text)
        case .null: emit("null", YAML_PLAIN_SCALAR_STYLE)
        case .bool: emit(scalar.text.lowercased(), YAML_PLAIN_SCALAR_STYLE)
        case .int, .float: emit(ManifestNumber(scalar.text).printed, YAML_PLAIN_SCALAR_STYLE)
        case .timestamp: emit(scalar.text, YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        }
    }

    private func emitString(_ text: String) {
        if text.utf8.contains(UInt8(ascii: "\n")) {
            emit(text, YAML_LITERAL_SCALAR_STYLE)
        } else if ScalarKind(plain: text) != .string || ScalarKind.isQuotedByGo(text) {
            emit(text, YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        } else {
            emit(text, YAML_PLAIN_SCALAR_STYLE)
        }
    }

    private func emit(_ text: String, _ style: yaml_scalar_style_t) {
        var event = yaml_event_t()
        var text = text
        text.withUTF8 { buffer in
            // libyaml copies the text; it only lacks the const.
            let base = UnsafeMutablePointer(mutating: buffer.baseAddress)
            _ = yaml_scalar_event_initialize(&event, nil, nil, base, Int32(buffer.count), 1, 1, style)
        }
        send(&event)
    }

    private func send(_ event: inout yaml_event_t) {
        // The sequence of events is ours and always balanced, and the output grows in memory.
        precondition(yaml_emitter_emit(emitter, &event) == 1, "libyaml refused an event of a balanced document")
    }
}

extension ManifestMap {
    /// In the order in which keys are printed, which they mostly have already.
    fileprivate var sortedEntries: [Entry] {
        let isSorted = zip(entries, entries.dropFirst()).allSatisfy { !NaturalOrder.precedes($1.key, $0.key) }
        return isSorted ? entries : entries.sorted { NaturalOrder.precedes($0.key, $1.key) }
    }
}

extension ScalarKind {
    /// Strings that YAML 1.1 reads as something else, and that Go's yaml therefore quotes: old booleans and base-60 numbers.
    static func isQuotedByGo(_ text: String) -> Bool {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
            true
        default: isBase60(text)
        }
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
    private static func isBase60(_ text: String) -> Bool {
        var rest = Substring(text)
        guard rest.utf8.contains(UInt8(ascii: ":")) else { return false }
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest = rest.dropFirst() }
        if let dot = rest.firstIndex(of: ".") {
            guard rest[rest.index(after: dot)...].allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "_") }) else { return false }
            rest = rest[..<dot]
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first, first.first.map({ $0.isASCII && $0.isNumber }) == true,
            first.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "_") })
        else { return false }
        return parts.count > 1
            && parts.dropFirst().allSatisfy { part in
                guard (1...2).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isNumber }) else { return false }
                return part.utf8.count == 1 || part.utf8.first.map { $0 <= UInt8(ascii: "5") } == true
            }
    }
}

/// Texts in folded style, as Kustomize prints them.
enum FoldedText {
    /// What Kustomize v5.5 makes of a folded text: it writes such texts folded once and reads them again before it prints, and
    /// writes one line break too many where a line that is indented deeper follows one that is not.
    static func printed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let (newline, space, tab) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"))
        // Texts with spaces before a line break or at the end are written in quotes, and stay as they are.
        guard bytes.contains(newline), bytes.last != space,
            !zip(bytes, bytes.dropFirst()).contains(where: { $0 == space && $1 == newline }),
            let first = bytes.first(where: { $0 != newline }), first != space, first != tab
        else { return text }
        var result: [UInt8] = []
        var isIndented = true
        var isLineStart = true
        for (index, byte) in bytes.enumerated() {
            if byte == newline {
                if !isLineStart, !isIndented {
                    let next = bytes[index...].first { $0 != newline }
                    let endsInEmptyLines = next == nil && index < bytes.count - 1
                    if next == space || next == tab || endsInEmptyLines { result.append(newline) }
                }
                isLineStart = true
            } else {
                if isLineStart { isIndented = byte == space || byte == tab }
                isLineStart = false
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
