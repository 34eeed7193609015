import YAMLEditing

/// JSON as Go's encoder writes it: keys sorted by bytes, `<`, `>` and `&` escaped.
struct GoJSON {
    private var output: [UInt8] = []
    /// Nil for JSON on one line.
    private var indentation: Int?

    static func encode(_ node: ManifestNode) -> [UInt8] {
        var encoder = GoJSON()
        encoder.write(node)
        return encoder.output
    }

    /// With a line for each value, and two spaces for each level.
    static func encodeIndented(_ node: ManifestNode) -> [UInt8] {
        var encoder = GoJSON(indentation: 0)
        encoder.write(node)
        return encoder.output
    }

    private mutating func write(_ node: ManifestNode) {
        switch node {
        case .map(let map):
            let entries = map.entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            write(entries, "{", "}") { encoder, entry in
                encoder.write(entry.key)
                encoder.write(ascii: encoder.indentation == nil ? ":" : ": ")
                encoder.write(entry.value)
            }
        case .list(let items): write(items, "[", "]") { $0.write($1) }
        case .scalar(let scalar):
            switch scalar.kind {
            case .string, .timestamp: write(scalar.text)
            case .null: write(ascii: "null")
            case .bool: write(ascii: scalar.text.lowercased())
            case .int, .float: write(ascii: ManifestNumber(scalar.text).printedAsJSON)
            }
        }
    }

    private mutating func write<Item>(
        _ items: [Item], _ open: String, _ close: String, _ body: (inout GoJSON, Item) -> Void
    ) {
        write(ascii: open)
        let outer = indentation
        indentation = outer.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { write(ascii: ",") }
            breakLine()
            body(&self, item)
        }
        indentation = outer
        if !items.isEmpty { breakLine() }
        write(ascii: close)
    }

    private mutating func breakLine() {
        guard let indentation else { return }
        output.append(UInt8(ascii: "\n"))
        output += Array(repeating: UInt8(ascii: " "), count: indentation)
    }

    private mutating func write(ascii text: String) { output += Array(text.utf8) }

    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += Array("\\\"".utf8)
            case "\\": output += Array("\\\\".utf8)
            case "\n": output += Array("\\n".utf8)
            case "\r": output += Array("\\r".utf8)
            case "\t": output += Array("\\t".utf8)
            case "\u{8}": output += Array("\\b".utf8)
            case "\u{C}": output += Array("\\f".utf8)
            default:
                if scalar.value < 0x20 || scalar == "<" || scalar == ">" || scalar == "&" || scalar.value == 0x2028
                    || scalar.value == 0x2029
                {
                    let digits = String(scalar.value, radix: 16)
                    output += Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.count).utf8) + Array(digits.utf8)
                } else {
                    output += Array(String(scalar).utf8)
                }
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
