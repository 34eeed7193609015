/// The type that a scalar has for Kubernetes' readers.
public enum ScalarKind: Hashable, Sendable {
    case string
    case null
    case bool
    case int
    case float
    case timestamp
}

extension YAMLScalar {
    /// The scalar's type: a string unless it is plain and matches one of YAML's core patterns, or a tag says otherwise.
    ///
    /// Source: YAML 1.2.2 §10.3.2 (core schema), and the YAML 1.1 forms that Go's yaml keeps reading: `0o`, `0b` and octal
    /// with a leading zero, signs, underscores, dates.
    public func kind(tag: String? = nil) -> ScalarKind {
        switch tag {
        case nil: break
        case "tag:yaml.org,2002:str", "!": return .string
        case "tag:yaml.org,2002:int": return .int
        case "tag:yaml.org,2002:float": return .float
        case "tag:yaml.org,2002:bool": return .bool
        case "tag:yaml.org,2002:null": return .null
        case "tag:yaml.org,2002:timestamp": return .timestamp
        default: return .string
        }
        guard style == .plain else { return .string }
        return ScalarKind(plain: text)
    }
}

extension ScalarKind {
    /// The type of the plain (unquoted) scalar `text`.
    public init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "false", "False", "FALSE": self = .bool
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
            self = .float
        default:
            let bytes = Array(text.utf8)
            guard let first = bytes.first,
                first.isDigit || first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
                    || first == UInt8(ascii: ".")
            else {
                self = .string
                return
            }
            if Self.isDate(bytes) {
                self = .timestamp
            } else {
                self = Self.number(bytes) ?? .string
            }
        }
    }

    /// Whether a YAML 1.1 reader takes the plain scalar `text` for something else than a string, though YAML 1.2 does not:
    /// `yes`, `on`, `y` and base-60 numbers.
    static func isAmbiguousInYAML11(_ text: String) -> Bool {
        switch text.lowercased() {
        case "y", "n", "yes", "no", "on", "off", "<<", "=": return true
        default:
            // 1:30 is ninety in base 60.
            return text.utf8.contains(UInt8(ascii: ":"))
                && text.utf8.allSatisfy {
                    $0.isDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
                }
        }
    }

    private static func number(_ raw: [UInt8]) -> ScalarKind? {
        let bytes = raw.filter { $0 != UInt8(ascii: "_") }
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        if rest.first == UInt8(ascii: "0"), rest.count > 2 {
            let digits = rest.dropFirst(2)
            switch rest[rest.startIndex + 1] {
            case UInt8(ascii: "x"): return digits.allSatisfy(\.isHex) ? .int : nil
            case UInt8(ascii: "o"): return digits.allSatisfy { (0x30...0x37).contains($0) } ? .int : nil
            case UInt8(ascii: "b"): return digits.allSatisfy { $0 == 0x30 || $0 == 0x31 } ? .int : nil
            default: break
            }
        }
        if rest.allSatisfy(\.isDigit) { return .int }
        return isDecimalFloat(rest) ? .float : nil
    }

    /// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?` with at least one digit before the exponent.
    private static func isDecimalFloat(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        var digits = 0
        func skipDigits() {
            while index < bytes.endIndex, bytes[index].isDigit {
                index += 1
                digits += 1
            }
        }
        skipDigits()
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: ".") {
            index += 1
            skipDigits()
        }
        guard digits > 0 else { return false }
        if index < bytes.endIndex, bytes[index] == UInt8(ascii: "e") || bytes[index] == UInt8(ascii: "E") {
            index += 1
            if index < bytes.endIndex, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
            let before = digits
            skipDigits()
            guard digits > before else { return false }
        }
        return index == bytes.endIndex
    }

    /// `YYYY-MM-DD`, alone or followed by a time of day: what Go's yaml decodes as a time.
    private static func isDate(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 8, bytes[0].isDigit, bytes[1].isDigit, bytes[2].isDigit, bytes[3].isDigit,
            bytes[4] == UInt8(ascii: "-")
        else { return false }
        let parts = bytes.split(separator: UInt8(ascii: "-"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, (1...2).contains(parts[1].count), parts[1].allSatisfy(\.isDigit) else { return false }
        let day = parts[2].prefix { $0.isDigit }
        guard (1...2).contains(day.count) else { return false }
        let rest = parts[2].dropFirst(day.count)
        guard let separator = rest.first else { return bytes.count == 10 }
        return (separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t") || separator == UInt8(ascii: " "))
            && rest.dropFirst().first.map(\.isDigit) == true
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isHex: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }
}
