extension YAMLScalar {
    /// How `text` is written as a string in the style of the scalar it replaces.
    ///
    /// Quotes stay as they were. A plain or block scalar becomes plain where every reader then reads a string, and is double
    /// quoted where one would read something else (`1.20`, `yes`, `1e3`).
    ///
    /// - Parameter context: where it stands; braces within a plain scalar are text in a block alone.
    public static func written(_ text: String, like style: Style, in context: Context = .any) -> String {
        switch style {
        case .singleQuoted where isPrintableLine(text):
            "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
        case .plain, .literal, .folded: isSafePlain(text, in: context) ? text : doubleQuoted(text)
        case .singleQuoted, .doubleQuoted: doubleQuoted(text)
        }
    }

    /// Where a scalar stands.
    public enum Context: Sendable {
        /// In brackets or braces, or anywhere else.
        case any
        /// Behind a key or a dash, with nothing else on its line.
        case block
    }

    /// Whether `text` written plain is read as exactly this string by YAML 1.1 and 1.2 readers.
    static func isSafePlain(_ text: String, in context: Context = .any) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        guard ScalarKind(plain: text) == .string, !ScalarKind.isAmbiguousInYAML11(text) else { return false }
        guard first.isLetterOrDigit || first == UInt8(ascii: "/") || first == UInt8(ascii: "_") || first == UInt8(ascii: "."),
            last != UInt8(ascii: ":")
        else { return false }
        return text.utf8.allSatisfy { byte in
            byte.isLetterOrDigit || "/_.-+@:=".utf8.contains(byte) || context == .block && "{}".utf8.contains(byte)
        }
    }

    private static func isPrintableLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && !(0x80..<0xA0).contains($0.value)
                && $0.value != 0x2028 && $0.value != 0x2029 && $0.value != 0xFEFF
        }
    }

    static func doubleQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                    || scalar.value == 0x2029 || scalar.value == 0xFEFF
                {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        isDigit || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
