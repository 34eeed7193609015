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

extension YAMLEmitter {
    func emit(_ node: ManifestNode) {
        switch node {
        case .scalar(let scalar): emit(scalar)
        case .list(let items): list(items.isEmpty ? .flow : .block) { for item in items { emit(item) } }
        case .map(let map):
            self.map(map.isEmpty ? .flow : .block) {
                for entry in map.sortedEntries {
                    emitString(entry.key)
                    emit(entry.value)
                }
            }
        }
    }

    private func emit(_ value: ManifestScalar) {
        switch value.kind {
        case .string: emitString(value.text)
        case .null: scalar("null", YAML_PLAIN_SCALAR_STYLE)
        case .bool: scalar(value.text.lowercased(), YAML_PLAIN_SCALAR_STYLE)
        case .int, .float: scalar(ManifestNumber(value.text).printed, YAML_PLAIN_SCALAR_STYLE)
        case .timestamp: scalar(value.text, YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        }
    }

    private func emitString(_ text: String) {
        if text.utf8.contains(UInt8(ascii: "\n")) {
            scalar(text, YAML_LITERAL_SCALAR_STYLE)
        } else if ScalarKind(plain: text) != .string || ScalarKind.isQuotedByGo(text) {
            scalar(text, YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        } else {
            scalar(text, YAML_PLAIN_SCALAR_STYLE)
        }
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
