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
    /// with a leading zero, signs, underscores, dates; what 64 bits cannot hold is a string.
    public func kind(tag: String? = nil) -> ScalarKind {
        switch tag {
        case nil: break
        case "!": return style == .plain ? ScalarKind(plain: text) : .string
        case "tag:yaml.org,2002:str": return .string
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
            if bytes.count > 7, bytes[4] == UInt8(ascii: "-"), first.isDigit, YAMLTimestamp(text) != nil {
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

    /// Integers of 64 bits in any of Go's notations, and decimal floats that 64 bits can hold.
    private static func number(_ raw: [UInt8]) -> ScalarKind? {
        let bytes = raw.contains(UInt8(ascii: "_")) ? raw.filter { $0 != UInt8(ascii: "_") } : raw
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return nil }
        if rest.first == UInt8(ascii: "0"), rest.count > 2 {
            let radix: Int? =
                switch rest[rest.startIndex + 1] {
                case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
                case UInt8(ascii: "o"), UInt8(ascii: "O"): 8
                case UInt8(ascii: "b"), UInt8(ascii: "B"): 2
                default: nil
                }
            if let radix {
                let digits = rest.dropFirst(2)
                guard digits.allSatisfy(\.isHex), let value = UInt64(String(decoding: digits, as: UTF8.self), radix: radix) else {
                    return nil
                }
                return bytes.first != UInt8(ascii: "-") || value <= UInt64(Int64.max) ? .int : nil
            }
        }
        if rest.allSatisfy(\.isDigit) { return .int }
        guard isDecimalFloat(rest), let value = Double(String(decoding: rest, as: UTF8.self)), value.isFinite else { return nil }
        return .float
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
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isHex: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }
}
