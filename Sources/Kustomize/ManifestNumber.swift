/// A number as Kubernetes' readers take it, and as they print it again.
///
/// Source: behaviour of `kustomize build`, whose numbers go through Go's JSON: `1.0` → `1`, `010` → `8`, `1e-7` → `1e-07`,
/// integers beyond 64 bits as floats.
struct ManifestNumber {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    var printed: String {
        let plain = text.filter { $0 != "_" }
        if let integer = Self.integer(plain) { return integer }
        guard let value = Double(plain) else { return plain }
        return Self.format(value)
    }

    /// As Go's `%v` writes a 64-bit float: the shortest digits, with an exponent below 1e-4 and from 1e6 on.
    var printedAsGoValue: String {
        guard let value = Double(text.filter { $0 != "_" }) else { return text }
        let (digits, exponent) = Self.shortestDigits(of: abs(value))
        let sign = value < 0 ? "-" : ""
        return sign + (exponent >= -4 && exponent < 6 ? Self.positional(digits, exponent) : Self.scientific(digits, exponent))
    }

    /// As Go's JSON has it: without an exponent from 1e-6 to below 1e21.
    var printedAsJSON: String {
        let printed = printed
        guard let value = Double(printed), printed.contains(where: { ".e".contains($0) }) else { return printed }
        let (digits, exponent) = Self.shortestDigits(of: abs(value))
        let sign = value < 0 ? "-" : ""
        guard exponent < -6 || exponent >= 21 else { return sign + Self.positional(digits, exponent) }
        let text = Self.scientific(digits, exponent)
        return sign + (text.contains("e-0") ? text.replacing("e-0", with: "e-") : text)
    }

    /// As a 64-bit float: what is left of a number that went through JSON.
    var printedAsFloat: String {
        guard let value = Double(printed) else { return printed }
        let (digits, exponent) = Self.shortestDigits(of: abs(value))
        guard value.rounded() == value, exponent < 21 else { return Self.format(value) }
        return (value < 0 ? "-" : "") + Self.positional(digits, exponent)
    }

    /// The decimal form of an integer that fits 64 bits, signed or unsigned.
    private static func integer(_ text: String) -> String? {
        var digits = Substring(text)
        var negative = false
        if digits.hasPrefix("-") || digits.hasPrefix("+") {
            negative = digits.hasPrefix("-")
            digits = digits.dropFirst()
        }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        where digits.hasPrefix(prefix) {
            radix = base
            digits = digits.dropFirst(2)
        }
        if radix == 10, digits.count > 1, digits.hasPrefix("0"), digits.allSatisfy({ ("0"..."7").contains($0) }) { radix = 8 }
        guard !digits.isEmpty, digits.allSatisfy(\.isHexDigit), let value = UInt64(digits, radix: radix) else { return nil }
        if !negative { return String(value) }
        return value <= UInt64(Int64.max) + 1 ? (value == 0 ? "0" : "-\(value)") : nil
    }

    /// Whole numbers that fit 64 bits in full; others in the shortest digits that read back the same, with an exponent
    /// below 1e-4 and from 1e6 on.
    private static func format(_ value: Double) -> String {
        if let whole = UInt64(exactly: value) { return String(whole) }
        if let whole = Int64(exactly: value), whole > Int64.min { return String(whole) }
        let (digits, exponent) = shortestDigits(of: abs(value))
        let sign = value < 0 ? "-" : ""
        return sign + (exponent >= -4 && exponent < 6 ? positional(digits, exponent) : scientific(digits, exponent))
    }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
        let magnitude = abs(exponent)
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
    }

    private static func positional(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 { return digits + String(repeating: "0", count: exponent + 1 - digits.count) }
        return "\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    /// The shortest decimal digits of `value` without zeros at either end, and the power of ten of the first one.
    private static func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
        let text = "\(value)"
        let parts = text.split(separator: "e")
        var exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = String(mantissa[0]) + (mantissa.count > 1 ? String(mantissa[1]) : "")
        exponent += mantissa[0].count - 1
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }
}
