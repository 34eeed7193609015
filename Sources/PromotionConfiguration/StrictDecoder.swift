import GitOpsTypes
import YAMLEditing

/// Reads values of one YAML file strictly: every error has the place, and what was meant.
struct StrictDecoder {
    let file: YAMLFile
    let path: RepositoryPath
    /// What `{application}` in names is read as; nil where that is no placeholder.
    var application: String?

    init(_ bytes: [UInt8], path: RepositoryPath) throws(ConfigurationError) {
        self.path = path
        do {
            file = try YAMLFile(bytes)
        } catch {
            throw ConfigurationError(error.message, in: path, at: error.position, hint: Self.hint(error.code))
        }
    }

    private static func hint(_ code: YAMLError.Code) -> String {
        switch code {
        case .syntax: "correct the YAML there: indentation, quotes and brackets"
        case .encoding: "save the file as UTF-8"
        case .duplicateKey: "keep one of the two"
        case .limit: "split the file, or write aliases out"
        case .notEditable: "write the value out"
        }
    }

    func error(_ message: String, _ node: YAMLNode, hint: String) -> ConfigurationError {
        ConfigurationError(message, in: path, at: file.position(of: node), hint: hint)
    }

    /// The entries of a mapping, all of whose keys must be known.
    func fields(_ node: YAMLNode, _ noun: String, _ known: [String]) throws(ConfigurationError) -> Fields {
        guard let entries = node.mapping else {
            throw error(
                "\(noun) must be a mapping, and is \(Self.noun(node))", node,
                hint: "known in it: \(known.joined(separator: ", "))")
        }
        var values: [String: YAMLNode] = [:]
        for entry in entries {
            let key = entry.key.scalar?.text ?? ""
            guard known.contains(key) else {
                let close = closestMatch(to: key, among: known)
                throw error(
                    "unknown key “\(key.displayable)” in \(noun)", entry.key,
                    hint: close.map { "did you mean “\($0)”?" } ?? "known here: \(known.joined(separator: ", "))")
            }
            // An empty value is a list whose lines were commented out, or a slip; taken for absent it would open a gate.
            guard !entry.value.isNull else {
                throw error("“\(key)” in \(noun) is empty", entry.key, hint: "give it a value, or remove the key")
            }
            values[key] = entry.value
        }
        return Fields(node: node, noun: noun, values: values)
    }

    struct Fields {
        let node: YAMLNode
        let noun: String
        let values: [String: YAMLNode]

        /// The value of `key`; nil where it is absent.
        subscript(key: String) -> YAMLNode? {
            values[key]
        }
    }

    func required(_ fields: Fields, _ key: String) throws(ConfigurationError) -> YAMLNode {
        guard let value = fields[key] else { throw error("\(fields.noun) has no \(key)", fields.node, hint: "add \(key)") }
        return value
    }

    func string(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> String {
        guard let scalar = node.scalar, scalar.kind(tag: node.tag) == .string else {
            throw error(
                "\(noun) must be a string, and is \(Self.noun(node))", node,
                hint: node.scalar.map { "write \"\($0.text.displayable)\"" } ?? "write one text")
        }
        return scalar.text
    }

    /// The same, with what is read for `{application}`.
    func name(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> String {
        let text = try string(node, noun)
        guard let application else { return text }
        return text.replacing("{application}", with: application)
    }

    func bool(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> Bool {
        guard let scalar = node.scalar, scalar.kind(tag: node.tag) == .bool else {
            throw error(
                "\(noun) must be true or false, and is \(Self.noun(node))", node, hint: "write true or false, without quotes")
        }
        return scalar.text.lowercased() == "true"
    }

    func integer(_ node: YAMLNode, _ noun: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let scalar = node.scalar, scalar.kind(tag: node.tag) == .int, let value = Int(scalar.text) else {
            throw error(
                "\(noun) must be a whole number, and is \(Self.noun(node))", node,
                hint: "write one from \(range.lowerBound) to \(range.upperBound), without quotes")
        }
        guard range.contains(value) else {
            throw error(
                "\(noun) must be from \(range.lowerBound) to \(range.upperBound), and is \(value)", node,
                hint: "write \(min(max(value, range.lowerBound), range.upperBound)), or another number of these")
        }
        return value
    }

    func list(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> [YAMLNode] {
        guard let items = node.sequence else {
            throw error(
                "\(noun) must be a list, and is \(Self.noun(node))", node,
                hint: "write it in brackets, [a, b], or one item a line with - in front")
        }
        return items
    }

    /// The entries of a mapping whose keys are names that the file gives.
    func pairs(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> [(key: YAMLNode, value: YAMLNode)] {
        guard let entries = node.mapping else {
            throw error("\(noun) must be a mapping, and is \(Self.noun(node))", node, hint: "write key: value, one a line")
        }
        return entries.map { (key: $0.key, value: $0.value) }
    }

    /// A value with a grammar of its own.
    func value<Value: ValidatedText>(_ node: YAMLNode, _ noun: String, _ type: Value.Type) throws(ConfigurationError) -> Value {
        let text = try name(node, noun)
        guard let value = Value(text) else {
            throw error("\(noun) “\(text.displayable)” is not \(Value.noun)", node, hint: "write \(Value.noun)")
        }
        return value
    }

    /// One of the raw values of an enumeration.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, _ noun: String, _ type: Value.Type
    ) throws(ConfigurationError) -> Value where Value.RawValue == String {
        let text = try string(node, noun)
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue)
            throw error(
                "\(noun) “\(text.displayable)” is none of \(known.joined(separator: ", "))", node,
                hint: closestMatch(to: text, among: known).map { "did you mean “\($0)”?" } ?? "write one of them")
        }
        return value
    }

    /// Seconds, from a duration such as `90s`, `30m`, `2h`, `1d` or several together, `1h30m`.
    func duration(_ node: YAMLNode, _ noun: String) throws(ConfigurationError) -> Int64 {
        let text = try string(node, noun)
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var total: Int64 = 0
        var number: Int64?
        for character in text {
            if let digit = character.wholeNumberValue, character.isASCII, (number ?? 0) < 1_000_000_000 {
                number = (number ?? 0) * 10 + Int64(digit)
            } else if let unit = units[character], let value = number, total < 1_000_000_000_000 {
                total += value * unit
                number = nil
            } else {
                total = -1
                break
            }
        }
        guard total >= 0, number == nil, !text.isEmpty else {
            throw error("\(noun) “\(text.displayable)” is not a duration", node, hint: "write 90s, 30m, 2h or 1d")
        }
        return total
    }

    private static func noun(_ node: YAMLNode) -> String {
        switch node.content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let scalar):
            switch scalar.kind(tag: node.tag) {
            case .string: "the string “\(scalar.text.displayable)”"
            case .null: "empty"
            case .bool: "the boolean \(scalar.text)"
            case .int, .float: "the number \(scalar.text)"
            case .timestamp: "the date \(scalar.text)"
            }
        }
    }
}
